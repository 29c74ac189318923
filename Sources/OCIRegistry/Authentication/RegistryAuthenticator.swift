internal import OCIModel
internal import OutboundHTTP
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Knows how one registry wants to be authenticated, and does so.
///
/// The first request goes without credentials; the challenge that comes back is remembered, so that later requests
/// bring what it asks for.
final class RegistryAuthenticator: Sendable {
    private let endpoint: RegistryEndpoint
    private let service: TokenService
    private let configuration: RegistryConfiguration
    private let tokens: TokenStore
    private let challenge = Mutex<AuthenticationChallenge?>(nil)
    private let successors = Mutex(SuccessorTokens())

    init(
        endpoint: RegistryEndpoint,
        service: TokenService,
        configuration: RegistryConfiguration,
        now: @escaping @Sendable () -> Date
    ) {
        self.endpoint = endpoint
        self.service = service
        self.configuration = configuration
        tokens = TokenStore(now: now)
    }

    /// What to send before being asked; `nil` for nothing.
    ///
    /// A challenge that cannot be met is forgotten: whatever the registry once said, the next request finds out what it says
    /// now.
    func authorization(
        for request: RegistryRequest,
        by deadline: Deadline
    ) async throws(RegistryError) -> Authorization? {
        let known = challenge.withLock { $0 }
        do {
            switch known {
            case nil: return nil
            case .basic: return try await basic(for: request)
            case .bearer(let realm, let service): return try await bearer(realm, service, for: request, by: deadline)
            }
        } catch {
            guard !error.isTransient, error.code != .cancelled else { throw error }
            challenge.withLock { if $0 == known { $0 = nil } }
            switch error.code {
            // Its words are no use: perhaps there are better ones by now.
            case .insecure, .malformed, .tooLarge: return nil
            default: throw error
            }
        }
    }

    /// What to send in answer to a 401.
    func answer(
        _ fields: [String],
        to request: RegistryRequest,
        rejected: Authorization?,
        by deadline: Deadline
    ) async throws(RegistryError) -> Authorization? {
        guard let asked = AuthenticationChallenge(fields: fields) else {
            throw RegistryError(
                .unauthorized,
                "\(request.sentence): the registry answered 401 without a challenge that can be answered",
                asking: request
            )
        }
        challenge.withLock { $0 = asked }
        switch asked {
        case .basic:
            guard let authorization = try await basic(for: request) else {
                let hasToken = try await configuration.credentials.credential(for: request.repository) != nil
                throw RegistryError(
                    .unauthorized,
                    hasToken
                        ? "\(request.sentence): the registry wants a user and a password (Basic), and there is only an "
                            + "identity token, which is for token services"
                        : "\(request.sentence): the registry wants credentials and there are none",
                    asking: request
                )
            }
            return authorization
        case .bearer(let realm, let service):
            if case .bearer(let token) = rejected {
                tokens.reject(request.scope, token: token)
            }
            return try await bearer(realm, service, for: request, by: deadline)
        }
    }

    /// The words for a 401 that came in spite of an authorization.
    func refusal(of authorization: Authorization?, _ response: OutboundResponse, _ request: RegistryRequest)
        -> RegistryError
    {
        if case .bearer(let token) = authorization { tokens.reject(request.scope, token: token) }
        let body = RegistryErrorBody(response.body)
        let words = body.words.isEmpty ? "" : " (\(body.words))"
        return RegistryError(
            .unauthorized,
            "\(request.sentence): the registry refused \(authorization?.description ?? "an anonymous request")\(words)",
            asking: request
        )
    }

    private func basic(for request: RegistryRequest) async throws(RegistryError) -> Authorization? {
        switch try await configuration.credentials.credential(for: request.repository) {
        case .basic(let username, let password): .basic(username: username, password: password)
        case .accessToken(let token): .bearer(token)
        case .identityToken, nil: nil
        }
    }

    private func bearer(
        _ realm: String,
        _ service: String?,
        for request: RegistryRequest,
        by deadline: Deadline
    ) async throws(RegistryError) -> Authorization {
        let url: OutboundURL
        do {
            url = try TokenRealmPolicy.realm(realm, of: endpoint)
        } catch {
            throw RegistryError(
                error.code,
                "\(request.sentence): \(endpoint.registry): \(error.cause)",
                asking: request
            )
        }
        var credential = try await configuration.credentials.credential(for: request.repository)
        if case .accessToken(let token) = credential { return .bearer(token) }
        let isWithheld =
            credential != nil
            && !TokenRealmPolicy.mayReceiveCredentials(url, of: endpoint, configuration: configuration)
        if isWithheld { credential = nil }
        let key = TokenKey(realm: realm, service: service, scope: request.scope)
        do {
            let token = try await tokens.token(
                key,
                cancelled: RegistryError(.cancelled, "\(request.sentence): the request was cancelled", asking: request)
            ) { [credential] () async throws(RegistryError) -> BearerToken in
                try await self.fetch(key, at: url, as: credential, for: request, by: deadline)
            }
            return .bearer(token.text)
        } catch {
            guard isWithheld, error.code == .unauthorized || error.code == .forbidden else { throw error }
            throw RegistryError(
                error.code,
                "\(error.message); the credentials for \(endpoint.registry) were not sent there, because \(url.host) is "
                    + "not known to be its token service; if it is, name it in the configuration",
                asking: request
            )
        }
    }

    /// Asks the token service, with the latest identity token where it replaces them.
    private func fetch(
        _ key: TokenKey,
        at url: OutboundURL,
        as credential: RegistryCredential?,
        for request: RegistryRequest,
        by deadline: Deadline
    ) async throws(RegistryError) -> BearerToken {
        let shown = successors.withLock { $0.present(credential, to: key.realm) }
        do {
            let answer = try await service.token(
                url,
                service: key.service,
                credential: shown,
                for: request,
                by: deadline
            )
            if let successor = answer.successor {
                successors.withLock { $0.replace(credential, at: key.realm, by: successor) }
            }
            return answer.token
        } catch {
            guard shown != credential, error.code == .unauthorized || error.code == .forbidden else { throw error }
            successors.withLock { $0.replace(credential, at: key.realm, by: nil) }
            return try await fetch(key, at: url, as: credential, for: request, by: deadline)
        }
    }
}
