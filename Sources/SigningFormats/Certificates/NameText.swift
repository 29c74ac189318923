/// The text of names in certificates, as far as other verifiers look at it.
///
/// Everything here is about bytes of an IA5String, which ASCII is (RFC 5280 §4.2.1.6).
enum NameText {
    private static let dot = UInt8(ascii: ".")
    private static let at = UInt8(ascii: "@")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Whether the text is nothing, or labels with dots between them and no space in them.
    ///
    /// What else a host name may be made of (RFC 1034 §3.5) is not looked at: names in use break that.
    static func isDomain(_ text: ArraySlice<UInt8>) -> Bool {
        guard !text.isEmpty else { return true }
        var previous = dot
        for byte in text {
            guard (0x21...0x7E).contains(byte), byte != dot || previous != dot else { return false }
            previous = byte
        }
        return previous != dot
    }

    /// Whether the text constrains host names (RFC 5280 §4.2.1.10): a domain, perhaps with a dot before it.
    static func isDomainConstraint(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == dot else { return isDomain(text) }
        let domain = text.dropFirst()
        return !domain.isEmpty && isDomain(domain)
    }

    /// Whether the text constrains mail addresses (RFC 5280 §4.2.1.10): one mailbox, a host, or a domain with a dot
    /// before it.
    static func isMailConstraint(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.allSatisfy({ $0 < 0x80 }) else { return false }
        return text.contains(at) ? isMailbox(text) : isDomainConstraint(text)
    }

    /// Whether the text is a mailbox (RFC 2821 §4.1.2), with the liberties that RFC 3696 §3 takes: a space in quotes, and a
    /// backslash before any character.
    private static func isMailbox(_ text: ArraySlice<UInt8>) -> Bool {
        guard let rest = text.first == quote ? afterQuotedPart(text) : afterPlainPart(text), rest.first == at else {
            return false
        }
        return isDomain(rest.dropFirst())
    }

    /// What follows the local part in quotes that the text begins with; `nil` if that is malformed.
    private static func afterQuotedPart(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = text.dropFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case quote: return rest
            case backslash:
                guard let escaped = rest.popFirst(), isQuotable(escaped) || [0x09, quote, backslash].contains(escaped)
                else { return nil }
            default:
                guard isQuotable(byte) else { return nil }
            }
        }
        return nil
    }

    /// Whether a byte may stand in quotes as it is: neither NUL, a tab, a line end, a quote nor a backslash.
    private static func isQuotable(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00, 0x09, 0x0A, 0x0D, quote, backslash: false
        default: byte < 0x80
        }
    }

    /// What follows the local part without quotes that the text begins with; `nil` if that is malformed.
    private static func afterPlainPart(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = text
        var previous = dot
        while let byte = rest.first {
            guard byte == backslash || isAtomic(byte) else { break }
            if byte == backslash { rest = rest.dropFirst() }
            guard let character = rest.popFirst(), character != dot || previous != dot else { return nil }
            previous = character
        }
        // It is not empty and ends in no dot.
        return previous == dot ? nil : rest
    }

    /// A dot, or what RFC 2822 §3.2.4 calls `atext`.
    private static func isAtomic(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "^")...UInt8(ascii: "~"), UInt8(ascii: "#")...UInt8(ascii: "'"),
            UInt8(ascii: "-")...UInt8(ascii: "/"), UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "="), UInt8(ascii: "?"):
            true
        default: false
        }
    }
}
