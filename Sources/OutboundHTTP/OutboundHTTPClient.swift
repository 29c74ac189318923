internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Sends requests over the network: its own connections, its own trust, no redirects, no retries, no cookies.
///
/// Whoever creates a client owns it and must call ``shutdown()`` when no request is under way any more; a client that is
/// dropped without it leaks its connections (and stops a debug build). ``with(_:clock:_:)`` does both. A client is made
/// to be kept: connections are reused.
public final class OutboundHTTPClient: HTTPExchange {
    private let configuration: OutboundConfiguration
    private let clock: any Clock<Duration>
    private let direct: HTTPClient
    private let tunnels: TunnelledClients?
    private let permissions = SendingPermissions()

    /// Creates a client; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: trust, proxies and time limits.
    ///   - clock: measures every time limit except that of connecting.
    /// - Throws: ``OutboundError`` with code `invalidConfiguration` when the TLS settings cannot be used, `shutDown` when
    ///   the thread of the configuration has ended.
    public init(
        _ configuration: OutboundConfiguration = OutboundConfiguration(),
        clock: any Clock<Duration> = ContinuousClock()
    ) throws(OutboundError) {
        self.configuration = configuration
        self.clock = clock
        let native = try configuration.makeNative(permissions)
        let hasProxies = configuration.proxies.http != nil || configuration.proxies.https != nil
        tunnels = hasProxies ? try TunnelledClients(configuration, native) : nil
        try configuration.thread?.enter()
        direct = HTTPClient(eventLoopGroupProvider: configuration.eventLoops, configuration: native)
    }

    /// Lets one thread carry the connections of every client in this process, instead of one thread per processor.
    ///
    /// For programs that end after a few requests: threads that have nothing to do take time to start and memory. Call it
    /// at the start of the process, before the first client is made; a call after that ends the process, as SwiftNIO does
    /// not change the threads it has. Further calls have no effect.
    public static func useOneThread() { _ = oneThread }

    private static let oneThread: Void = { NIOSingletons.groupLoopCountSuggestion = 1 }()

    /// Closes every connection.
    ///
    /// Requests under way fail with `shutDown` or `connectionLost`.
    public func shutdown() async {
        await tunnels?.shutdown()
        do {
            try await direct.shutdown()
            configuration.thread?.leave()
        } catch {
            // It was shut down before.
        }
    }

    /// Runs `body` with a client that is shut down afterwards, whatever happens.
    @discardableResult
    public static func with<Result: Sendable>(
        _ configuration: OutboundConfiguration = OutboundConfiguration(),
        clock: any Clock<Duration> = ContinuousClock(),
        _ body: (OutboundHTTPClient) async throws -> Result
    ) async throws -> Result {
        let client = try OutboundHTTPClient(configuration, clock: clock)
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Sends a request and collects the whole answer; see ``HTTPExchange/send(_:limit:)``.
    public func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        let limits = ExchangeLimits(request, configuration.timeouts, overallEndsWithHead: false)
        do {
            return try await exchange(request, limits, clock) { stream in
                try await Self.collect(stream, of: request, limit: limit)
            }
        } catch let error as OutboundError {
            throw error
        } catch {
            throw OutboundError.describing(error, of: ExchangePeer(request.url, configuration))
        }
    }

