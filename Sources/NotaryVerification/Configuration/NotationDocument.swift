import JSONModel
import SigningFormats
import TrustModel

/// The reading and checking of a trust policy document; the numbers are those of the rules in the specification's order.
enum NotationDocument {
    static func statements(_ bytes: [UInt8]) throws(NotaryPolicyError) -> [NotationPolicyStatement] {
        let document = try object(bytes)
        try members(document, of: ["version", "trustPolicies"], field: "document")
        guard let version = try string(document["version"], "version"), version == "1.0" else {
            throw NotaryPolicyError(
                .versionUnsupported,
                field: "version",
                "the version is missing or not supported; write \"version\": \"1.0\""
            )
        }
        guard let list = try array(document["trustPolicies"], "trustPolicies"), !list.isEmpty else {
            throw NotaryPolicyError(
                .statementsMissing,
                field: "trustPolicies",
                "there is no policy statement; add at least one"
            )
        }
        var statements: [NotationPolicyStatement] = []
        for (index, value) in list.enumerated() {
            statements.append(try statement(value, field: "trustPolicies[\(index)]"))
        }
        try checkNames(statements)
        try RegistryScopeRules.checkUnique(statements.map(\.registryScopes))
        return statements
    }

    private static func object(_ bytes: [UInt8]) throws(NotaryPolicyError) -> [String: JSONValue] {
        guard bytes.count <= SigningLimits.policyBytes else {
            throw NotaryPolicyError(
                .documentTooLarge,
                field: "document",
                "the document has more than \(SigningLimits.policyBytes) bytes"
            )
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser().parse(bytes)
        } catch {
            throw NotaryPolicyError(.documentMalformed, field: "document", "the document is not valid JSON: \(error)")
        }
        guard let object = value.object else {
            throw NotaryPolicyError(.documentMalformed, field: "document", "the document is not a JSON object")
        }
        return object
    }

    private static func checkNames(_ statements: [NotationPolicyStatement]) throws(NotaryPolicyError) {
        var seen: Set<String> = []
        for (index, statement) in statements.enumerated() where !seen.insert(statement.name).inserted {
            throw NotaryPolicyError(
                .nameDuplicate,
                field: "trustPolicies[\(index)].name",
                "the name \"\(statement.name.prefix(64))\" is already taken; give each statement its own"
            )
        }
    }

    // MARK: One statement

    private static func statement(_ value: JSONValue, field: String) throws(NotaryPolicyError)
        -> NotationPolicyStatement
    {
        guard let object = value.object else {
            throw NotaryPolicyError(.documentMalformed, field: field, "a statement is a JSON object; this is not")
        }
        try members(
            object,
            of: ["name", "registryScopes", "signatureVerification", "trustStores", "trustedIdentities"],
            field: field
        )
        guard let name = try string(object["name"], "\(field).name"), !name.isEmpty else {
            throw NotaryPolicyError(.nameMissing, field: "\(field).name", "the statement has no name; give it one")
        }
        var statement = try verification(object["signatureVerification"], field: "\(field).signatureVerification")
        statement.name = name
        let stores = try strings(object["trustStores"], "\(field).trustStores")
        statement.trustedIdentities = try strings(object["trustedIdentities"], "\(field).trustedIdentities")
        statement.registryScopes = try strings(object["registryScopes"], "\(field).registryScopes")
        try RegistryScopeRules.check(statement.registryScopes, field: "\(field).registryScopes")
        guard statement.level != .skip else {
            try checkSkip(statement, stores: stores, field: field)
            return statement
        }
        guard !stores.isEmpty else {
            throw NotaryPolicyError(
                .trustStoresMissing,
                field: "\(field).trustStores",
                "there is no trust store; name one as \"ca:name\""
            )
        }
        statement.trustStores = try references(stores, field: "\(field).trustStores")
        _ = try TrustedIdentities(statement.trustedIdentities, field: "\(field).trustedIdentities")
        return statement
    }

    private static func checkSkip(
        _ statement: NotationPolicyStatement,
        stores: [String],
        field: String
    ) throws(NotaryPolicyError) {
        guard statement.overrides.isEmpty else {
            throw NotaryPolicyError(
                .skipWithOverrides,
                field: "\(field).signatureVerification.override",
                "level skip verifies nothing; remove the overrides"
            )
        }
        guard stores.isEmpty, statement.trustedIdentities.isEmpty else {
            throw NotaryPolicyError(
                .skipWithTrust,
                field: field,
                "level skip verifies nothing; remove the trust stores and trusted identities, or choose another level"
            )
        }
        guard statement.registryScopes != ["*"] else {
            throw NotaryPolicyError(
                .skipEverywhere,
                field: "\(field).registryScopes",
                "level skip for \"*\" would verify nothing anywhere; name the repositories that are to be left out"
            )
        }
    }

