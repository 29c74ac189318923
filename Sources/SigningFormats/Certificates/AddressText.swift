/// IP addresses as text.
enum AddressText {
    private static let colon = UInt8(ascii: ":")
    private static let dot = UInt8(ascii: ".")

    /// Whether the text is an IPv4 or IPv6 address.
    static func isAddress(_ text: ArraySlice<UInt8>) -> Bool { isIPv4(text) || isIPv6(text) }

    /// Whether the text is four numbers of a byte each, without zeros before them.
    static func isIPv4(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count <= 15 else { return false }
        let numbers = text.split(separator: dot, omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy(isByte)
    }

    /// Whether the text is an IPv6 address (RFC 4291 §2.2) without a zone: eight groups, fewer with `::` for at least one, the
    /// last two perhaps as an IPv4 address.
    static func isIPv6(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count <= 45 else { return false }
        guard let index = gap(in: text) else { return groups(text) == 8 }
        let before = text[..<index]
        let after = text[index...].dropFirst(2)
        guard !before.contains(dot), let first = before.isEmpty ? 0 : groups(before),
            let last = after.isEmpty ? 0 : groups(after)
        else { return false }
        return first + last <= 7
    }

    /// Where the first `::` is.
    private static func gap(in text: ArraySlice<UInt8>) -> Int? {
        var previous: UInt8?
        for (index, byte) in zip(text.indices, text) {
            if byte == colon, previous == colon { return index - 1 }
            previous = byte
        }
        return nil
    }

    /// How many groups of two bytes the text has; `nil` if it is malformed.
    private static func groups(_ text: ArraySlice<UInt8>) -> Int? {
        var parts = text.split(separator: colon, omittingEmptySubsequences: false)
        var count = 0
        if let last = parts.last, last.contains(dot) {
            guard isIPv4(last) else { return nil }
            parts.removeLast()
            count = 2
        }
        guard parts.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy(URIText.isHexadecimal) }) else {
            return nil
        }
        return count + parts.count
    }

    private static func isByte(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (1...3).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return false }
        return digits.reduce(0) { $0 * 10 + Int($1 & 0x0F) } <= 255
    }
}
