internal import FoundationEssentials

/// The string formats that a structural schema's `format` can ask for.
///
/// Other formats are accepted unchecked.
enum StringFormat {
    static func isValid(_ text: String, format: String) -> Bool {
        switch format {
        case "date-time", "datetime": Timestamps.parse(text) != nil
        case "date": isDate(text)
        case "duration": isDuration(text)
        case "byte": Data(base64Encoded: text) != nil
        case "uuid": UUID(uuidString: text) != nil
        case "ipv4": isIPv4(text)
        case "hostname": isHostname(text)
        case "uri": isURI(text)
        case "email": text.split(separator: "@", omittingEmptySubsequences: false).count == 2
        default: true
        }
    }

    /// Go's duration syntax, or the longer words that the format also takes (`3 days`).
    static func isDuration(_ text: String) -> Bool {
        if GoDuration.parse(text) != nil { return true }
        let words = text.split(separator: " ")
        guard words.count == 2, Int64(words[0]) != nil else { return false }
        let units = [
            "ns", "us", "ms", "s", "sec", "second", "m", "min", "minute", "h", "hr", "hour", "d", "day", "w", "wk",
            "week",
        ]
        let unit = words[1].hasSuffix("s") && words[1].count > 2 ? String(words[1].dropLast()) : String(words[1])
        return units.contains(unit)
    }

    private static func isDate(_ text: String) -> Bool {
        text.utf8.count == 10 && Timestamps.parse("\(text)T00:00:00Z") != nil
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                UInt8(part) != nil && part.allSatisfy(\.isNumber) && (part.count == 1 || !part.hasPrefix("0"))
            }
    }

    private static func isHostname(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { NameRules.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
                    && !label.hasPrefix("-") && !label.hasSuffix("-")
            }
    }

    private static func isURI(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return text.hasPrefix("/") }
        return text[..<colon].utf8.allSatisfy {
            NameRules.isAlphanumeric($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".")
        }
    }
}
