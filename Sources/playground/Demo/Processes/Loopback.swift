import Foundation

/// The little of networking that the demo does itself, on 127.0.0.1 only.
enum Loopback {
    /// A port that nobody listens on at this moment.
    static func freePort() throws -> UInt16 {
        let descriptor = try open()
        defer { close(descriptor) }
        var address = Self.address(port: 0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var actual = size
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &actual) == 0
            }
        }
        guard isBound else {
            throw DemoError(.timedOut, "No port is free on 127.0.0.1: \(String(cString: strerror(errno))).")
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// The status of an HTTP GET, `nil` when nobody answers within a second.
    static func status(ofGet path: String, port: UInt16) -> Int? {
        guard let descriptor = try? open() else { return nil }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = Self.address(port: port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
        let request = [UInt8]("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n".utf8)
        guard write(descriptor, request, request.count) == request.count else { return nil }
        var answer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &answer, answer.count)
        guard count > 0 else { return nil }
        let words = String(decoding: answer.prefix(count), as: UTF8.self).split(separator: " ")
        return words.dropFirst().first.flatMap { Int($0) }
    }

    private static func open() throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else {
            throw DemoError(.timedOut, "No socket could be opened: \(String(cString: strerror(errno))).")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
