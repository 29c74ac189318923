/// `CONNECT` to a SOCKS 5 server, without authentication (RFC 1928).
struct SOCKSDialogue: ProxyDialogue {
    private enum Stage {
        case method
        case reply
    }

    private let route: TunnelRoute
    private var stage = Stage.method
    private var answer: [UInt8] = []

    init(_ route: TunnelRoute) { self.route = route }

    mutating func open() -> [UInt8] { [5, 1, 0] }

    mutating func receive(_ bytes: [UInt8]) throws(OutboundError) -> ProxyDialogueStep {
        // The longest answer has 262 bytes.
        answer += bytes.prefix(512)
        guard answer.first ?? 5 == 5 else {
            throw route.refusal("what it answered is not SOCKS 5; are its address and port those of a SOCKS server?")
        }
        guard answer.count >= 2 else { return .wait }
        switch stage {
        case .method:
            guard answer[1] == 0 else { throw route.refusal("it asks for credentials, which are not known for SOCKS") }
            guard answer.count == 2 else { throw route.unaskedBytes }
            stage = .reply
            answer = []
            return .send(request)
        case .reply:
            guard answer[1] == 0 else { throw route.refusal("it answered \(Self.words(for: answer[1]))") }
            guard let length = try replyLength(), answer.count >= length else { return .wait }
            guard answer.count == length else { throw route.unaskedBytes }
            return .connected
        }
    }

    /// Names are resolved by the proxy.
    private var request: [UInt8] {
        let address: [UInt8]
        switch IPAddress(route.host) {
        case .v4(let value):
            address = [1] + Self.bytes(value)
        case .v6(let high, let low):
            address = [4] + Self.bytes(high) + Self.bytes(low)
        case nil:
            // A host has at most 254 bytes, see `URLComponentsReader`.
            let name = Array(route.host.utf8.prefix(255))
            address = [3, UInt8(truncatingIfNeeded: name.count)] + name
        }
        return [5, 1, 0] + address + Self.bytes(UInt16(truncatingIfNeeded: route.port))
    }

    private func replyLength() throws(OutboundError) -> Int? {
        guard answer.count >= 5 else { return nil }
        switch answer[3] {
        case 1: return 10
        case 3: return 7 + Int(answer[4])
        case 4: return 22
        default: throw route.refusal("its answer is malformed")
        }
    }

    private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        stride(from: Value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func words(for reply: UInt8) -> String {
        switch reply {
        case 2: "that its rules do not allow this connection"
        case 3: "that the network of that server cannot be reached"
        case 4: "that the server cannot be reached or is not known"
        case 5: "that the server refused the connection"
        case 6: "that the way to the server is too long"
        case 8: "that it does not know addresses of this kind"
        default: "with the failure \(reply)"
        }
    }
}
