/// A request as the server received it.
public struct RecordedRequest: Sendable {
    /// The method.
    public let method: String
    /// Path and query as sent.
    public let target: String
    /// Header fields, names in lower case, repeated ones joined.
    public let headers: [String: String]
    /// The body.
    public let body: [UInt8]

    /// The path without the query, percent-decoded.
    var path: String {
        let raw = target.prefix { $0 != "?" }
        return FormText.decode(raw)
    }

    /// The query, decoded; of a repeated name the last.
    var query: [String: String] {
        guard let mark = target.firstIndex(of: "?") else { return [:] }
        return FormText.items(target[target.index(after: mark)...])
    }
}

/// `application/x-www-form-urlencoded` text.
enum FormText {
    static func items(_ text: some StringProtocol) -> [String: String] {
        var items: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            items[decode(parts[0])] = parts.count > 1 ? decode(parts[1].map { $0 == "+" ? " " : $0 }) : ""
        }
        return items
    }

    static func decode(_ text: some Sequence<Character>) -> String {
        let source = Array(String(text).utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let value = UInt8(String(decoding: source[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
