/// Makes URLs fit for errors and logs.
public enum URLRedaction {
    /// The URL with user information and every value of the query masked, cut at 256 characters.
    ///
    /// The names of query parameters stay, because they help and are no secret; values go without exception, because
    /// a list of harmless names is wrong the day a service invents another signature parameter. Control characters
    /// are replaced, so that a hostile URL cannot forge lines of a log.
    public static func redact(_ text: String) -> String {
        var rest = Substring(text.prefix(4096))
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        var query: Substring?
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        var result = String(rest)
        let scheme = result.firstRange(of: "//")
        let start = scheme?.upperBound ?? result.startIndex
        let end = result[start...].firstIndex(of: "/") ?? result.endIndex
        if let sign = result[start..<end].lastIndex(of: "@") {
            result.replaceSubrange(start..<sign, with: "***")
        }
        if let query {
            let names = query.split(separator: "&").map { item in
                item.firstIndex(of: "=").map { "\(item[..<$0])=***" } ?? "***"
            }
            result += "?" + names.joined(separator: "&")
        }
        return printable(result, limit: 256)
    }

    /// The text with everything but printable characters replaced by `?`, cut after `limit` characters.
    ///
    /// For text from a server that is quoted in an error.
    public static func printable(_ text: some StringProtocol, limit: Int) -> String {
        var result = ""
        for (offset, scalar) in text.unicodeScalars.prefix(limit + 1).enumerated() {
            if offset == limit {
                result += "…"
                break
            }
            result.unicodeScalars.append(isPrintable(scalar) ? scalar : "?")
        }
        return result
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension String {
    /// The first occurrence of a short ASCII needle.
    fileprivate func firstRange(of needle: String) -> Range<String.Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(needle) {
                return index..<self.index(index, offsetBy: needle.count)
            }
            index = self.index(after: index)
        }
        return nil
    }
}
