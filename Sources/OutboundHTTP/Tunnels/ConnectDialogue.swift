internal import AsyncHTTPClient

/// `CONNECT` to an HTTP proxy (RFC 9110 §9.3.6).
struct ConnectDialogue: ProxyDialogue {
    /// The longest accepted answer, in bytes.
    static let maximumHeadBytes = 16 * 1024

    private let route: TunnelRoute
    private var head: [UInt8] = []

    init(_ route: TunnelRoute) { self.route = route }

    mutating func open() -> [UInt8] {
        var lines = ["CONNECT \(route.server) HTTP/1.1", "Host: \(route.server)"]
        if let credentials = route.proxy.credentials {
            let authorization = HTTPClient.Authorization.basic(
                username: credentials.user,
                password: credentials.password
            )
            lines.append("Proxy-Authorization: \(authorization.headerValue)")
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    mutating func receive(_ bytes: [UInt8]) throws(OutboundError) -> ProxyDialogueStep {
        let searched = max(0, head.count - 3)
        head += bytes.prefix(Self.maximumHeadBytes + 1)
        try checkBeginning()
        guard let end = Self.endOfHead(head, from: searched), end <= Self.maximumHeadBytes else {
            guard head.count <= Self.maximumHeadBytes else {
                throw route.refusal("the head of its answer is longer than \(Self.maximumHeadBytes) bytes")
            }
            return .wait
        }
        let (status, reason) = try statusLine()
        guard status == 200 else { throw route.refusal(cause(status, reason)) }
        guard end == head.count else { throw route.unaskedBytes }
        return .connected
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        let mark: [UInt8] = [13, 10, 13, 10]
        guard bytes.count >= start + 4 else { return nil }
        return (start...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual(mark) }.map { $0 + 4 }
    }

    /// Refuses what cannot become an answer, without waiting for more of it.
    private func checkBeginning() throws(OutboundError) {
        guard !head.starts(with: [0x15, 3]) else { throw route.refusal("it speaks TLS: give its address as https://") }
        guard zip(head, "HTTP/1.".utf8).allSatisfy(==) else { throw notHTTP }
    }

    private var notHTTP: OutboundError {
        route.refusal("what it answered is not HTTP/1; are its address and port those of an HTTP proxy?")
    }

    private func statusLine() throws(OutboundError) -> (status: Int, reason: String) {
        let line = head.prefix { $0 != 13 }
        let digits = line.dropFirst(9).prefix(3)
        guard line.count >= 12, line[8] == UInt8(ascii: " "), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            line.count == 12 || line[12] == UInt8(ascii: " ")
        else { throw notHTTP }
        return (
            digits.reduce(0) { $0 * 10 + Int($1 - 0x30) },
            URLRedaction.printable(String(decoding: line.dropFirst(13), as: UTF8.self), limit: 64)
        )
    }

    private func cause(_ status: Int, _ reason: String) -> String {
        let answer = "it answered \(status)\(reason.isEmpty ? "" : " \(reason)")"
        switch status {
        case 407 where route.proxy.credentials == nil:
            return "\(answer): it asks for credentials; give them in its address, as user:password@"
        case 407:
            return "\(answer): it does not accept the user and password in its address"
        case 500...:
            return "\(answer): it could not reach that server itself"
        default:
            return "\(answer); does it allow connections to that server and port?"
        }
    }
}