    /// Sends a request whose answer is read as it arrives; see ``HTTPExchange/stream(_:_:)``.
    public func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        try await exchange(
            request,
            ExchangeLimits(request, configuration.timeouts, overallEndsWithHead: true),
            clock,
            body
        )
    }

    /// Runs an exchange under its watchdog: whichever of the two ends first ends the other.
    private func exchange<Result: Sendable, ClockType: Clock<Duration>>(
        _ request: OutboundRequest,
        _ limits: ExchangeLimits,
        _ clock: ClockType,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        try configuration.thread?.enter()
        defer { configuration.thread?.leave() }
        let proxy = configuration.proxies.proxy(for: request.url)
        let route = tunnels == nil ? nil : proxy.map { TunnelRoute(to: request.url, through: $0) }
        var native = try request.makeNative(configuration, through: route)
        let permission = try request.isPermitted.map(keep)
        defer { if let permission { permissions.withdraw(permission) } }
        if let permission { native.headers.add(name: SendingPermissions.field, value: permission) }
        guard let route, let tunnels else {
            return try await exchange(request, native, direct, limits, clock, body)
        }
        let client = try tunnels.begin(route)
        do {
            let result = try await exchange(request, native, client, limits, clock, body)
            await tunnels.end(route)
            return result
        } catch {
            await tunnels.end(route)
            throw error
        }
    }

    private func keep(_ question: @escaping @Sendable () -> Bool) throws(OutboundError) -> String {
        guard !configuration.allowsHTTP2 else {
            throw OutboundError(.invalidRequest, "nobody can be asked before a request is sent over HTTP/2")
        }
        return permissions.keep(question)
    }

    private func exchange<Result: Sendable, ClockType: Clock<Duration>>(
        _ request: OutboundRequest,
        _ native: HTTPClientRequest,
        _ client: HTTPClient,
        _ limits: ExchangeLimits,
        _ clock: ClockType,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        let watchdog = ExchangeWatchdog(limits: limits, clock: clock)
        let peer = ExchangePeer(request.url, configuration)
        return try await withoutActuallyEscaping(body) { body in
            try await withThrowingTaskGroup(of: Result.self) { group in
                defer { group.cancelAll() }
                group.addTask {
                    let response = try await Self.head(of: native, client, peer)
                    watchdog.headArrived()
                    return try await body(Self.responseStream(response, peer, watchdog))
                }
                group.addTask {
                    let cause = try await watchdog.run()
                    throw OutboundError(.timedOut, "\(request.url.authority) timed out: \(cause)")
                }
                guard let result = try await group.next() else {
                    throw OutboundError(.cancelled, "the request to \(request.url.authority) was cancelled")
                }
                return result
            }
        }
    }

    private static func head(
        of native: HTTPClientRequest,
        _ client: HTTPClient,
        _ peer: ExchangePeer
    ) async throws -> HTTPClientResponse {
        do {
            // The watchdog keeps the time; a deadline of the library's would end at the head of the answer.
            return try await client.execute(native, deadline: .distantFuture)
        } catch {
            throw OutboundError.describing(error, of: peer)
        }
    }

    private static func responseStream(
        _ response: HTTPClientResponse,
        _ peer: ExchangePeer,
        _ watchdog: ExchangeWatchdog<some Clock<Duration>>
    ) -> OutboundResponseStream {
        let native = response.body
        let body = OutboundBody {
            let iterator = BodyIterator(native)
            return {
                do {
                    guard let part = try await iterator.next() else { return nil }
                    watchdog.partArrived()
                    return part
                } catch let error as CancellationError {
                    throw error
                } catch {
                    throw OutboundError.describing(error, of: peer)
                }
            }
        }
        return OutboundResponseStream(
            status: Int(response.status.code),
            headers: HeaderFields(response.headers.map { ($0.name, $0.value) }),
            body: body
        )
    }

    private static func collect(
        _ stream: OutboundResponseStream,
        of request: OutboundRequest,
        limit: BodyLimit
    ) async throws -> OutboundResponse {
        let isExplanation = stream.status >= 300
        let maximum = isExplanation ? BodyLimit.maximumExplanationBytes : limit.maximumBytes
        let announced = request.method == .head ? 0 : stream.headers["content-length"].flatMap(Int.init) ?? 0
        let tooLarge = OutboundError(
            .tooLarge,
            "the answer of \(request.url.authority) is larger than \(maximum) bytes"
        )
        guard isExplanation || announced <= maximum else { throw tooLarge }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(max(0, min(announced, maximum)))
        for try await part in stream.body {
            let room = maximum - bytes.count
            if part.count > room {
                guard isExplanation else { throw tooLarge }
                bytes += part.prefix(room)
                break
            }
            bytes += part
        }
        return OutboundResponse(status: stream.status, headers: stream.headers, body: bytes)
    }
}
