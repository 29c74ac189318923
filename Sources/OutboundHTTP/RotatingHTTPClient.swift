internal import Synchronization

/// Sends requests with TLS settings that may change while it is in use, as certificates are renewed.
///
/// New settings hold for every exchange that begins after them. Exchanges that are under way end undisturbed on the
/// connections they have, which are closed after the last of them. As with ``OutboundHTTPClient``, whoever creates one
/// must call ``shutdown()``.
public final class RotatingHTTPClient: HTTPExchange {
    /// The connections made with the same settings, and how many exchanges use them.
    private struct Generation {
        let client: OutboundHTTPClient
        var exchanges = 0
    }

    private struct State {
        var tls: TLSSettings
        var current = 0
        var generations: [Int: Generation]
        /// Connections of earlier settings that nothing uses any more, not yet closed.
        var idle: [OutboundHTTPClient] = []
        var isShutDown = false
    }

    private let configuration: OutboundConfiguration
    private let clock: any Clock<Duration>
    private let state: Mutex<State>

    /// Creates a client; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: trust, proxies and time limits.
    ///   - clock: measures every time limit except that of connecting.
    /// - Throws: ``OutboundError`` with code `invalidConfiguration` when the TLS settings cannot be used.
    public init(
        _ configuration: OutboundConfiguration,
        clock: any Clock<Duration> = ContinuousClock()
    ) throws(OutboundError) {
        self.configuration = configuration
        self.clock = clock
        let first = Generation(client: try OutboundHTTPClient(configuration, clock: clock))
        state = Mutex(State(tls: configuration.tls, generations: [0: first]))
    }

    /// How many sets of connections are open: 1, and one more for each earlier one that is still in use.
    var generationCount: Int { state.withLock { $0.generations.count + $0.idle.count } }

    /// Uses `tls` for the exchanges that begin from now on.
    ///
    /// Costs nothing when they are the settings in use.
    ///
    /// - Throws: ``OutboundError`` with code `invalidConfiguration` when they cannot be used; the earlier ones stay.
    public func use(_ tls: TLSSettings) throws(OutboundError) {
        guard state.withLock({ $0.tls != tls }) else { return }
        var configuration = configuration
        configuration.tls = tls
        let renewed = configuration
        try tls.check()
        try state.withLock { state throws(OutboundError) in
            guard state.tls != tls, !state.isShutDown else { return }
            // Made under the lock, so that no client is made that nobody closes.
            let client = try OutboundHTTPClient(renewed, clock: clock)
            if let former = state.generations[state.current], former.exchanges == 0 {
                state.generations[state.current] = nil
                state.idle.append(former.client)
            }
            state.tls = tls
            state.current += 1
            state.generations[state.current] = Generation(client: client)
        }
    }

    /// Closes every connection.
    ///
    /// Exchanges under way fail with `shutDown` or `connectionLost`.
    public func shutdown() async {
        let clients = state.withLock { state in
            state.isShutDown = true
            let clients = state.generations.values.map(\.client) + state.idle
            state.generations = [:]
            state.idle = []
            return clients
        }
        for client in clients { await client.shutdown() }
    }

    /// Sends a request and collects the whole answer; see ``HTTPExchange/send(_:limit:)``.
    public func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        let (generation, client) = try begin()
        do throws(OutboundError) {
            let response = try await client.send(request, limit: limit)
            await end(generation)
            return response
        } catch {
            await end(generation)
            throw error
        }
    }

    /// Sends a request whose answer is read as it arrives; see ``HTTPExchange/stream(_:_:)``.
    public func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        let (generation, client) = try begin()
        do {
            let result = try await client.stream(request, body)
            await end(generation)
            return result
        } catch {
            await end(generation)
            throw error
        }
    }

    private func begin() throws(OutboundError) -> (generation: Int, OutboundHTTPClient) {
        let taken = state.withLock { state -> (Int, OutboundHTTPClient)? in
            guard let generation = state.generations[state.current] else { return nil }
            state.generations[state.current]?.exchanges += 1
            return (state.current, generation.client)
        }
        guard let taken else { throw OutboundError(.shutDown, "the client was shut down") }
        return taken
    }

    /// Ends an exchange, and closes the connections that nothing uses any more.
    private func end(_ generation: Int) async {
        let unused = state.withLock { state in
            state.generations[generation]?.exchanges -= 1
            if generation != state.current, let former = state.generations[generation], former.exchanges == 0 {
                state.generations[generation] = nil
                state.idle.append(former.client)
            }
            defer { state.idle = [] }
            return state.idle
        }
        for client in unused { await client.shutdown() }
    }
}
