/// One thing that is unusual about a trust policy, and what follows from it.
struct PolicyFlaw: Sendable {
    let name: String
    let expected: Expected
    var trust = TrustRecipe()
    var isInSample = false

    private static func policy(
        _ name: String,
        _ expected: Expected,
        _ change: (inout TrustRecipe) -> Void
    ) -> PolicyFlaw {
        var trust = TrustRecipe()
        change(&trust)
        return PolicyFlaw(name: name, expected: expected, trust: trust)
    }

    /// A change of the text of the document.
    private static func document(
        _ name: String,
        _ expected: Expected = .refused(.configuration),
        replacing text: String,
        with other: String
    ) -> PolicyFlaw {
        policy(name, expected) { $0.document = { $0.replacing(text, with: other) } }
    }

    private static func identities(_ name: String, _ expected: Expected, _ identities: String...) -> PolicyFlaw {
        policy("identity-" + name, expected) { $0.identities = identities }
    }

    private static func scopes(_ name: String, _ expected: Expected, _ scopes: String...) -> PolicyFlaw {
        policy("scope-" + name, expected) { $0.scopes = scopes }
    }

    /// Level skip for some repositories.
    static func skipping(_ scopes: [String]) -> TrustRecipe {
        var trust = TrustRecipe()
        trust.level = "skip"
        trust.scopes = scopes
        trust.references = []
        trust.identities = []
        return trust
    }

    var sampled: PolicyFlaw {
        var flaw = self
        flaw.isInSample = true
        return flaw
    }

    static var all: [PolicyFlaw] { ofIdentities + ofScopes + ofDocuments + ofVerification + ofStores }

    private static var ofIdentities: [PolicyFlaw] {
        [
            identities("exact", .accepted(), "x509.subject: C=US, ST=WA, O=Example, CN=signer.example.com"),
            identities("part", .accepted(), "x509.subject: C=US, ST=WA, O=Example"),
            identities("any-order", .accepted(), "x509.subject: O=Example, CN=signer.example.com, ST=WA, C=US"),
            identities("alias-of-state", .accepted(), "x509.subject: C=US, S=WA, O=Example"),
            identities("semicolons", .accepted(), "x509.subject: C=US; ST=WA; O=Example"),
            identities("without-spaces", .accepted(), "x509.subject:C=US,ST=WA,O=Example"),
            identities("escaped", .accepted(), "x509.subject: C=US, ST=WA, O=E\\78ample"),
            identities(
                "second-of-two",
                .accepted(),
                "x509.subject: C=US, ST=WA, O=Somebody",
                "x509.subject: C=US, ST=WA, O=Example"
            ),
            identities(
                "other-name",
                .refused(.authenticity),
                "x509.subject: C=US, ST=WA, O=Example, CN=other.example.com"
            ),
            identities("other-case", .refused(.authenticity), "x509.subject: C=US, ST=WA, O=EXAMPLE"),
            identities("more-than-there-is", .refused(.authenticity), "x509.subject: C=US, ST=WA, O=Example, OU=x"),
            identities("double-space", .refused(.authenticity), "x509.subject: C=US, ST=WA, O=Exam ple"),
            identities("for-a-plugin", .refused(.authenticity), "com.example: C=US, ST=WA, O=Example"),
            identities(
                "unknown-type-beside-a-good-one",
                .stricter(.identityAttributeType, .configuration),
                "x509.subject: C=US, ST=WA, O=Somebody, UID=1",
                "x509.subject: C=US, ST=WA, O=Example"
            ),
            identities("lower-case-types", .refused(.configuration), "x509.subject: c=US, st=WA, o=Example"),
            identities("without-organisation", .refused(.configuration), "x509.subject: C=US, ST=WA"),
            identities("trailing-comma", .refused(.configuration), "x509.subject: C=US, ST=WA, O=Example,"),
            identities("hexadecimal", .refused(.configuration), "x509.subject: C=US, ST=WA, O=#04024869"),
            identities("several-in-one", .refused(.configuration), "x509.subject: C=US+ST=WA, O=Example"),
            identities("repeated-type", .refused(.configuration), "x509.subject: C=US, ST=WA, O=Example, O=Other"),
            identities("empty-name", .refused(.configuration), "x509.subject:"),
            identities("empty", .refused(.configuration), ""),
            identities("without-kind", .refused(.configuration), "C=US ST=WA O=Example"),
            identities("wildcard-and-more", .refused(.configuration), "*", "x509.subject: C=US, ST=WA, O=Example"),
            identities(
                "overlapping",
                .refused(.configuration),
                "x509.subject: C=US, ST=WA, O=Example",
                "x509.subject: C=US, ST=WA, O=Example, CN=signer.example.com"
            ),
            identities("none", .refused(.configuration)),
        ]
    }

