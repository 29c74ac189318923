/// Makes URLs fit for errors and logs.
public enum URLRedaction {
    /// The URL with user information and every value of the query masked, cut at 256 characters.
    ///
    /// The names of query parameters stay, because they help and are no secret; values go without exception, because
    /// a list of harmless names is wrong the day a service invents another signature parameter. Control characters
    /// are replaced, so that a hostile URL cannot forge lines of a log.
    public static func redact(_ text: String) -> String {
        var rest = Substring(text.prefix(4096))
        if let hash = rest.scalarIndex(of: "#") { rest = rest[..<hash] }
        var query: Substring?
        if let mark = rest.scalarIndex(of: "?") {
            query = rest[rest.unicodeScalars.index(after: mark)...]
            rest = rest[..<mark]
        }
        let start = afterSlashes(rest)
        let end = rest[start...].scalarIndex(of: "/") ?? rest.endIndex
        var result = String(rest)
        if let sign = rest[start..<end].unicodeScalars.lastIndex(of: "@") {
            result = "\(rest[..<start])***\(rest[sign...])"
        }
        if let query {
            let names = query.unicodeScalars.split(separator: "&").map { item in
                item.firstIndex(of: "=").map { "\(Substring(item[..<$0]))=***" } ?? "***"
            }
            result += "?" + names.joined(separator: "&")
        }
        return printable(result, limit: 256)
    }

    /// Where the authority begins: behind the first `//`, else at the start.
    private static func afterSlashes(_ text: Substring) -> Substring.Index {
        var previous: Unicode.Scalar?
        for index in text.unicodeScalars.indices {
            let scalar = text.unicodeScalars[index]
            if scalar == "/", previous == "/" { return text.unicodeScalars.index(after: index) }
            previous = scalar
        }
        return text.startIndex
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

extension Substring {
    /// Where a sign stands first, whatever marks follow it: `?` with an accent upon it is one character, and no `?`.
    fileprivate func scalarIndex(of scalar: Unicode.Scalar) -> Index? { unicodeScalars.firstIndex(of: scalar) }
}
