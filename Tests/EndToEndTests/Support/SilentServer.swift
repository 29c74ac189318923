import Dispatch
import Foundation
import Testing

/// A port of loopback on which connections are made and nothing is ever answered.
struct SilentServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let connections: AsyncStream<Void>

    static func with<Result>(_ body: (SilentServer) async throws -> Result) async throws -> Result {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener >= 0, "no socket")
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        try #require(isBound, "no port")
        // The kernel makes the connections; that one waits to be accepted is all that is looked at.
        let (connections, connected) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let source = DispatchSource.makeReadSource(fileDescriptor: listener)
        source.setEventHandler { connected.yield() }
        source.resume()
        defer { source.cancel() }
        let port = UInt16(bigEndian: address.sin_port)
        return try await body(SilentServer(port: port, listener: listener, connections: connections))
    }

    /// Whether somebody has connected.
    var isConnected: Bool {
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    /// Returns as soon as somebody has connected.
    func waitForConnection() async { for await _ in connections { return } }
}
