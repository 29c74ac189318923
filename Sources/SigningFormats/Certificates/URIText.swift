/// The text of a URI in a certificate (RFC 5280 §4.2.1.6, RFC 3986), as far as other verifiers look at it.
///
/// They take references without a scheme too, and after the scheme anything that has no authority.
enum URIText {
    private static let percent = UInt8(ascii: "%")
    private static let slash = UInt8(ascii: "/")
    private static let colon = UInt8(ascii: ":")

    /// Whether the text is a URI or a reference to one.
    static func isReference(_ text: ArraySlice<UInt8>) -> Bool {
        let whole = text.prefix { $0 != UInt8(ascii: "#") }
        guard text.allSatisfy({ $0 < 0x80 }), whole.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            hasWholeEscapes(text.dropFirst(whole.count))
        else { return false }
        let scheme = whole.prefix(while: isOfScheme)
        let hasScheme = scheme.first.map(isLetter) == true && whole.dropFirst(scheme.count).first == colon
        let hierarchy = (hasScheme ? whole.dropFirst(scheme.count + 1) : whole).prefix { $0 != UInt8(ascii: "?") }
        guard hierarchy.first == slash else {
            // Behind a scheme it is opaque; without one, a colon would have ended a scheme (RFC 3986 §4.2).
            let segment = hierarchy.prefix { $0 != slash }
            return hasScheme || (!segment.contains(colon) && hasWholeEscapes(hierarchy))
        }
        guard hierarchy.starts(with: [slash, slash]), hasScheme || !hierarchy.starts(with: [slash, slash, slash]) else {
            return hasWholeEscapes(hierarchy)
        }
        let authority = hierarchy.dropFirst(2).prefix { $0 != slash }
        return isAuthority(authority) && hasWholeEscapes(hierarchy.dropFirst(2 + authority.count))
    }

    /// `[userinfo@]host[:port]` (RFC 3986 §3.2).
    private static func isAuthority(_ text: ArraySlice<UInt8>) -> Bool {
        guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { return isHost(text) }
        let user = text[..<at]
        return user.allSatisfy(isOfUser) && hasWholeEscapes(user) && isHost(text[at...].dropFirst())
    }

    /// `host[:port]` (RFC 3986 §3.2.2): an IPv6 address in brackets, or labels with dots between them.
    ///
    /// No other escape than that of the percent sign leads to a host name: it would stand for a byte that is not ASCII, or for
    /// one that need not be escaped.
    private static func isHost(_ text: ArraySlice<UInt8>) -> Bool {
        if let open = text.lastIndex(of: UInt8(ascii: "[")) {
            guard open == text.startIndex, let close = text.lastIndex(of: UInt8(ascii: "]")) else { return false }
            return isOptionalPort(text[close...].dropFirst()) && isBracketed(text[open..<close].dropFirst())
        }
        guard text.lastIndex(of: colon).map({ isOptionalPort(text[$0...]) }) ?? true else { return false }
        return unescaped(text).map { NameText.isDomain($0[...]) } ?? false
    }

    /// An IPv6 address, perhaps with a zone (RFC 6874 §2), which may not have dots side by side.
    private static func isBracketed(_ text: ArraySlice<UInt8>) -> Bool {
        let address = text.prefix { $0 != percent }
        guard AddressText.isIPv6(address) else { return false }
        let rest = text.dropFirst(address.count)
        guard !rest.isEmpty else { return true }
        guard rest.starts(with: [percent, UInt8(ascii: "2"), UInt8(ascii: "5")]),
            let zone = unescaped(rest.dropFirst(3), allowing: isOfHost), !zone.isEmpty
        else { return false }
        // Between two letters, for dots may stand at the ends.
        let letter = [UInt8(ascii: "x")]
        return NameText.isDomain((letter + zone + letter)[...])
    }

    /// The text with its escapes resolved; `nil` if a byte cannot be in a host, or an escape stands for what it must not.
    ///
    /// - Parameters:
    ///   - text: a host or zone.
    ///   - isAllowed: what escapes may stand for besides the percent sign.
    /// - Returns: the bytes.
    private static func unescaped(
        _ text: ArraySlice<UInt8>,
        allowing isAllowed: (UInt8) -> Bool = { _ in false }
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == percent else {
                guard isOfHost(byte) else { return nil }
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value) else {
                return nil
            }
            let escaped = high << 4 | low
            guard escaped == percent || isAllowed(escaped) else { return nil }
            bytes.append(escaped)
        }
        return bytes
    }

    /// Nothing, or a colon and digits.
    private static func isOptionalPort(_ text: ArraySlice<UInt8>) -> Bool {
        text.isEmpty || text.first == colon && text.dropFirst().allSatisfy(isDigit)
    }

    /// Whether two hexadecimal digits follow each percent sign.
    private static func hasWholeEscapes(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == percent else { continue }
            guard let high = rest.popFirst(), let low = rest.popFirst(), isHexadecimal(high), isHexadecimal(low) else {
                return false
            }
        }
        return true
    }

    // MARK: Characters

    /// Whether a byte is a hexadecimal digit.
    static func isHexadecimal(_ byte: UInt8) -> Bool { value(byte) != nil }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte & 0x0F
        case UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "a")...UInt8(ascii: "f"): (byte & 0x0F) + 9
        default: nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF)
    }

    /// RFC 3986 §3.1.
    private static func isOfScheme(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "+-.".utf8.contains(byte)
    }

    /// RFC 3986 §2.2 `sub-delims` and §2.3 `unreserved`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "-._~!$&'()*+,;=".utf8.contains(byte)
    }

    /// RFC 3986 §3.2.1, and an `@`, which is seen.
    private static func isOfUser(_ byte: UInt8) -> Bool { isPlain(byte) || ":%@".utf8.contains(byte) }

    /// RFC 3986 §3.2.2 with the colon of the port and the brackets; angle brackets and quotes are seen.
    private static func isOfHost(_ byte: UInt8) -> Bool { isPlain(byte) || ":[]<>\"".utf8.contains(byte) }
}
