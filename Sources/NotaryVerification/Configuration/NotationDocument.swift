import JSONModel
import SigningFormats
import TrustModel

/// One reading of a trust policy document: what its statements say, and everything that is wrong with them.
///
/// The rules are those of the trust policy specification, looked at in its order.
struct NotationDocument {
    /// What the document is for, which decides about the members of its statements.
    let kind: NotationConfiguration.Kind
    /// The statements in which nothing is wrong, by their place.
    private(set) var statements: [Int: NotationPolicyStatement] = [:]
    /// Everything that is wrong, in the order of the document.
    private(set) var problems: [NotaryPolicyError] = []

    /// The most statements of a document that are looked at.
    static let maximumStatements = 1000
    /// The most problems that are collected.
    static let maximumProblems = 64

    init(_ bytes: [UInt8], kind: NotationConfiguration.Kind) {
        self.kind = kind
        if let document = object(bytes) { read(document) }
    }

    private mutating func read(_ document: [String: JSONValue]) {
        members(document, of: ["version", "trustPolicies"], in: "")
        if string(document["version"], "version") != "1.0" {
            report(
                .versionUnsupported,
                "version",
                "the version is missing or not supported; write \"version\": \"1.0\""
            )
        }
        let list = array(document["trustPolicies"], "trustPolicies")
        guard !list.isEmpty else {
            return report(.statementsMissing, "trustPolicies", "there is no policy statement; add at least one")
        }
        guard list.count <= Self.maximumStatements else {
            return report(
                .documentTooLarge,
                "trustPolicies",
                "there are more than \(Self.maximumStatements) policy statements; split them"
            )
        }
        for (index, value) in list.enumerated() { read(value, at: index) }
        checkNames(list)
        checkScopes(list)
    }

    /// Notes what is wrong; of several faults at one place only the first counts.
    mutating func report(_ code: NotaryPolicyError.Code, _ field: String, _ message: String) {
        add(NotaryPolicyError(code, field: field, message))
    }

    /// Notes what is wrong; of several faults at one place only the first counts.
    mutating func add(_ problem: NotaryPolicyError) {
        guard problems.count < Self.maximumProblems, !problems.contains(where: { $0.field == problem.field }) else {
            return
        }
        problems.append(problem)
    }

    private mutating func object(_ bytes: [UInt8]) -> [String: JSONValue]? {
        guard bytes.count <= SigningLimits.policyBytes else {
            report(.documentTooLarge, "document", "the document has more than \(SigningLimits.policyBytes) bytes")
            return nil
        }
        do throws(JSONError) {
            if let object = try JSONParser().parse(bytes).object { return object }
            report(.documentMalformed, "document", "the document is not a JSON object")
        } catch {
            report(.documentMalformed, "document", "the document is not valid JSON: \(error)")
        }
        return nil
    }

    // MARK: - Statements

    private mutating func read(_ value: JSONValue, at index: Int) {
        let before = problems.count
        let field = "trustPolicies[\(index)]"
        guard let object = value.object else {
            return report(.documentMalformed, field, "a statement is a JSON object; this is not")
        }
        let statement = statement(object, field: field)
        if problems.count == before { statements[index] = statement }
    }

    private mutating func statement(_ object: [String: JSONValue], field: String) -> NotationPolicyStatement {
        let place = kind == .images ? "registryScopes" : "globalPolicy"
        members(
            object,
            of: ["name", place, "signatureVerification", "trustStores", "trustedIdentities"],
            in: field
        )
        let name = string(object["name"], "\(field).name") ?? ""
        if name.isEmpty { report(.nameMissing, "\(field).name", "the statement has no name; give it one") }
        var statement = verification(object["signatureVerification"], field: "\(field).signatureVerification")
        statement.name = name
        let stores = strings(object["trustStores"], "\(field).trustStores")
        statement.trustedIdentities = strings(object["trustedIdentities"], "\(field).trustedIdentities")
        switch kind {
        case .images:
            statement.registryScopes = strings(object["registryScopes"], "\(field).registryScopes")
            RegistryScopeRules.problems(statement.registryScopes, field: "\(field).registryScopes").forEach { add($0) }
        case .blobs:
            statement.isGlobal = flag(object["globalPolicy"], "\(field).globalPolicy")
        }
        if statement.level == .skip {
            checkSkip(statement, stores: stores, field: field)
        } else {
            checkTrust(&statement, stores: stores, field: field)
        }
        return statement
    }

    private mutating func checkTrust(_ statement: inout NotationPolicyStatement, stores: [String], field: String) {
        if stores.isEmpty {
            report(
                .trustStoresMissing,
                "\(field).trustStores",
                "there is no trust store; name one as \"ca:name\""
            )
        }
        statement.trustStores = references(stores, field: "\(field).trustStores")
        do throws(NotaryPolicyError) {
            _ = try TrustedIdentities(statement.trustedIdentities, field: "\(field).trustedIdentities")
        } catch {
            add(error)
        }
    }

    private mutating func checkSkip(_ statement: NotationPolicyStatement, stores: [String], field: String) {
        if !statement.overrides.isEmpty {
            report(
                .skipWithOverrides,
                "\(field).signatureVerification.override",
                "level skip verifies nothing; remove the overrides"
            )
        }
        if !stores.isEmpty || !statement.trustedIdentities.isEmpty {
            report(
                .skipWithTrust,
                field,
                "level skip verifies nothing; remove the trust stores and trusted identities, or choose another level"
            )
        }
        if statement.registryScopes == ["*"] {
            report(
                .skipEverywhere,
                "\(field).registryScopes",
                "level skip for \"*\" would verify nothing anywhere; name the repositories that are to be left out"
            )
        }
        if statement.isGlobal {
            report(
                .skipEverywhere,
                "\(field).globalPolicy",
                "level skip in the global policy would verify no blob; choose another level"
            )
        }
    }

    private mutating func references(
        _ stores: [String],
        field: String
    ) -> [NotationPolicyStatement.StoreReference] {
        var references: [NotationPolicyStatement.StoreReference] = []
        for (index, store) in stores.enumerated() {
            do throws(NotaryPolicyError) {
                let reference = try NotationPolicyStatement.StoreReference(parsing: store, field: "\(field)[\(index)]")
                if !references.contains(reference) { references.append(reference) }
            } catch {
                add(error)
            }
        }
        return references
    }

    // MARK: - Statements among each other

    private mutating func checkNames(_ list: [JSONValue]) {
        var seen: Set<String> = []
        for (index, value) in list.enumerated() {
            guard let name = value["name"]?.string, !name.isEmpty, !seen.insert(name).inserted else { continue }
            report(
                .nameDuplicate,
                "trustPolicies[\(index)].name",
                "the name \"\(name.prefix(64))\" is already taken; give each statement its own"
            )
        }
    }

    /// One statement speaks for a repository, and one for everything that has none of its own.
    private mutating func checkScopes(_ list: [JSONValue]) {
        switch kind {
        case .images:
            let scopes = list.map { ($0["registryScopes"]?.array ?? []).map { $0.string ?? "" } }
            RegistryScopeRules.repetitions(scopes).forEach { add($0) }
        case .blobs:
            let global = list.indices.filter { list[$0]["globalPolicy"] == .bool(true) }
            for index in global.dropFirst() {
                report(
                    .globalDuplicate,
                    "trustPolicies[\(index)].globalPolicy",
                    "trustPolicies[\(global[0])] is the global policy already; there can be one only"
                )
            }
        }
    }
}
