import SigningFormats

/// Whom a policy trusts to sign: everybody whose chain is trusted, or holders of certain names.
struct TrustedIdentities: Sendable, Hashable {
    private let acceptsAll: Bool
    private let names: [DistinguishedName]

    /// No identity at all; for level `skip`.
    static let none = TrustedIdentities(acceptsAll: false, names: [])

    private init(acceptsAll: Bool, names: [DistinguishedName]) {
        self.acceptsAll = acceptsAll
        self.names = names
    }

    /// Reads and checks the identities of a policy; `field` is where they stand.
    init(_ identities: [String], field: String) throws(NotaryPolicyError) {
        guard !identities.isEmpty else {
            throw NotaryPolicyError(
                .identitiesMissing,
                field: field,
                "there is no trusted identity; name signers as \"x509.subject: C=…, ST=…, O=…\", or write \"*\" for all"
            )
        }
        var names: [(index: Int, name: DistinguishedName)] = []
        for (index, identity) in identities.enumerated() {
            let field = "\(field)[\(index)]"
            guard !identity.isEmpty else {
                throw NotaryPolicyError(.identityEmpty, field: field, "the identity is empty; remove it")
            }
            if identity == "*" {
                guard identities.count == 1 else {
                    throw NotaryPolicyError(
                        .identityWildcardNotAlone,
                        field: field,
                        "\"*\" trusts everybody and must stand alone; remove it or the others"
                    )
                }
                continue
            }
            if let name = try Self.name(identity, field: field) { names.append((index, name)) }
        }
        try Self.checkOverlap(names, field: field)
        self.init(acceptsAll: identities == ["*"], names: names.map(\.name))
    }

    /// `nil` for an identity of another kind, which only a plugin could match and which therefore never matches.
    private static func name(_ identity: String, field: String) throws(NotaryPolicyError) -> DistinguishedName? {
        guard let colon = identity.firstIndex(of: ":") else {
            throw NotaryPolicyError(
                .identityPrefixMissing,
                field: field,
                "the identity has no kind; write \"x509.subject: …\" before the name"
            )
        }
        guard identity[..<colon] == "x509.subject" else { return nil }
        let text = String(identity[identity.index(after: colon)...])
        do throws(DistinguishedNameError) {
            return try DistinguishedName(parsing: text)
        } catch {
            throw NotaryPolicyError(.identityNameInvalid, field: field, error.message)
        }
    }

    private static func checkOverlap(
        _ names: [(index: Int, name: DistinguishedName)],
        field: String
    ) throws(NotaryPolicyError) {
        for (position, first) in names.enumerated() {
            for second in names.dropFirst(position + 1)
            where first.name.isSubset(of: second.name) || second.name.isSubset(of: first.name) {
                throw NotaryPolicyError(
                    .identitiesOverlap,
                    field: "\(field)[\(second.index)]",
                    "the identity overlaps with [\(first.index)]: one includes the other; keep the one that is meant"
                )
            }
        }
    }

    /// Why the holder of `certificate` is none of them; `nil` when it is one.
    func rejection(of certificate: X509Certificate) -> String? {
        if acceptsAll { return nil }
        guard !names.isEmpty else { return "the policy names no identity that can be checked without a plugin" }
        do throws(DistinguishedNameError) {
            let subject = try DistinguishedName(subject: certificate.subject)
            return names.contains { $0.isSubset(of: subject) }
                ? nil : "which is none of the policy's trusted identities"
        } catch {
            return "which can be no trusted identity: \(error.message)"
        }
    }
}
