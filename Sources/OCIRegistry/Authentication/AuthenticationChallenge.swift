/// How a registry wants to be authenticated: the `WWW-Authenticate` field of a 401 (RFC 9110 §11.6.1), read strictly.
enum AuthenticationChallenge: Sendable, Hashable {
    /// A user name and a password (RFC 7617).
    case basic
    /// A token of a token service (distribution, "Token Authentication Specification").
    case bearer(realm: String, service: String?)

    /// The challenge to answer: the first Bearer challenge, else the first Basic one.
    ///
    /// `nil` when there is neither, or when a field breaks the grammar: a field that two parsers may read differently
    /// is not read at all.
    init?(fields: [String]) {
        var challenges: [RawChallenge] = []
        for field in fields {
            guard field.utf8.count <= 8192, let parsed = ChallengeParser.parse(field) else { return nil }
            challenges += parsed
        }
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            guard let realm = bearer.parameters["realm"], !realm.isEmpty else { return nil }
            self = .bearer(realm: realm, service: bearer.parameters["service"])
        } else if challenges.contains(where: { $0.scheme == "basic" }) {
            self = .basic
        } else {
            return nil
        }
    }
}

/// One challenge: a scheme in lower case and its parameters, names in lower case.
struct RawChallenge: Sendable, Hashable {
    var scheme: String
    var parameters: [String: String] = [:]
}

/// Reads a list of challenges.
struct ChallengeParser {
    private let bytes: [UInt8]
    private var index = 0

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The challenges of one field line; `nil` when it breaks the grammar or names a parameter twice.
    static func parse(_ text: String) -> [RawChallenge]? {
        var parser = ChallengeParser(text)
        return parser.list()
    }

    private mutating func list() -> [RawChallenge]? {
        var challenges: [RawChallenge] = []
        while true {
            skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: ",") }
            if index == bytes.count { return challenges.isEmpty ? nil : challenges }
            guard let name = token() else { return nil }
            let hadSpace = skipSpace()
            if peek() == UInt8(ascii: "=") {
                guard let value = parameterValue(), !challenges.isEmpty,
                    challenges[challenges.count - 1].parameters.updateValue(value, forKey: name.lowercased()) == nil
                else { return nil }
            } else {
                guard hadSpace || index == bytes.count || peek() == UInt8(ascii: ","), challenges.count < 16 else {
                    return nil
                }
                challenges.append(RawChallenge(scheme: name.lowercased()))
                continue
            }
            skipSpace()
            guard index == bytes.count || peek() == UInt8(ascii: ",") else { return nil }
        }
    }

    /// The value behind `=`: a token or a quoted string.
    private mutating func parameterValue() -> String? {
        index += 1
        skipSpace()
        return peek() == UInt8(ascii: "\"") ? quotedString() : token()
    }

    private mutating func quotedString() -> String? {
        index += 1
        var value: [UInt8] = []
        while let byte = peek() {
            index += 1
            if byte == UInt8(ascii: "\"") { return String(validating: value, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = peek(), escaped >= 0x20, escaped != 0x7f else { return nil }
                value.append(escaped)
                index += 1
            } else {
                guard byte >= 0x20, byte != 0x7f else { return nil }
                value.append(byte)
            }
        }
        return nil
    }

    private mutating func token() -> String? {
        let start = index
        skip(Self.isTokenByte)
        return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = index
        skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return index > start
    }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
        while let byte = peek(), isSkipped(byte) { index += 1 }
    }

    private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