    private static func verification(_ value: JSONValue?, field: String) throws(NotaryPolicyError)
        -> NotationPolicyStatement
    {
        guard let value, !value.isNull else {
            throw NotaryPolicyError(.levelMissing, field: "\(field).level", "there is no level; \(levels)")
        }
        guard let object = value.object else {
            throw NotaryPolicyError(.documentMalformed, field: field, "this is not a JSON object")
        }
        try members(object, of: ["level", "override", "verifyTimestamp"], field: field)
        guard let name = try string(object["level"], "\(field).level"), !name.isEmpty else {
            throw NotaryPolicyError(.levelMissing, field: "\(field).level", "there is no level; \(levels)")
        }
        guard let level = VerificationLevel(rawValue: name) else {
            throw NotaryPolicyError(
                .levelUnknown,
                field: "\(field).level",
                "\"\(name.prefix(32))\" is no level; \(levels)"
            )
        }
        return NotationPolicyStatement(
            name: "",
            registryScopes: [],
            level: level,
            overrides: try overrides(object["override"], field: "\(field).override"),
            verifyTimestamp: try timestamp(object["verifyTimestamp"], field: "\(field).verifyTimestamp"),
            trustStores: [],
            trustedIdentities: []
        )
    }

    private static let levels = "use \"strict\", \"permissive\", \"audit\" or \"skip\""

    private static func timestamp(_ value: JSONValue?, field: String) throws(NotaryPolicyError) -> TimestampVerification
    {
        guard let text = try string(value, field), !text.isEmpty else { return .always }
        guard let option = TimestampVerification(rawValue: text) else {
            throw NotaryPolicyError(
                .verifyTimestampUnknown,
                field: field,
                "\"\(text.prefix(32))\" is not known; use \"always\" or \"afterCertExpiry\""
            )
        }
        return option
    }

    private static func overrides(
        _ value: JSONValue?,
        field: String
    ) throws(NotaryPolicyError) -> [VerificationCheck: VerificationAction] {
        guard let value, !value.isNull else { return [:] }
        guard let object = value.object else {
            throw NotaryPolicyError(.documentMalformed, field: field, "this is not a JSON object")
        }
        var overrides: [VerificationCheck: VerificationAction] = [:]
        for (name, value) in object.sorted(by: { $0.key < $1.key }) {
            let field = "\(field).\(name.prefix(64))"
            guard let check = VerificationCheck(rawValue: name) else {
                throw NotaryPolicyError(
                    .overrideCheckUnknown,
                    field: field,
                    "there is no such check; use \"authenticity\", \"authenticTimestamp\", \"expiry\" or \"revocation\""
                )
            }
            guard let text = try string(value, field), let action = VerificationAction(rawValue: text) else {
                throw NotaryPolicyError(
                    .overrideActionUnknown,
                    field: field,
                    "this is no action; use \"enforce\", \"log\" or \"skip\""
                )
            }
            try OverrideRules.check(check, action, field: field)
            overrides[check] = action
        }
        return overrides
    }

    private static func references(
        _ stores: [String],
        field: String
    ) throws(NotaryPolicyError) -> [NotationPolicyStatement.StoreReference] {
        var references: [NotationPolicyStatement.StoreReference] = []
        for (index, store) in stores.enumerated() {
            let field = "\(field)[\(index)]"
            guard let colon = store.firstIndex(of: ":") else {
                throw NotaryPolicyError(
                    .trustStoreReferenceMalformed,
                    field: field,
                    "\"\(store.prefix(64))\" has no type; write \"ca:name\", \"signingAuthority:name\" or \"tsa:name\""
                )
            }
            guard let kind = TrustStore.Kind(rawValue: String(store[..<colon])) else {
                throw NotaryPolicyError(
                    .trustStoreTypeUnknown,
                    field: field,
                    "\"\(store[..<colon].prefix(32))\" is no type of trust store; use \"ca\", \"signingAuthority\" or \"tsa\""
                )
            }
            let name = String(store[store.index(after: colon)...])
            try TrustStoreName.check(name, field: field)
            let reference = NotationPolicyStatement.StoreReference(kind: kind, name: name)
            if !references.contains(reference) { references.append(reference) }
        }
        return references
    }

    // MARK: JSON

    private static func members(
        _ object: [String: JSONValue],
        of known: Set<String>,
        field: String
    ) throws(NotaryPolicyError) {
        for name in object.keys.sorted() where !known.contains(name) {
            throw NotaryPolicyError(
                .memberUnknown,
                field: field,
                "the member \"\(name.prefix(64))\" is not defined; check its spelling, or remove it"
            )
        }
    }

    private static func string(_ value: JSONValue?, _ field: String) throws(NotaryPolicyError) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string else {
            throw NotaryPolicyError(.documentMalformed, field: field, "this is not a string")
        }
        return text
    }

    private static func array(_ value: JSONValue?, _ field: String) throws(NotaryPolicyError) -> [JSONValue]? {
        guard let value, !value.isNull else { return nil }
        guard let elements = value.array else {
            throw NotaryPolicyError(.documentMalformed, field: field, "this is not an array")
        }
        return elements
    }

    private static func strings(_ value: JSONValue?, _ field: String) throws(NotaryPolicyError) -> [String] {
        var texts: [String] = []
        for (index, element) in (try array(value, field) ?? []).enumerated() {
            guard let text = element.string else {
                throw NotaryPolicyError(.documentMalformed, field: "\(field)[\(index)]", "this is not a string")
            }
            texts.append(text)
        }
        return texts
    }
}
