import JSONModel
import NotaryVerification
import OCIModel
import Testing
import TrustModel

/// A document with one fault, and the rule it breaks.
struct PolicyCase: Sendable, CustomTestStringConvertible {
    let name: String
    let code: NotaryPolicyError.Code
    let field: String
    let document: String
    var testDescription: String { name }

    static func statement(
        name: String = #""name":"p""#,
        scopes: String = #""registryScopes":["*"]"#,
        verification: String = #""signatureVerification":{"level":"strict"}"#,
        stores: String = #""trustStores":["ca:acme"]"#,
        identities: String = #""trustedIdentities":["*"]"#,
        more: String = ""
    ) -> String {
        "{" + [name, scopes, verification, stores, identities, more].filter { !$0.isEmpty }.joined(separator: ",") + "}"
    }

    static func document(_ statements: String..., version: String = #""version":"1.0","#) -> String {
        "{\(version)\"trustPolicies\":[\(statements.joined(separator: ","))]}"
    }

    init(_ name: String, _ code: NotaryPolicyError.Code, _ field: String, _ document: String) {
        self.name = name
        self.code = code
        self.field = field
        self.document = document
    }

    init(_ name: String, _ code: NotaryPolicyError.Code, _ field: String, statement: String) {
        self.init(name, code, field, Self.document(statement))
    }
}

@Suite("Notation trust policy documents")
struct NotationConfigurationTests {
    private static let first = "trustPolicies[0]"

