internal import OCIModel
internal import OutboundHTTP
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Everything that is shared by the requests to one registry with one set of credentials: its address, its tokens, what
/// is known of it.
final class RegistrySession: Sendable {
    let endpoint: RegistryEndpoint
    private let http: any HTTPExchange
    private let traffic: RegistryTraffic
    private let configuration: RegistryConfiguration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let authenticator: RegistryAuthenticator
    private let referrers = Mutex(ReferrersKnowledge())
    /// Tells what this session read from what others did.
    private let id: UInt64

    init(
        endpoint: RegistryEndpoint,
        http: any HTTPExchange,
        traffic: RegistryTraffic,
        configuration: RegistryConfiguration,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date
    ) {
        self.endpoint = endpoint
        self.http = http
        self.traffic = traffic
        self.configuration = configuration
        self.clock = clock
        self.now = now
        id = traffic.answers.newSession()
        authenticator = RegistryAuthenticator(
            endpoint: endpoint,
            service: TokenService(http: http, traffic: traffic, configuration: configuration, now: now),
            configuration: configuration,
            now: now
        )
    }

    // MARK: - What is known

    /// Whether the referrers API is to be asked about a repository.
    func asksReferrersAPI(_ repository: RepositoryName) -> Bool {
        referrers.withLock { $0.asksAPI(repository, now: traffic.now) }
    }

    /// The referrers API answered about a repository, or is not there.
    func learned(hasReferrersAPI: Bool, _ repository: RepositoryName) {
        referrers.withLock { $0.learned(hasAPI: hasReferrersAPI, repository, now: traffic.now) }
    }

    /// Whether the referrers tag of a digest need not be read after the API listed nothing.
    func lacksReferrersTag(_ repository: RepositoryName, _ digest: Digest) -> Bool {
        referrers.withLock { $0.lacksTag(repository, digest, now: traffic.now) }
    }

    /// The referrers tag of a digest was read.
    func learned(hasReferrersTag: Bool, _ repository: RepositoryName, _ digest: Digest) {
        referrers.withLock { $0.learned(hasTag: hasReferrersTag, repository, digest, now: traffic.now) }
    }

    // MARK: - Fetching

    /// Fetches something, with authentication, redirects and retries; what is known and did not change is not transferred
    /// again.
    ///
    /// The answer has status 200, or one of the request's accepted statuses.
    func fetch(_ request: RegistryRequest, by deadline: Deadline) async throws(RegistryError) -> OutboundResponse {
        guard request.isChangeable else { return try await attempt(request, by: deadline) }
        let key = AnswerCache.Key(session: id, url: request.url)
        let begun = traffic.now
        var known = traffic.answers.known(key)
        // A manifest is what its digest says; a list is what a registry says of it.
        if let age = known.map({ begun - $0.answeredAt }), !request.isManifest, age >= AnswerCache.listingLife {
            known = nil
        }
        if let known, try await isUnchanged(known, request, by: deadline) {
            traffic.countUnchanged(request.url.authority)
            return known.response
        }
        var asked = request
        asked.validator = known?.tag
        let response = try await attempt(asked, by: deadline)
        if response.status == 304, let known {
            traffic.countUnchanged(request.url.authority)
            return known.confirmed(by: response)
        }
        traffic.answers.keep(response.status == 200 ? AnswerCache.Known(response, at: begun) : nil, key)
        return response
    }

    /// What a request brought cannot be used: it is transferred anew the next time.
    func forget(_ request: RegistryRequest) {
        traffic.answers.keep(nil, AnswerCache.Key(session: id, url: request.url))
    }

    /// Whether a registry that counts GET and not HEAD says by HEAD that a tag still means what is known.
    private func isUnchanged(
        _ known: AnswerCache.Known,
        _ request: RegistryRequest,
        by deadline: Deadline
    ) async throws(RegistryError) -> Bool {
        guard request.isPull, let digest = known.digest, traffic.countsPulls(request.url.authority) else {
            return false
        }
        var look = request
        look.method = .head
        do {
            let response = try await attempt(look, by: deadline)
            return response.status == 200 && response.headers.values("docker-content-digest") == [digest]
        } catch {
            // One that does not know HEAD is asked in the usual way.
            guard error.code == .refused || error.code == .malformed else { throw error }
            return false
        }
    }

    private func attempt(_ request: RegistryRequest, by deadline: Deadline) async throws(RegistryError)
        -> OutboundResponse
    {
        var retry = configuration.retry
        retry.budget = min(retry.budget, deadline.remaining)
        return try await retrying(retry, on: clock, request, deadline)
    }

