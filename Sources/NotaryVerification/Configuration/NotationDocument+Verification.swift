import JSONModel
import SigningFormats
import TrustModel

extension NotationDocument {
    private static let levels = "use \"strict\", \"permissive\", \"audit\" or \"skip\""

    /// Reads `signatureVerification`: a statement that knows only how strict it is.
    mutating func verification(_ value: JSONValue?, field: String) -> NotationPolicyStatement {
        var statement = NotationPolicyStatement(
            name: "",
            registryScopes: [],
            level: .strict,
            overrides: [:],
            verifyTimestamp: .always,
            trustStores: [],
            trustedIdentities: []
        )
        guard let value, !value.isNull else {
            report(.levelMissing, "\(field).level", "there is no level; \(Self.levels)")
            return statement
        }
        guard let object = value.object else {
            report(.documentMalformed, field, "this is not a JSON object")
            return statement
        }
        members(object, of: ["level", "override", "verifyTimestamp"], in: field)
        statement.level = level(object["level"], field: "\(field).level")
        statement.overrides = overrides(object["override"], field: "\(field).override")
        statement.verifyTimestamp = timestamp(object["verifyTimestamp"], field: "\(field).verifyTimestamp")
        statement.isTimestampVerificationWritten = object["verifyTimestamp"]?.string?.isEmpty == false
        return statement
    }

    private mutating func level(_ value: JSONValue?, field: String) -> VerificationLevel {
        guard let name = string(value, field), !name.isEmpty else {
            report(.levelMissing, field, "there is no level; \(Self.levels)")
            return .strict
        }
        if let level = VerificationLevel(rawValue: name) { return level }
        report(.levelUnknown, field, "\"\(name.prefix(32))\" is no level; \(Self.levels)")
        return .strict
    }

    private mutating func timestamp(_ value: JSONValue?, field: String) -> TimestampVerification {
        guard let text = string(value, field), !text.isEmpty else { return .always }
        if let option = TimestampVerification(rawValue: text) { return option }
        report(
            .verifyTimestampUnknown,
            field,
            "\"\(text.prefix(32))\" is not known; use \"always\" or \"afterCertExpiry\""
        )
        return .always
    }

    private mutating func overrides(
        _ value: JSONValue?,
        field: String
    ) -> [VerificationCheck: VerificationAction] {
        guard let value, !value.isNull else { return [:] }
        guard let object = value.object else {
            report(.documentMalformed, field, "this is not a JSON object")
            return [:]
        }
        var overrides: [VerificationCheck: VerificationAction] = [:]
        for (name, value) in object.sorted(by: { $0.key < $1.key }) {
            do throws(NotaryPolicyError) {
                let (check, action) = try Self.override(name, value, field: "\(field).\(name.prefix(64))")
                overrides[check] = action
            } catch {
                add(error)
            }
        }
        return overrides
    }

    private static func override(
        _ name: String,
        _ value: JSONValue,
        field: String
    ) throws(NotaryPolicyError) -> (VerificationCheck, VerificationAction) {
        guard let check = VerificationCheck(rawValue: name) else {
            let suggestion = Suggestion.text(
                for: name,
                among: ["authenticity", "authenticTimestamp", "expiry", "revocation"]
            )
            throw NotaryPolicyError(
                .overrideCheckUnknown,
                field: field,
                "there is no such check\(suggestion); use \"authenticity\", \"authenticTimestamp\", \"expiry\" or "
                    + "\"revocation\""
            )
        }
        guard let text = value.string else {
            throw NotaryPolicyError(.documentMalformed, field: field, "this is not a string")
        }
        guard let action = VerificationAction(rawValue: text) else {
            throw NotaryPolicyError(
                .overrideActionUnknown,
                field: field,
                "this is no action; use \"enforce\", \"log\" or \"skip\""
            )
        }
        try OverrideRules.check(check, action, field: field)
        return (check, action)
    }
}

// MARK: - JSON

extension NotationDocument {
    /// Notes members of an object that are not defined.
    mutating func members(_ object: [String: JSONValue], of known: [String], in field: String) {
        for name in object.keys.sorted() where !known.contains(name) {
            report(
                .memberUnknown,
                (field.isEmpty ? "" : "\(field).") + String(name.prefix(64)),
                advice(on: name, known)
            )
        }
    }

    private func advice(on name: String, _ known: [String]) -> String {
        switch (kind, name) {
        case (.images, "globalPolicy"):
            "globalPolicy belongs to policies for blobs (trustpolicy.blob.json), which say nothing about images; name "
                + "registryScopes instead"
        case (.blobs, "registryScopes"):
            "registryScopes belong to policies for images (trustpolicy.oci.json); a policy for blobs is chosen by its "
                + "name, or by globalPolicy"
        default:
            "the member \"\(name.prefix(64))\" is not defined\(Suggestion.text(for: name, among: known)); check its "
                + "spelling, or remove it"
        }
    }

    /// A text; `nil` when there is none, or when it is something else, which is noted.
    mutating func string(_ value: JSONValue?, _ field: String) -> String? {
        guard let value, !value.isNull else { return nil }
        if let text = value.string { return text }
        report(.documentMalformed, field, "this is not a string")
        return nil
    }

    /// A list; empty when there is none, or when it is something else, which is noted.
    mutating func array(_ value: JSONValue?, _ field: String) -> [JSONValue] {
        guard let value, !value.isNull else { return [] }
        if let elements = value.array { return elements }
        report(.documentMalformed, field, "this is not an array")
        return []
    }

    /// A list of texts.
    mutating func strings(_ value: JSONValue?, _ field: String) -> [String] {
        var texts: [String] = []
        for (index, element) in array(value, field).enumerated() {
            guard let text = element.string else {
                report(.documentMalformed, "\(field)[\(index)]", "this is not a string")
                continue
            }
            texts.append(text)
        }
        return texts
    }

    /// True or false; false when there is none.
    mutating func flag(_ value: JSONValue?, _ field: String) -> Bool {
        guard let value, !value.isNull else { return false }
        if case .bool(let flag) = value { return flag }
        report(.documentMalformed, field, "this is neither true nor false")
        return false
    }
}
