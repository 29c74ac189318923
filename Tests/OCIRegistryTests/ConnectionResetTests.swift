import EmbeddedRegistry
import Glibc
import Testing

/// What the peer of the stand-in sees when it resets a connection, and when it closes one.
@Suite("Resets of the stand-in", .timeLimit(.minutes(5)))
struct ConnectionResetTests {
    /// Sends a request over a socket, and reads to the end of the connection.
    ///
    /// - Returns: how many bytes came, and the error with which it ended; 0 for a proper end.
    private static func read(_ target: String, at port: UInt16) throws -> (bytes: Int, error: Int32) {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(connection >= 0)
        defer { close(connection) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        let request = Array("GET \(target) HTTP/1.1\r\nhost: registry\r\n\r\n".utf8)
        try #require(send(connection, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)
        var (buffer, count) = ([UInt8](repeating: 0, count: 4096), 0)
        while true {
            let part = recv(connection, &buffer, buffer.count, 0)
            guard part > 0 else { return (count, part == 0 ? 0 : errno) }
            count += part
        }
    }

    @Test(
        "a reset is one, without an answer and within one; a connection that is closed is not reset",
        arguments: [(RegistryFault.Effect.reset, ECONNRESET), (.resetMidway, ECONNRESET), (.close, 0)]
    )
    func reset(effect: RegistryFault.Effect, error: Int32) async throws {
        try await EmbeddedRegistry.with { registry in
            registry.inject(effect, target: "/v2/")
            let port = try #require(registry.host.split(separator: ":").last.flatMap { UInt16($0) })
            let outcome = try Self.read("/v2/", at: port)
            #expect(outcome.error == error, "\(effect)")
            if case .resetMidway = effect {} else { #expect(outcome.bytes == 0) }
        }
    }
}
