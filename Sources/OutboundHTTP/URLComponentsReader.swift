/// Splits a URL reference into the five components of RFC 3986 §3 and judges their characters.
enum URLComponentsReader {
    struct Components {
        var scheme: String?
        var authority: String?
        var path: String
        var query: String?
    }

    /// Splits a reference; `nil` when it is too long or holds a byte no URL may hold.
    static func read(_ text: String) -> Components? {
        guard text.utf8.count <= OutboundURL.maximumLength,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
        else { return nil }
        var rest = Substring(text)
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        var query: String?
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        var scheme: String?
        if let colon = rest.firstIndex(of: ":"), isScheme(rest[..<colon]) {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        var authority: String?
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        return Components(scheme: scheme, authority: authority, path: String(rest), query: query)
    }

    /// Splits `host[:port]`; `nil` when either is malformed or the host is an address written leniently.
    static func hostAndPort(_ authority: String) -> (host: String, port: Int?)? {
        var host = Substring(authority)
        var port: Int?
        let isBracketed = authority.hasPrefix("[")
        let end =
            isBracketed ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.firstIndex(of: ":")
        if isBracketed, end == nil { return nil }
        if let end {
            host = authority[..<end]
            let tail = authority[end...]
            if !tail.isEmpty {
                let digits = tail.dropFirst()
                guard tail.hasPrefix(":"), (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(isDigit),
                    let number = Int(digits), (1...65535).contains(number)
                else { return nil }
                port = number
            }
        }
        if isBracketed {
            let inner = host.dropFirst().dropLast()
            guard case .v6? = IPAddress(inner) else { return nil }
            return (inner.lowercased(), port)
        }
        return isHostName(host) ? (host.lowercased(), port) : nil
    }

    /// Whether the text is a DNS name (underscores allowed, as resolvers do) or a canonical version 4 address.
    static func isHostName(_ text: Substring) -> Bool {
        let bare = text.hasSuffix(".") ? text.dropLast() : text
        guard (1...253).contains(bare.utf8.count) else { return false }
        let labels = bare.split(separator: ".", omittingEmptySubsequences: false)
        let isNamed = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
        guard isNamed, let last = labels.last else { return false }
        let isNumeric = last.utf8.allSatisfy(isDigit) || last.lowercased().hasPrefix("0x")
        return !isNumeric || IPAddress(text) != nil
    }

    static func isPath(_ text: String) -> Bool { holdsOnly(text, extra: "/:@") }

    static func isQuery(_ text: String) -> Bool { holdsOnly(text, extra: "/:@?") }

    /// Whether the bytes are unreserved, sub-delimiters, percent triplets or one of `extra` (RFC 3986 §2, §3.3).
    private static func holdsOnly(_ text: String, extra: String) -> Bool {
        let allowed = Array("-._~!$&'()*+,;=\(extra)".utf8)
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.count, bytes[index + 1].isHexDigit, bytes[index + 2].isHexDigit else {
                    return false
                }
                index += 3
            } else {
                guard isAlphanumeric(bytes[index]) || allowed.contains(bytes[index]) else { return false }
                index += 1
            }
        }
        return true
    }

    /// RFC 3986 §5.2.4.
    static func removingDotSegments(_ path: some StringProtocol) -> String {
        var kept: [Substring] = []
        let segments = String(path).split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (offset, segment) in segments.enumerated() {
            let isLast = offset == segments.count - 1
            if segment == "." || segment == ".." {
                if segment == "..", !kept.isEmpty { kept.removeLast() }
                if isLast { kept.append("") }
            } else {
                kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first), !isDigit(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "+-.".utf8.contains($0) }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: false
        }
    }
}
