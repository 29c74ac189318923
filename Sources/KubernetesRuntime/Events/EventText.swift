/// What the API's validation allows in the texts of an Event.
extension String {
    /// The longest beginning that fits, cut between characters; a cut of more than a few bytes is marked.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let mark = "…"
        var result = ""
        var count = mark.utf8.count
        for character in self {
            count += character.utf8.count
            guard count <= limit else { break }
            result.append(character)
        }
        return result + mark
    }

    /// Whether this is a name by RFC 1123: labels of lower-case letters, digits and inner hyphens, separated by dots.
    func isDNSSubdomain(maximumBytes: Int) -> Bool {
        guard utf8.count <= maximumBytes else { return false }
        return utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last, first.isLowerAlphanumeric, last.isLowerAlphanumeric
            else { return false }
            return label.allSatisfy { $0.isLowerAlphanumeric || $0 == UInt8(ascii: "-") }
        }
    }
}

extension UInt8 {
    fileprivate var isLowerAlphanumeric: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}