    static let documents: [PolicyCase] = [
        PolicyCase("nothing", .documentMalformed, "document", ""),
        PolicyCase("no object", .documentMalformed, "document", "[]"),
        PolicyCase(
            "a member twice",
            .documentMalformed,
            "document",
            #"{"version":"1.0","version":"1.0","trustPolicies":[]}"#
        ),
        PolicyCase(
            "no version",
            .versionUnsupported,
            "version",
            PolicyCase.document(PolicyCase.statement(), version: "")
        ),
        PolicyCase(
            "another version",
            .versionUnsupported,
            "version",
            PolicyCase.document(PolicyCase.statement(), version: #""version":"1.1","#)
        ),
        PolicyCase(
            "a version that is a number",
            .documentMalformed,
            "version",
            PolicyCase.document(PolicyCase.statement(), version: #""version":1.0,"#)
        ),
        PolicyCase("no statement", .statementsMissing, "trustPolicies", PolicyCase.document()),
        PolicyCase("no statements", .statementsMissing, "trustPolicies", #"{"version":"1.0"}"#),
        PolicyCase(
            "an unknown member",
            .memberUnknown,
            "extra",
            PolicyCase.document(PolicyCase.statement(), version: #""version":"1.0","extra":1,"#)
        ),
        PolicyCase("a statement that is a string", .documentMalformed, first, PolicyCase.document("\"x\"")),
        PolicyCase(
            "two of one name",
            .nameDuplicate,
            "trustPolicies[1].name",
            PolicyCase.document(PolicyCase.statement(), PolicyCase.statement(scopes: #""registryScopes":["r.io/a"]"#))
        ),
        PolicyCase(
            "two for *",
            .scopeDuplicate,
            "trustPolicies[1].registryScopes[0]",
            PolicyCase.document(PolicyCase.statement(), PolicyCase.statement(name: #""name":"q""#))
        ),
        PolicyCase(
            "two for one repository",
            .scopeDuplicate,
            "trustPolicies[1].registryScopes[1]",
            PolicyCase.document(
                PolicyCase.statement(scopes: #""registryScopes":["r.io/a"]"#),
                PolicyCase.statement(name: #""name":"q""#, scopes: #""registryScopes":["r.io/b","r.io/a"]"#)
            )
        ),
    ]

    static let statements: [PolicyCase] = [
        PolicyCase("no name", .nameMissing, "\(first).name", statement: PolicyCase.statement(name: "")),
        PolicyCase(
            "an empty name",
            .nameMissing,
            "\(first).name",
            statement: PolicyCase.statement(name: #""name":"""#)
        ),
        PolicyCase(
            "an unknown member",
            .memberUnknown,
            "\(first).trustedIdentity",
            statement: PolicyCase.statement(more: #""trustedIdentity":[]"#)
        ),
        PolicyCase(
            "another case",
            .memberUnknown,
            "\(first).TrustStores",
            statement: PolicyCase.statement(more: #""TrustStores":[]"#)
        ),
        PolicyCase(
            "a member of policies for blobs",
            .memberUnknown,
            "\(first).globalPolicy",
            statement: PolicyCase.statement(more: #""globalPolicy":true"#)
        ),
        PolicyCase(
            "no level",
            .levelMissing,
            "\(first).signatureVerification.level",
            statement: PolicyCase.statement(verification: "")
        ),
        PolicyCase(
            "an empty level",
            .levelMissing,
            "\(first).signatureVerification.level",
            statement: PolicyCase.statement(verification: #""signatureVerification":{"level":""}"#)
        ),
        PolicyCase(
            "a level in capitals",
            .levelUnknown,
            "\(first).signatureVerification.level",
            statement: PolicyCase.statement(verification: #""signatureVerification":{"level":"Strict"}"#)
        ),
        PolicyCase(
            "a misspelt member of the verification",
            .memberUnknown,
            "\(first).signatureVerification.verifytimestamp",
            statement: PolicyCase.statement(
                verification: #""signatureVerification":{"level":"strict","verifytimestamp":"always"}"#
            )
        ),
        PolicyCase(
            "an unknown verifyTimestamp",
            .verifyTimestampUnknown,
            "\(first).signatureVerification.verifyTimestamp",
            statement: PolicyCase.statement(
                verification: #""signatureVerification":{"level":"strict","verifyTimestamp":"never"}"#
            )
        ),
        PolicyCase(
            "no store",
            .trustStoresMissing,
            "\(first).trustStores",
            statement: PolicyCase.statement(stores: "")
        ),
        PolicyCase(
            "an empty list of stores",
            .trustStoresMissing,
            "\(first).trustStores",
            statement: PolicyCase.statement(stores: #""trustStores":[]"#)
        ),
        PolicyCase(
            "a store that is a number",
            .documentMalformed,
            "\(first).trustStores[0]",
            statement: PolicyCase.statement(stores: #""trustStores":[1]"#)
        ),
        PolicyCase(
            "a store without type",
            .trustStoreReferenceMalformed,
            "\(first).trustStores[0]",
            statement: PolicyCase.statement(stores: #""trustStores":["acme"]"#)
        ),
        PolicyCase(
            "a store of unknown type",
            .trustStoreTypeUnknown,
            "\(first).trustStores[1]",
            statement: PolicyCase.statement(stores: #""trustStores":["ca:x","CA:acme"]"#)
        ),
        PolicyCase(
            "no identity",
            .identitiesMissing,
            "\(first).trustedIdentities",
            statement: PolicyCase.statement(identities: "")
        ),
        PolicyCase(
            "a bad identity",
            .identityNameInvalid,
            "\(first).trustedIdentities[1]",
            statement: PolicyCase.statement(identities: #""trustedIdentities":["a:b","x509.subject:CN=x"]"#)
        ),
        PolicyCase("no scope", .scopesMissing, "\(first).registryScopes", statement: PolicyCase.statement(scopes: "")),
        PolicyCase(
            "* beside another scope",
            .scopeWildcardNotAlone,
            "\(first).registryScopes[1]",
            statement: PolicyCase.statement(scopes: #""registryScopes":["r.io/a","*"]"#)
        ),
        PolicyCase(
            "a scope twice in one statement",
            .scopeDuplicate,
            "\(first).registryScopes[1]",
            statement: PolicyCase.statement(scopes: #""registryScopes":["r.io/a","r.io/a"]"#)
        ),
        PolicyCase(
            "skip with a store",
            .skipWithTrust,
            first,
            statement: PolicyCase.statement(
                scopes: #""registryScopes":["r.io/a"]"#,
                verification: #""signatureVerification":{"level":"skip"}"#,
                identities: ""
            )
        ),
        PolicyCase(
            "skip with an identity",
            .skipWithTrust,
            first,
            statement: PolicyCase.statement(
                scopes: #""registryScopes":["r.io/a"]"#,
                verification: #""signatureVerification":{"level":"skip"}"#,
                stores: ""
            )
        ),
        PolicyCase(
            "skip with an override",
            .skipWithOverrides,
            "\(first).signatureVerification.override",
            statement: PolicyCase.statement(
                scopes: #""registryScopes":["r.io/a"]"#,
                verification: #""signatureVerification":{"level":"skip","override":{"expiry":"log"}}"#,
                stores: "",
                identities: ""
            )
        ),
        PolicyCase(
            "skip for everything",
            .skipEverywhere,
            "\(first).registryScopes",
            statement: PolicyCase.statement(
                verification: #""signatureVerification":{"level":"skip"}"#,
                stores: "",
                identities: ""
            )
        ),
    ]

    static let overrides: [PolicyCase] = [
        ("integrity", #""integrity":"log""#, .overrideIntegrity, ".integrity"),
        ("an unknown check", #""expire":"log""#, .overrideCheckUnknown, ".expire"),
        ("an unknown action", #""expiry":"warn""#, .overrideActionUnknown, ".expiry"),
        ("an action that is a number", #""expiry":1"#, .documentMalformed, ".expiry"),
        ("skipping expiry", #""expiry":"skip""#, .overrideSkipNotAllowed, ".expiry"),
        ("skipping authenticity", #""authenticity":"skip""#, .overrideSkipNotAllowed, ".authenticity"),
        ("skipping timestamps", #""authenticTimestamp":"skip""#, .overrideSkipNotAllowed, ".authenticTimestamp"),
    ].map { (name: String, text: String, code: NotaryPolicyError.Code, field: String) in
        PolicyCase(
            "override: \(name)",
            code,
            "\(first).signatureVerification.override\(field)",
            statement: PolicyCase.statement(
                verification: "\"signatureVerification\":{\"level\":\"strict\",\"override\":{\(text)}}"
            )
        )
    }

    static let storeNames: [PolicyCase] = ["", "..", ".", "a/b", "../x", "a b", "é"].map { name in
        PolicyCase(
            "store name \"\(name)\"",
            .trustStoreNameInvalid,
            "\(first).trustStores[0]",
            statement: PolicyCase.statement(stores: "\"trustStores\":[\"ca:\(name)\"]")
        )
    }

    static let scopes: [PolicyCase] = [
        "", "r.io", "/a", "r.io/", "r.io/a/", "r.io//a", "r.io/A", "r.io/a:v1", "r.io/a@sha256:x", "https://r.io/a",
        "r.io/*", "*.io/a", "r_x.io/a",
        "-r.io/a", "r-.io/a", "r..io/a", ".io/a", "r.io:/a", "r.io:x/a", "[::1]/a", "r.io/a..b", "r.io/a___b",
        "r.io/_a", "r.io/a_", "r.io/a._b",
        "r.io/a b", "r.io/é",
    ].map { scope in
        PolicyCase(
            "scope \"\(scope)\"",
            .scopeInvalid,
            "\(first).registryScopes[0]",
            statement: PolicyCase.statement(scopes: "\"registryScopes\":[\"\(scope)\"]")
        )
    }

    @Test(
        "A document that breaks a rule is refused, naming rule and place",
        arguments: documents + statements + overrides + storeNames + scopes
    )
    func isRefused(_ example: PolicyCase) throws {
        do throws(NotaryPolicyError) {
            _ = try NotationConfiguration(parsing: Array(example.document.utf8))
            Issue.record("accepted: \(example.document)")
        } catch {
            #expect(error.code == example.code, "\(error)")
            #expect(error.field == example.field, "\(error)")
            #expect(
                error.message.contains(";") || error.code == .documentMalformed || error.message.contains(":"),
                "no fix: \(error)"
            )
        }
    }

    @Test("A document is read in full")
    func contents() throws {
        let text = PolicyCase.document(
            PolicyCase.statement(
                scopes: #""registryScopes":["localhost:5000/a","r.io/b/c-d__e.f"]"#,
                verification:
                    #""signatureVerification":{"level":"permissive","override":{"expiry":"enforce","revocation":"skip"},"verifyTimestamp":"afterCertExpiry"}"#,
                stores: #""trustStores":["ca:acme","signingAuthority:a.b-c_d","tsa:t","ca:acme"]"#
            ),
            PolicyCase.statement(name: #""name":"rest""#)
        )
        let configuration = try NotationConfiguration(parsing: Array(text.utf8))
        let statement = configuration.statements[0]
        #expect(statement.name == "p")
        #expect(statement.level == .permissive)
        #expect(statement.overrides == [.expiry: .enforce, .revocation: .skip])
        #expect(statement.verifyTimestamp == .afterCertExpiry)
        #expect(statement.trustStores.map(\.description) == ["ca:acme", "signingAuthority:a.b-c_d", "tsa:t"])
        #expect(configuration.statements[1].verifyTimestamp == .always)
        #expect(statement.trust(stores: []).overrides == statement.overrides)
    }

    @Test(
        "The statement that names the repository exactly speaks, else the one for *",
        arguments: [
            ("r.io/a", "exact"), ("r.io/a/b", "rest"), ("r.io/ab", "rest"), ("other.io/a", "rest"),
            ("r.io:443/a", "rest"), ("R.io/a", "rest"),
        ]
    )
    func selection(repository: String, name: String) throws {
        let text = PolicyCase.document(
            PolicyCase.statement(name: #""name":"rest""#),
            PolicyCase.statement(name: #""name":"exact""#, scopes: #""registryScopes":["r.io/a"]"#)
        )
        let configuration = try NotationConfiguration(parsing: Array(text.utf8))
        #expect(configuration.statement(for: repository)?.name == name)
    }

    @Test("Without a statement for a repository there is none")
    func noStatement() throws {
        let text = PolicyCase.document(PolicyCase.statement(scopes: #""registryScopes":["r.io/a"]"#))
        #expect(try NotationConfiguration(parsing: Array(text.utf8)).statement(for: "r.io/b") == nil)
    }

    @Test("A document beyond the limit is refused unread")
    func tooLarge() {
        #expect(throws: NotaryPolicyError.self) {
            try NotationConfiguration(parsing: [UInt8](repeating: 0x20, count: 2 << 20))
        }
    }

    @Test("A document is looked at to its end: every fault is told with its place, and good statements stay")
    func everything() {
        let text = PolicyCase.document(
            PolicyCase.statement(name: #""name":"good""#),
            PolicyCase.statement(
                name: #""name":"good""#,
                scopes: #""registryScopes":["r.io/a/","*"]"#,
                verification:
                    #""signatureVerification":{"level":"Strict","verifytimestamp":1,"override":{"expirey":"log","revocation":"no"}}"#,
                stores: #""trustStores":["ca:..","tsa:ok"]"#,
                identities: #""trustedIdentities":["x509.subject: C=US"]"#,
                more: #""trustedIdentity":1"#
            ),
            version: #""version":"2","#
        )
        let examination = NotationConfiguration.examine(Array(text.utf8))
        let second = "trustPolicies[1]"
        #expect(examination.statements.keys.sorted() == [0])
        #expect(
            Set(examination.problems.map { "\($0.code) \($0.field)" }) == [
                "versionUnsupported version", "memberUnknown \(second).trustedIdentity",
                "memberUnknown \(second).signatureVerification.verifytimestamp",
                "levelUnknown \(second).signatureVerification.level",
                "overrideCheckUnknown \(second).signatureVerification.override.expirey",
                "overrideActionUnknown \(second).signatureVerification.override.revocation",
                "scopeInvalid \(second).registryScopes[0]", "scopeWildcardNotAlone \(second).registryScopes[1]",
                "trustStoreNameInvalid \(second).trustStores[0]",
                "identityNameInvalid \(second).trustedIdentities[0]", "nameDuplicate \(second).name",
            ]
        )
        let unknown = examination.problems.first { $0.field.hasSuffix("verifytimestamp") }
        #expect(unknown?.message.contains("did you mean verifyTimestamp?") == true)
    }

    @Test("Of a document with thousands of faults 64 are told, and thousands of statements are refused")
    func manyFaults() {
        let statements = (0..<500).map { PolicyCase.statement(name: "\"name\":\"p\($0)\"", scopes: "") }
        let text = #"{"version":"1.0","trustPolicies":["# + statements.joined(separator: ",") + "]}"
        #expect(NotationConfiguration.examine(Array(text.utf8)).problems.count == 64)
        let empty =
            #"{"version":"1.0","trustPolicies":["# + [String](repeating: "{}", count: 2000).joined(separator: ",")
        let examination = NotationConfiguration.examine(Array((empty + "]}").utf8))
        #expect(examination.problems.map(\.code) == [.documentTooLarge])
    }

    @Test(
        "A policy for blobs has no scopes and one global statement at most, which cannot skip",
        arguments: [
            (#"{"name":"a","globalPolicy":true,<V>,<T>}"#, nil), (#"{"name":"a",<V>,<T>}"#, nil),
            (#"{"name":"a","globalPolicy":false,<V>,<T>},{"name":"b","globalPolicy":true,<V>,<T>}"#, nil),
            (#"{"name":"a","globalPolicy":true,<V>,<T>},{"name":"b","globalPolicy":true,<V>,<T>}"#, .globalDuplicate),
            (#"{"name":"a","globalPolicy":"true",<V>,<T>}"#, .documentMalformed),
            (#"{"name":"a","registryScopes":["*"],<V>,<T>}"#, .memberUnknown),
            (#"{"name":"a","globalPolicy":true,"signatureVerification":{"level":"skip"}}"#, .skipEverywhere),
            (#"{"name":"a","signatureVerification":{"level":"skip"}}"#, nil),
        ] as [(String, NotaryPolicyError.Code?)]
    )
    func blobs(statements: String, code: NotaryPolicyError.Code?) {
        let text = statements.replacing("<V>", with: #""signatureVerification":{"level":"strict"}"#)
            .replacing("<T>", with: #""trustStores":["ca:x"],"trustedIdentities":["*"]"#)
        let document = #"{"version":"1.0","trustPolicies":["# + text + "]}"
        #expect(NotationConfiguration.examine(Array(document.utf8), as: .blobs).problems.first?.code == code)
    }
}
