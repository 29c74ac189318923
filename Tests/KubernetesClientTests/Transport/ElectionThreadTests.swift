import EmbeddedRegistry
import KubernetesAPI
import KubernetesClient
import NIOCore
import NIOPosix
import OutboundHTTP
import Synchronization
import Testing

/// What keeps the threads of the process busy must not hold up the renewals of the lease.
@Suite("The thread of leader election's connections", .timeLimit(.minutes(1)))
struct ElectionThreadTests {
    /// The event loops of the threads that everything in the process shares.
    private static let shared = Set(MultiThreadedEventLoopGroup.singleton.makeIterator().map { ObjectIdentifier($0) })

    /// The event loops that carry two requests of a transport, which is shut down afterwards.
    private static func loops(
        _ configuration: ClusterConfiguration,
        _ options: HTTPTransportOptions
    ) async throws -> Set<ObjectIdentifier> {
        let transport = try HTTPAPITransport(configuration, options: options)
        let found = Mutex<Set<ObjectIdentifier>>([])
        let result: Result<Void, any Error>
        do {
            for _ in 0..<2 {
                // Permission is asked for on the thread of the connection.
                _ = try await transport.send(APIRequest(.get, "/v2/")) {
                    guard let loop = MultiThreadedEventLoopGroup.currentEventLoop else { return false }
                    let identifier = ObjectIdentifier(loop)
                    found.withLock { _ = $0.insert(identifier) }
                    return true
                }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        try result.get()
        return found.withLock { $0 }
    }

    @Test("requests about the lease go over a thread of their own, other requests over those that are shared")
    func distinct() async throws {
        try await EmbeddedRegistry.with { server in
            let configuration = ClusterConfiguration(
                server: try OutboundURL("http://\(server.host)"),
                source: "the test"
            )
            let election = try await Self.loops(configuration, .leaderElection)
            #expect(election.count == 1 && Self.shared.isDisjoint(with: election))
            let others = try await Self.loops(configuration, HTTPTransportOptions())
            #expect(!others.isEmpty && Self.shared.isSuperset(of: others))
            // Another transport for elections has another: what belongs to one ends with it.
            let again = try await Self.loops(configuration, .leaderElection)
            #expect(again.count == 1 && Self.shared.isDisjoint(with: again))
        }
    }

    @Test("a transport that was shut down says so, and can be shut down again")
    func end() async throws {
        let configuration = ClusterConfiguration(server: try OutboundURL("http://127.0.0.1:1"), source: "the test")
        let transport = try HTTPAPITransport(configuration, options: .leaderElection)
        await transport.shutdown()
        await transport.shutdown()
        let error = await #expect(throws: TransportError.self) { try await transport.send(APIRequest(.get, "/api")) }
        #expect(error?.code == .unreachable)
    }
}
