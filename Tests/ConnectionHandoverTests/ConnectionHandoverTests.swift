import ConnectionHandover
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

/// A failure here is a crash of the whole process: it is swift-nio that ends it.
@Suite("Servers that end while connections come in", .timeLimit(.minutes(5)))
struct ConnectionHandoverTests {
    private struct Served: Service {
        let handover: ConnectionHandover
        let server: any Service

        func run() async throws {
            let server = server
            try await handover.serve { try await server.run() }
        }
    }

    private func server(_ listening: AsyncStream<Int>.Continuation) throws -> Served {
        let handover = ConnectionHandover()
        let builder = HTTPServerBuilder { handover.connections(HTTP1Channel(responder: $0)) }
        let server = try builder.buildServer(
            configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: 0)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            responder: { _, writer, _ in try await writer.writeResponse(HTTPResponse(status: .ok)) },
            onServerRunning: { channel in
                await handover.watch(channel)
                listening.yield(channel.localAddress?.port ?? 0)
            }
        )
        return Served(handover: handover, server: server)
    }

    /// Connects again and again until nobody listens.
    ///
    /// - Returns: how often somebody did.
    private func knock(at port: Int) async -> Int {
        var count = 0
        while let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        {
            count += 1
            channel.close(promise: nil)
        }
        return count
    }

    /// Runs a server, calls `end` once it listens and somebody has connected, and waits until everything is over.
    private func round(_ run: @escaping @Sendable (Served) async throws -> Void, end: @Sendable () async -> Void)
        async throws
        -> Int
    {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = try server(listening)
        return try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                defer { listening.finish() }
                try await run(server)
                return 0
            }
            let port = try #require(await ports.first { _ in true })
            for _ in 0..<4 { group.addTask { await knock(at: port) } }
            await end()
            return try await group.reduce(0, +)
        }
    }

    /// Lets servers run until they are told to end, each a little later than the one before.
    ///
    /// - Parameter run: runs a server, and ends it when the stream ends.
    /// - Throws: what `run` throws.
    private func endOften(
        _ run: @escaping @Sendable (Served, AsyncStream<Never>) async throws -> Void
    ) async throws {
        var connections = 0
        for round in 0..<40 {
            let (ended, end) = AsyncStream.makeStream(of: Never.self)
            connections += try await self.round { server in
                try await run(server, ended)
            } end: {
                for _ in 0..<(round * 20) { await Task.yield() }
                end.finish()
            }
        }
        #expect(connections > 0)
    }

    @Test("a server that is cancelled takes over everybody first, and listens no more")
    func cancelled() async throws {
        try await endOften { server, ended in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                for await _ in ended {}
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test("so does one that shuts down gracefully")
    func graceful() async throws {
        try await endOften { server, ended in
            let services = ServiceGroup(
                services: [server],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                for await _ in ended {}
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }

    @Test("a server that cannot listen says so")
    func occupied() async throws {
        let other = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(other.localAddress?.port)
        let handover = ConnectionHandover()
        let builder = HTTPServerBuilder { handover.connections(HTTP1Channel(responder: $0)) }
        let server = try builder.buildServer(
            configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: port)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            responder: { _, writer, _ in try await writer.writeResponse(HTTPResponse(status: .ok)) }
        )
        await #expect(throws: IOError.self) { try await handover.serve { try await server.run() } }
        try await other.close()
    }
}