    private static var ofScopes: [PolicyFlaw] {
        [
            scopes("exact", .accepted(), "REPOSITORY").sampled,
            scopes("second-of-two", .accepted(), "registry.example.com/a", "REPOSITORY"),
            scopes("other-repository", .refused(.uncovered), "registry.example.com/app").sampled,
            scopes("prefix", .refused(.uncovered), "registry.example.com/app", "REPOSITORY/more"),
            scopes("wildcard-inside", .refused(.configuration), "registry.example.com/*"),
            scopes("wildcard-and-more", .refused(.configuration), "*", "registry.example.com/app"),
            scopes("with-scheme", .refused(.configuration), "http://REPOSITORY"),
            scopes("with-tag", .refused(.configuration), "REPOSITORY:v1"),
            scopes("with-slash-at-the-end", .refused(.configuration), "REPOSITORY/"),
            scopes("in-upper-case", .refused(.configuration), "registry.example.com/App"),
            scopes("without-repository", .refused(.configuration), "registry.example.com"),
            scopes("twice", .refused(.configuration), "REPOSITORY", "REPOSITORY"),
            scopes("empty", .refused(.configuration), ""),
            scopes("none", .refused(.configuration)),
            policy("scope-exact-before-wildcard", .refused(.authenticity)) {
                $0.statementsBefore = statement(name: "all", scope: "*")
                $0.scopes = ["REPOSITORY"]
                $0.stores = [.init(), .init(name: "other", content: .stranger)]
                $0.references = ["ca:other"]
            },
            policy("scope-wildcard-for-the-rest", .accepted()) {
                $0.statementsBefore = statement(name: "one", scope: "registry.example.com/app")
            },
            policy("scope-in-two-statements", .refused(.configuration)) {
                $0.statementsBefore = statement(name: "one", scope: "*")
            },
            policy("skip-for-everything", .stricter(.skipEverywhere, .configuration)) { $0 = skipping(["*"]) }.sampled,
        ]
    }

    private static func statement(name: String, scope: String) -> String {
        """
        {"name": "\(name)", "registryScopes": ["\(scope)"], "signatureVerification": {"level": "strict"},
         "trustStores": ["ca:good"], "trustedIdentities": ["*"]},
        """
    }

