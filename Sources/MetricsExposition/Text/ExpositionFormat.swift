/// The formats in which metrics are written.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text format, version 0.0.4.
    case prometheusText
    /// OpenMetrics' text format, version 1.0.0.
    case openMetrics

    /// The header `Content-Type`.
    public var contentType: String {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that a client likes best, by its header `Accept`.
    ///
    /// For each format the most specific range that matches counts (RFC 9110, section 12.5.1); of two that are liked as
    /// well, OpenMetrics is taken if it was named. A client that accepts neither, or whose header is longer than
    /// 4 KiB, gets Prometheus' text: that serves it better than an error.
    ///
    /// - Parameter accept: the header; `nil` for none.
    /// - Returns: the format.
    public static func negotiated(accept: String?) -> ExpositionFormat {
        guard let accept, accept.utf8.count <= 4096 else { return .prometheusText }
        let ranges = accept.split(separator: ",").compactMap { MediaRange($0) }
        func preference(_ format: ExpositionFormat) -> (quality: Int, isNamed: Bool) {
            let matching = ranges.filter { $0.matches(format) }
            let most = matching.map(\.specificity).max()
            // Of ranges that are as specific as each other, the first holds.
            guard let best = matching.first(where: { $0.specificity == most }) else { return (0, false) }
            return (best.quality, best.specificity >= 2)
        }
        let (text, openMetrics) = (preference(.prometheusText), preference(.openMetrics))
        if openMetrics.quality == text.quality {
            return openMetrics.isNamed && openMetrics.quality > 0 ? .openMetrics : .prometheusText
        }
        return openMetrics.quality > text.quality ? .openMetrics : .prometheusText
    }

    /// The media type, and the version that is written.
    fileprivate var media: (type: String, subtype: String, version: String) {
        switch self {
        case .prometheusText: ("text", "plain", "0.0.4")
        case .openMetrics: ("application", "openmetrics-text", "1.0.0")
        }
    }
}

/// One element of the header `Accept`.
private struct MediaRange {
    let type: String
    let subtype: String
    let version: String?
    /// In thousandths.
    let quality: Int

    /// Reads an element; `nil` for what is none.
    init?(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map { Self.trimmed($0) }
        let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, !names[0].isEmpty, !names[1].isEmpty else { return nil }
        type = names[0].lowercased()
        subtype = names[1].lowercased()
        var version: String?
        var quality = 1000
        for parameter in parts.dropFirst() {
            let sides = parameter.split(separator: "=", maxSplits: 1).map { Self.trimmed($0) }
            guard sides.count == 2 else { continue }
            switch sides[0].lowercased() {
            case "version": version = sides[1].filter { $0 != "\"" }
            case "q":
                guard let thousandths = Self.thousandths(sides[1]) else { return nil }
                quality = thousandths
            default: continue
            }
        }
        self.version = version
        self.quality = quality
    }

    /// Higher for a range that says more.
    var specificity: Int {
        if type == "*" { return 0 }
        if subtype == "*" { return 1 }
        return version == nil ? 2 : 3
    }

    func matches(_ format: ExpositionFormat) -> Bool {
        let media = format.media
        if type == "*" { return subtype == "*" }
        guard type == media.type else { return false }
        return subtype == "*" || (subtype == media.subtype && (version ?? media.version) == media.version)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }

    /// A quality between 0 and 1 with three decimals at most (RFC 9110, section 12.4.2).
    private static func thousandths(_ text: Substring) -> Int? {
        let sides = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides[0] == "0" || sides[0] == "1" else { return nil }
        let decimals = sides.count == 2 ? sides[1] : ""
        guard decimals.utf8.count <= 3, decimals.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let padded = decimals + String(repeating: "0", count: 3 - decimals.utf8.count)
        guard let fraction = Int(padded) else { return nil }
        let value = (sides[0] == "1" ? 1000 : 0) + fraction
        return value <= 1000 ? value : nil
    }
}