    private func retrying(
        _ retry: RetryPolicy,
        on clock: some Clock<Duration>,
        _ request: RegistryRequest,
        _ deadline: Deadline
    ) async throws(RegistryError) -> OutboundResponse {
        let response = try await retry.attempt(clock: clock) { error in
            error.isTransient && !error.isHeldBack ? RetryAdvice.retry(after: error.retryAfter) : .giveUp
        } _: { (_) async throws(RegistryError) -> OutboundResponse in
            try await self.fetchOnce(request, by: deadline)
        }
        return response
    }

    private func fetchOnce(_ request: RegistryRequest, by deadline: Deadline) async throws(RegistryError)
        -> OutboundResponse
    {
        var authorization = try await authenticator.authorization(for: request, by: deadline)
        var response = try await exchange(request, authorization, by: deadline)
        if response.status == 401 {
            authorization = try await authenticator.answer(
                response.headers.values("www-authenticate"),
                to: request,
                rejected: authorization,
                by: deadline
            )
            response = try await exchange(request, authorization, by: deadline)
            if response.status == 401 {
                throw authenticator.refusal(of: authorization, response, request)
            }
        }
        if response.status == 304, request.validator != nil { return response }
        guard response.status == 200 || request.acceptedStatuses.contains(response.status) else {
            throw RegistryError(response, asking: request, now: now())
        }
        try Self.checkEncoding(response, request)
        return response
    }

    /// Compressed content was not asked for and is never expanded: whatever it would become, it is not what was asked for.
    private static func checkEncoding(
        _ response: OutboundResponse,
        _ request: RegistryRequest
    ) throws(RegistryError) {
        guard let encoding = response.headers["content-encoding"], encoding.lowercased() != "identity",
            response.status == 200
        else { return }
        throw RegistryError(
            .malformed,
            "\(request.sentence): the registry sent it in the encoding \(URLRedaction.printable(encoding, limit: 40)), "
                + "which was not asked for",
            asking: request
        )
    }

    /// Sends a request and follows its redirects.
    ///
    /// Only requests to the registry's own origin carry `authorization`.
    private func exchange(
        _ request: RegistryRequest,
        _ authorization: Authorization?,
        by deadline: Deadline
    ) async throws(RegistryError) -> OutboundResponse {
        var redirection = Redirection(
            endpoint: endpoint,
            url: request.url,
            limit: configuration.limits.redirects,
            allowsInternal: configuration.followsRedirectsToInternalAddresses
        )
        while true {
            let isAtHome = redirection.url.origin == endpoint.base.origin
            let outbound = outbound(request, redirection.url, isAtHome ? authorization : nil, isAtHome: isAtHome)
            var response = try await send(outbound, for: request, by: deadline)
            guard [301, 302, 303, 307, 308].contains(response.status) else {
                guard !isAtHome else { return response }
                // A challenge of another host is no challenge of the registry's: nothing is ever sent in answer to it.
                guard response.status != 401, response.status != 304 else {
                    throw RegistryError(
                        response.status == 401 ? .forbidden : .malformed,
                        "\(request.sentence): \(redirection.url.authority), to which the registry redirected, answered "
                            + "\(response.status)",
                        asking: request
                    )
                }
                // What another host calls its content is nothing to ask the registry for.
                response.headers["etag"] = nil
                return response
            }
            do {
                try redirection.follow(response.headers["location"])
            } catch {
                throw RegistryError(error.code, "\(request.sentence): \(error.cause)", asking: request)
            }
        }
    }

    private func outbound(
        _ request: RegistryRequest,
        _ url: OutboundURL,
        _ authorization: Authorization?,
        isAtHome: Bool
    ) -> OutboundRequest {
        var outbound = OutboundRequest(request.method, url)
        if !request.accept.isEmpty {
            outbound.headers["accept"] = request.accept.map(\.rawValue).joined(separator: ", ")
        }
        outbound.headers["authorization"] = authorization?.headerValue
        if isAtHome { outbound.headers["if-none-match"] = request.validator }
        return outbound
    }

    private func send(
        _ outbound: OutboundRequest,
        for request: RegistryRequest,
        by deadline: Deadline
    ) async throws(RegistryError) -> OutboundResponse {
        var sending = RegistryTraffic.Sending(
            outbound: outbound,
            limit: request.limit,
            isPull: request.isPull,
            timeout: configuration.requestTimeout,
            deadline: deadline,
            request: request
        )
        if traffic.isPerCredential(sending.host) {
            let credential = try? await configuration.credentials.credential(for: request.repository)
            sending.owner = credential?.hashValue ?? 0
        }
        return try await traffic.send(sending, over: http, date: now)
    }
}