    private static var ofDocuments: [PolicyFlaw] {
        [
            policy("no-file", .refused(.configuration)) { $0.file = "policy.json" },
            policy("not-json", .refused(.configuration)) { $0.document = { _ in "version: 1.0" } },
            policy("empty-file", .refused(.configuration)) { $0.document = { _ in "" } },
            policy("content-after-it", .stricter(.contentAfterDocument, .configuration)) { $0.document = { $0 + "x" } },
            document("version-missing", replacing: "\"version\": \"1.0\", ", with: ""),
            document("version-of-the-future", replacing: "\"1.0\"", with: "\"1.1\""),
            document("version-as-number", replacing: "\"1.0\"", with: "1.0"),
            document(
                "unknown-member",
                .stricter(.unknownPolicyMember, .configuration),
                replacing: "\"registryScopes\"",
                with: "\"more\": 1, \"registryScopes\""
            ),
            document(
                "member-misspelt",
                .refused(.configuration),
                replacing: "\"trustStores\"",
                with: "\"truststore\""
            ),
            document(
                "member-in-lower-case",
                .stricter(.unknownPolicyMember, .configuration),
                replacing: "\"trustStores\"",
                with: "\"truststores\""
            ),
            document(
                "member-twice",
                .stricter(.duplicateJSONMember, .configuration),
                replacing: "\"registryScopes\"",
                with: "\"registryScopes\": [\"a/b\"], \"registryScopes\""
            ),
            document(
                "member-of-blob-policies",
                .stricter(.unknownPolicyMember, .configuration),
                replacing: "\"registryScopes\"",
                with: "\"globalPolicy\": true, \"registryScopes\""
            ),
            document("name-missing", replacing: "\"name\": \"differential\",", with: ""),
            document("name-empty", replacing: "\"differential\"", with: "\"\""),
            policy("name-twice", .refused(.configuration)) {
                $0.statementsBefore = statement(name: "differential", scope: "registry.example.com/app")
            },
            policy("no-statements", .refused(.configuration)) {
                $0.document = { _ in "{\"version\": \"1.0\", \"trustPolicies\": []}" }
            },
        ]
    }

    private static var ofVerification: [PolicyFlaw] {
        [
            policy("level-capitalised", .refused(.configuration)) { $0.level = "Strict" },
            policy("level-unknown", .refused(.configuration)) { $0.level = "relaxed" },
            policy("level-empty", .refused(.configuration)) { $0.level = "" },
            policy("override-of-integrity", .refused(.configuration)) { $0.overrides = ["integrity": "log"] },
            policy("override-of-something-unknown", .refused(.configuration)) { $0.overrides = ["timestamp": "log"] },
            policy("override-with-unknown-action", .refused(.configuration)) { $0.overrides = ["expiry": "warn"] },
            policy("override-skips-expiry", .refused(.configuration)) { $0.overrides = ["expiry": "skip"] },
            policy("override-skips-authenticity", .refused(.configuration)) {
                $0.overrides = ["authenticity": "skip"]
            },
            policy("skip-with-stores", .refused(.configuration)) {
                $0.level = "skip"
                $0.scopes = ["REPOSITORY"]
            },
            policy("skip-with-override", .refused(.configuration)) {
                $0 = skipping(["REPOSITORY"])
                $0.overrides = ["revocation": "skip"]
            },
            policy("timestamp-always", .accepted()) { $0.verifyTimestamp = "always" },
            policy("timestamp-after-expiry", .accepted()) { $0.verifyTimestamp = "afterCertExpiry" },
            policy("timestamp-unknown", .refused(.configuration)) { $0.verifyTimestamp = "never" },
        ]
    }

    private static var ofStores: [PolicyFlaw] {
        [
            policy("store-second-of-two", .accepted()) {
                $0.stores = [.init(name: "other", content: .stranger), .init()]
            },
            policy("store-twice", .accepted()) { $0.references = ["ca:good", "ca:good"] },
            policy("store-of-the-other-scheme", .refused(.authenticity)) {
                $0.stores = [.init(kind: "signingAuthority")]
            },
            policy("store-without-type", .refused(.configuration)) { $0.references = ["good"] },
            policy("store-of-unknown-type", .refused(.configuration)) { $0.references = ["x:good"] },
            policy("store-without-name", .refused(.configuration)) { $0.references = ["ca:"] },
            policy("store-up-the-tree", .refused(.configuration)) { $0.references = ["ca:../ca/good"] },
            policy("store-of-dots", .refused(.configuration, notation: .authenticity)) { $0.references = ["ca:.."] },
            policy("stores-missing", .refused(.configuration)) { $0.references = [] },
            policy("store-missing-beside-a-good-one", .refused(.configuration, notation: .authenticity)) {
                $0.stores = [.init(), .init(name: "other", content: .missing)]
            },
            policy("store-spoilt-beside-a-good-one", .refused(.configuration, notation: .authenticity)) {
                $0.stores = [.init(), .init(name: "other", content: .rubbish)]
            },
        ]
    }
}
