internal import JSONModel
internal import OutboundHTTP

/// The list of a certificate's versions, as one of a vault's two views has it.
struct KeyVaultVersions {
    /// A version in the list.
    struct Version: Sendable, Hashable {
        let name: String
        let isEnabled: Bool
        /// Seconds since 1970.
        let created: Int64
    }

    /// What came of asking.
    enum Listing: Sendable, Hashable {
        case listed([Version])
        case forbidden(KeyVaultRefusal)
    }

    private let kind: KeyVaultKind
    private let certificate: KeyVaultCertificate
    private let limit = BodyLimit.kibibytes(256)

    init(_ kind: KeyVaultKind, _ certificate: KeyVaultCertificate) {
        self.kind = kind
        self.certificate = certificate
    }

    private var path: String { "/\(kind.rawValue)/\(certificate.name)/versions" }

    /// Reads every page.
    func list(_ tokens: AzureTokens) async throws(CloudError) -> Listing {
        var versions: [Version] = []
        var seen: Set<String> = []
        var request = try KeyVaultRequest(
            certificate,
            path,
            "api-version=\(KeyVaultClient.apiVersion)&maxresults=25",
            limit: limit
        )
        for _ in 0..<KeyVaultClient.maximumPages {
            let page: JSONValue
            switch try await request.answer(tokens) {
            case .object(let object): page = object
            case .refused(let refusal, _):
                guard refusal.isPermission else { throw request.failure(refusal) }
                return .forbidden(refusal)
            }
            for version in try items(page) where seen.insert(version.name).inserted { versions.append(version) }
            guard let next = page["nextLink"], !next.isNull, next.string != "" else { return .listed(versions) }
            request = try KeyVaultRequest(certificate, page: link(next), limit: limit)
        }
        throw CloudError(
            .malformed,
            "\(certificate) has more versions than are read, \(KeyVaultClient.maximumPages * 25); name versions instead"
        )
    }

    /// The versions on a page.
    func items(_ page: JSONValue) throws(CloudError) -> [Version] {
        guard let items = page["value"]?.array else {
            throw CloudError(.malformed, "\(certificate.vault.origin) answered with something that is no list")
        }
        var versions: [Version] = []
        for item in items {
            guard let identifier = KeyVaultIdentifier(item["id"]?.string, kind: kind, of: certificate) else {
                throw CloudError(.malformed, "\(certificate.vault.origin) lists something else than was asked for")
            }
            versions.append(
                Version(
                    name: identifier.version,
                    isEnabled: item["attributes"]?["enabled"]?.bool ?? false,
                    created: item["attributes"]?["created"]?.integer ?? 0
                )
            )
        }
        return versions
    }

    /// The next page, which must be one of the same list: the token goes along.
    func link(_ value: JSONValue) throws(CloudError) -> OutboundURL {
        guard let text = value.string, let url = try? OutboundURL(text), url.origin == certificate.vault.origin,
            url.path.lowercased() == path.lowercased()
        else {
            throw CloudError(
                .malformed,
                "\(certificate.vault.origin) names a further page elsewhere; it was not asked for"
            )
        }
        return url
    }
}
