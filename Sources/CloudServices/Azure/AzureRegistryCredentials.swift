internal import JSONModel
public import OCIModel
public import OCIRegistry
internal import OutboundHTTP
internal import WorkSharing

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The credentials for Azure's container registries that an identity of Azure gives (Azure Container Registry,
/// AAD-OAuth.md): a token of the identity is exchanged for a refresh token of the registry.
///
/// Asked only for registries within Azure's domains, and where no other credential is known. A refusal is an error, so
/// that it is told: it does not become an anonymous request.
public struct AzureRegistryCredentials: CredentialSource {
    private let tokens: Result<AzureTokens, CloudError>
    private let surroundings: CloudSurroundings
    private let access: AzureAccess
    private let base: any CredentialSource
    private let refreshTokens: ExpiringValues<String, String, CloudError>

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - identity: who asks; or why there is nobody to ask as, which is told where it would be needed.
    ///   - surroundings: the way to Azure and to its registries.
    ///   - access: which hosts are Azure's.
    ///   - base: credentials that go first.
    public init(
        _ identity: Result<AzureIdentity, CloudError>,
        _ surroundings: CloudSurroundings,
        access: AzureAccess = AzureAccess(),
        after base: any CredentialSource
    ) {
        tokens = identity.map { AzureTokens($0, surroundings) }
        self.surroundings = surroundings
        self.access = access
        self.base = base
        refreshTokens = ExpiringValues(capacity: 64, now: surroundings.now)
    }

    /// The credential for a repository; see `CredentialSource`.
    public func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? {
        if let given = try await base.credential(for: repository) { return given }
        guard let url = try? OutboundURL("https://\(repository.registry)/oauth2/exchange"),
            let cloud = access.cloud(ofRegistry: url)
        else { return nil }
        do throws(CloudError) {
            let tokens = try tokens.get()
            let token = try await refreshTokens.value(url.authority, cancelled: .cancelled) {
                () async throws(CloudError) in
                let text = try await exchange(tokens, url, .registries(of: cloud))
                return .init(text, until: renewal(of: text))
            }
            return .identityToken(token)
        } catch {
            throw RegistryError(error, for: repository)
        }
    }

    private func exchange(
        _ tokens: AzureTokens,
        _ url: OutboundURL,
        _ resource: AzureResource
    ) async throws(CloudError) -> String {
        try await surroundings.attempt { () async throws(CloudError) -> String in
            let token = try await tokens.token(for: resource)
            var fields = [("grant_type", "access_token"), ("service", url.authority)]
            if let tenant = tokens.identity.tenantID { fields.append(("tenant", tenant)) }
            fields.append(("access_token", token.text))
            let request = ServiceRequest(
                name: "the registry \(url.authority)",
                request: OutboundRequest(
                    .post,
                    url,
                    headers: ["content-type": "application/x-www-form-urlencoded", "accept": "application/json"],
                    body: FormBody.encode(fields)
                ),
                limit: .kibibytes(64)
            )
            let response = try await request.answer(over: surroundings.http)
            switch response.status {
            case 200:
                guard let text = ServiceBody.token(ServiceBody.object(response.body)?["refresh_token"]) else {
                    throw CloudError(.malformed, "\(request.name) answered without a refresh token")
                }
                return text
            case 401, 403:
                tokens.reject(token, for: resource)
                throw CloudError(
                    .unauthorized,
                    "\(request.name) does not know the identity of Azure that asks (\(response.status)); assign it AcrPull"
                )
            default: throw request.failure(response, "", now: surroundings.now())
            }
        }
    }

    /// When another token is asked for: five minutes before the one at hand says that it ends; they last three hours.
    ///
    /// The claim is read, not verified: it decides about nothing else.
    private func renewal(of token: String) -> Date {
        let now = surroundings.now()
        return now.addingTimeInterval(Self.use(of: token, now: now))
    }

    /// For how many seconds a token is used.
    static func use(of token: String, now: Date) -> TimeInterval {
        let life = expiry(of: token).map { $0.timeIntervalSince(now) } ?? 3 * 3600
        return max(0, min(life, 3 * 3600) - 300)
    }

    private static func expiry(of token: String) -> Date? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var text = parts[1].map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        while text.count % 4 != 0 { text.append("=") }
        guard let data = Data(base64Encoded: String(text)),
            let seconds = ServiceBody.object(Array(data))?["exp"]?.integer
        else { return nil }
        return Date(timeIntervalSince1970: Double(seconds))
    }
}
