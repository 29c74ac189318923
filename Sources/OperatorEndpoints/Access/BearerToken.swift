import FoundationEssentials
import HTTPTypes

/// The token in the header `Authorization`: as a bearer token (RFC 6750 §2.1), or as the password that a browser asks a
/// person for (RFC 7617).
enum BearerToken: Sendable, Hashable {
    /// There is no such header.
    case none
    /// There is one, and it holds no token: another scheme, several, or characters that no token has.
    case malformed
    case token(String)

    /// The longest token that is looked at, in bytes: a service account's has about a thousand.
    static let maximumBytes = 8 << 10

    /// Reads the header; more than one is as good as a malformed one.
    init(_ headers: HTTPFields) {
        let values = headers[values: .authorization]
        guard let value = values.first else {
            self = .none
            return
        }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard values.count == 1, parts.count == 2 else {
            self = .malformed
            return
        }
        let credentials = parts[1].drop { $0 == " " }
        let token: String? =
            switch parts[0].lowercased() {
            case "bearer": String(credentials)
            case "basic": Self.password(in: credentials)
            default: nil
            }
        self = token.flatMap { Self.isToken($0[...]) ? .token($0) : nil } ?? .malformed
    }

    /// What stands behind the first colon; whatever name is before it is nobody's business.
    private static func password(in credentials: Substring) -> String? {
        guard credentials.utf8.count <= 2 * maximumBytes, let data = Data(base64Encoded: String(credentials)),
            let colon = data.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return String(validating: data[data.index(after: colon)...], as: UTF8.self)
    }

    /// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
    private static func isToken(_ text: Substring) -> Bool {
        guard text.utf8.count <= maximumBytes else { return false }
        let body = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        return !body.isEmpty && body.allSatisfy(isTokenByte)
            && text.utf8[body.endIndex...].allSatisfy { $0 == UInt8(ascii: "=") }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~+/".utf8.contains(byte)
        }
    }
}
