internal import OCIModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Everything that is shared by the requests to one registry: its address, its places, its tokens.
final class RegistrySession: Sendable {
    let endpoint: RegistryEndpoint
    private let http: any HTTPExchange
    private let configuration: RegistryConfiguration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let gate: RequestGate
    private let authenticator: RegistryAuthenticator

    init(
        endpoint: RegistryEndpoint,
        http: any HTTPExchange,
        configuration: RegistryConfiguration,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date
    ) {
        self.endpoint = endpoint
        self.http = http
        self.configuration = configuration
        self.clock = clock
        self.now = now
        gate = RequestGate(places: configuration.requestsPerRegistry)
        authenticator = RegistryAuthenticator(
            endpoint: endpoint,
            service: TokenService(http: http, configuration: configuration, now: now),
            configuration: configuration,
            now: now
        )
    }

    /// Fetches something, with authentication, redirects and retries.
    ///
    /// The answer has status 200, or one of the request's accepted statuses.
    func fetch(_ request: RegistryRequest, by deadline: Deadline) async throws(RegistryError) -> OutboundResponse {
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
            error.isTransient ? RetryAdvice.retry(after: error.retryAfter) : .giveUp
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
        if response.status == 200 || request.acceptedStatuses.contains(response.status) { return response }
        throw RegistryError(response, asking: request, now: now())
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
            var outbound = OutboundRequest(.get, redirection.url, timeout: timeout(deadline))
            if !request.accept.isEmpty {
                outbound.headers["accept"] = request.accept.map(\.rawValue).joined(separator: ", ")
            }
            if isAtHome { outbound.headers["authorization"] = authorization?.headerValue }
            let response = try await send(outbound, for: request)
            guard [301, 302, 303, 307, 308].contains(response.status) else {
                // A challenge of another host is no challenge of the registry's: nothing is ever sent in answer to it.
                guard response.status == 401, !isAtHome else { return response }
                throw RegistryError(
                    .forbidden,
                    "\(request.sentence): \(redirection.url.authority), to which the registry redirected, answered 401",
                    asking: request
                )
            }
            do {
                try redirection.follow(response.headers["location"])
            } catch {
                throw RegistryError(error.code, "\(request.sentence): \(error.cause)", asking: request)
            }
        }
    }

    private func timeout(_ deadline: Deadline) -> Duration {
        min(configuration.requestTimeout, max(deadline.remaining, .milliseconds(1)))
    }

    private func send(_ outbound: OutboundRequest, for request: RegistryRequest) async throws(RegistryError)
        -> OutboundResponse
    {
        let response: OutboundResponse?
        do throws(OutboundError) {
            response = try await gate.pass { () async throws(OutboundError) -> OutboundResponse in
                try await http.send(outbound, limit: request.limit)
            }
        } catch {
            throw RegistryError(error, asking: request)
        }
        guard let response else {
            throw RegistryError(.cancelled, "\(request.sentence): the request was cancelled", asking: request)
        }
        return response
    }
}
