internal import JSONModel
internal import OutboundHTTP
internal import SigningFormats

/// Reads certificates from vaults (Azure Key Vault REST API 7.4).
///
/// Redirects are not followed, links to further pages must stay in the same list of the same vault, and a token goes to
/// no host but the vault's.
public struct KeyVaultClient: Sendable {
    /// The version of the API, which every cloud has.
    static let apiVersion = "7.4"
    /// The first version that converts PKCS #12 files.
    static let convertingVersion = "2025-07-01"
    /// The most pages of a list that are read, 25 versions each.
    static let maximumPages = 20

    private let tokens: AzureTokens

    /// Creates a client for the identity of `tokens`.
    public init(_ tokens: AzureTokens) { self.tokens = tokens }

    /// Reads the versions of a certificate.
    ///
    /// The secret of each version is read, because it holds the chain; where that is forbidden, the certificate alone.
    /// Disabled versions do not count; versions that have expired do, because of the signatures that have a timestamp
    /// from before.
    ///
    /// Where the vault says which versions are enabled, one that cannot be read does not keep those that were disabled: of
    /// it counts what it held before, and of a new one nothing yet. Both are said.
    ///
    /// - Parameters:
    ///   - certificate: which.
    ///   - earlier: what an earlier reading brought; without one every version must be readable.
    /// - Returns: what counts; no certificate where nothing is known of any version that is enabled.
    /// - Throws: ``CloudError``: `notFound` where there is no such certificate, `disabled` where no version is enabled,
    ///   `malformed` where no version can be an anchor, and whatever keeps the vault from being asked.
    public func read(
        _ certificate: KeyVaultCertificate,
        after earlier: KeyVaultReading? = nil
    ) async throws(CloudError) -> KeyVaultReading {
        var reader = KeyVaultReader(certificate, tokens, earlier)
        return try await reader.read()
    }
}

/// One answer of a vault.
enum KeyVaultAnswer {
    case object(JSONValue)
    case refused(KeyVaultRefusal, OutboundResponse)
}

/// One request to a vault, with what follows from its answer's status.
struct KeyVaultRequest: Sendable {
    let certificate: KeyVaultCertificate
    let url: OutboundURL
    let limit: BodyLimit

    /// Names a request below the vault.
    init(
        _ certificate: KeyVaultCertificate,
        _ path: String,
        _ query: String,
        limit: BodyLimit
    ) throws(CloudError) {
        url = try ServiceRequest.url { () throws(OutboundError) in
            try OutboundURL(scheme: .https, authority: certificate.vault.authority, path: path, query: query)
        }
        self.certificate = certificate
        self.limit = limit
    }

    /// Names a further page of a list.
    init(_ certificate: KeyVaultCertificate, page: OutboundURL, limit: BodyLimit) {
        self.certificate = certificate
        url = page
        self.limit = limit
    }

    /// Asks, with a token; with another when the vault refuses the first.
    ///
    /// - Throws: ``CloudError`` for everything but an object and a refusal that the caller may go on from: 400, 403 and
    ///   404.
    func answer(_ tokens: AzureTokens) async throws(CloudError) -> KeyVaultAnswer {
        try await tokens.surroundings.attempt { () async throws(CloudError) -> KeyVaultAnswer in
            var (response, token) = try await ask(tokens)
            if response.status == 401 {
                tokens.reject(token, for: certificate.resource)
                (response, token) = try await ask(tokens)
            }
            return try judge(response, tokens, token)
        }
    }

    private var service: ServiceRequest {
        ServiceRequest(
            name: "the vault \(certificate.vault.authority)",
            request: OutboundRequest(.get, url, headers: ["accept": "application/json"]),
            limit: limit
        )
    }

    private func ask(_ tokens: AzureTokens) async throws(CloudError) -> (OutboundResponse, AzureToken) {
        let token = try await tokens.token(for: certificate.resource)
        let service = service
        var request = service.request
        request.headers["authorization"] = token.authorization
        let sent = ServiceRequest(name: service.name, request: request, limit: limit)
        return (try await sent.answer(over: tokens.surroundings.http), token)
    }

    private func judge(
        _ response: OutboundResponse,
        _ tokens: AzureTokens,
        _ token: AzureToken
    ) throws(CloudError) -> KeyVaultAnswer {
        let refusal = KeyVaultRefusal(response)
        switch response.status {
        case 200:
            guard let object = ServiceBody.object(response.body) else {
                throw CloudError(.malformed, "\(service.name) answered with something that is no JSON object")
            }
            return .object(object)
        case 401:
            tokens.reject(token, for: certificate.resource)
            var words = "\(service.name) does not accept the token of this identity"
            if let tenant = KeyVaultChallenge.tenant(response) {
                words += "; it takes those of tenant \(tenant)"
                if let own = tokens.identity.tenantID { words += ", and this identity is of tenant \(own)" }
            }
            throw CloudError(.unauthorized, words)
        case 403 where refusal.isFirewall:
            throw CloudError(
                .firewall,
                "\(service.name) does not let this network in (\(refusal.code)); add it to the vault's firewall, or use a "
                    + "private endpoint"
            )
        case 400, 403, 404: return .refused(refusal, response)
        default: throw service.failure(response, refusal.code, now: tokens.surroundings.now())
        }
    }

    /// The words for a refusal that the caller does not go on from.
    func failure(_ refusal: KeyVaultRefusal) -> CloudError {
        switch refusal.status {
        case 404:
            CloudError(.notFound, "\(service.name) has no certificate \(certificate.name) (\(refusal.code))")
        case 403 where refusal.isDisabled:
            CloudError(.disabled, "\(certificate) is disabled")
        case 403:
            CloudError(
                .forbidden,
                "\(service.name) does not let this identity read \(certificate.name) (\(refusal.code)); assign it Key "
                    + "Vault Certificate User"
            )
        default: CloudError(.malformed, "\(service.name) answered \(refusal.status) (\(refusal.code))")
        }
    }
}
