import Logging

@testable import OperatorEndpoints

/// Runs a server of endpoints on a free port for as long as a test talks to it.
enum ServedEndpoints {
    /// Hands the port to `body`, and ends the server after it.
    static func with<Result: Sendable>(
        _ endpoints: [Endpoint],
        limits: ServerLimits = ServerLimits(),
        access: (any EndpointAccess)? = nil,
        certificate: ServingCertificate? = nil,
        _ body: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> Result {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = EndpointServer(
            host: "127.0.0.1",
            port: 0,
            limits: limits,
            endpoints: endpoints,
            access: access,
            certificate: certificate,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { listening.yield($0) }
        )
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { listening.finish() }
                try? await server.run()
                return nil
            }
            group.addTask {
                for await port in ports { return try await body(port) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
