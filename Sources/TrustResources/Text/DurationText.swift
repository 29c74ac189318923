/// Durations as Go writes them and Kubernetes reads them: `60s`, `1h30m`, `500ms`, `1.5h`.
public enum DurationText {
    /// Why a text is no acceptable duration.
    public struct Defect: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong, as the end of a sentence that begins with the text.
        public let message: String

        /// The message.
        public var description: String { message }
    }

    /// The longest text that is read, in bytes.
    public static let maximumBytes = 32
    /// What the schema demands of the text.
    public static let pattern = #"^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$"#

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ]

    /// The duration that `text` names: numbers with units, without sign, to the nanosecond.
    ///
    /// - Throws: ``Defect`` for anything else, for more than 292 years, and outside `bounds`.
    public static func parse(
        _ text: String,
        in bounds: ClosedRange<Duration> = .zero ... .nanoseconds(Int64.max)
    ) throws(Defect) -> Duration {
        guard !text.isEmpty else { throw Defect(message: "is empty: write a duration such as 60s or 1h30m") }
        guard text.utf8.count <= maximumBytes else {
            throw Defect(message: "is longer than \(maximumBytes) characters: write a duration such as 60s or 1h30m")
        }
        var rest = Substring(text)
        var total: Int64 = 0
        while !rest.isEmpty {
            let part = try component(&rest, of: text)
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { throw Defect(message: "\"\(text)\" is longer than 292 years") }
            total = sum
        }
        let duration = Duration.nanoseconds(total)
        guard bounds.contains(duration) else {
            let range =
                bounds.upperBound == .nanoseconds(Int64.max)
                ? "at least \(format(bounds.lowerBound))"
                : "from \(format(bounds.lowerBound)) to \(format(bounds.upperBound))"
            throw Defect(message: "\"\(text)\" is out of bounds: \(range) is allowed")
        }
        return duration
    }

    /// The shortest of the usual forms: `1h30m`, `90ms`; `0s` for nothing and for less.
    public static func format(_ duration: Duration) -> String {
        guard duration > .zero else { return "0s" }
        let (seconds, attoseconds) = duration.components
        var text = ""
        if seconds >= 3600 { text += "\(seconds / 3600)h" }
        if seconds / 60 % 60 > 0 { text += "\(seconds / 60 % 60)m" }
        if seconds % 60 > 0 { text += "\(seconds % 60)s" }
        let nanoseconds = attoseconds / 1_000_000_000
        if nanoseconds > 0 {
            let unit = units.prefix(3).last { nanoseconds % $0.nanoseconds == 0 } ?? units[0]
            text += "\(nanoseconds / unit.nanoseconds)\(unit.name)"
        }
        return text.isEmpty ? "0s" : text
    }

    /// Takes one number with its unit from the front of `rest`.
    private static func component(_ rest: inout Substring, of text: String) throws(Defect) -> Int64 {
        let malformed = Defect(
            message: "\"\(text)\" is no duration: write numbers with units (ms, s, m, h), such as 60s or 1h30m"
        )
        let whole = rest.prefix { $0.isASCII && $0.isWholeNumber }
        rest = rest.dropFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = rest.prefix { $0.isASCII && $0.isWholeNumber }
            rest = rest.dropFirst(fraction.count)
            guard !fraction.isEmpty else { throw malformed }
        }
        guard !whole.isEmpty else { throw malformed }
        let word = rest.prefix { $0 >= "a" && $0 <= "z" }
        rest = rest.dropFirst(word.count)
        guard let unit = units.first(where: { $0.name == word }) else { throw malformed }
        let tooLong = Defect(message: "\"\(text)\" is longer than 292 years")
        guard let number = Int64(whole) else { throw tooLong }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.nanoseconds)
        let (sum, carry) = product.addingReportingOverflow(nanoseconds(fraction, of: unit.nanoseconds))
        guard !overflow, !carry else { throw tooLong }
        return sum
    }

    /// The part of `unit` that the digits after the point name, cut to whole nanoseconds.
    private static func nanoseconds(_ digits: Substring, of unit: Int64) -> Int64 {
        var numerator: Int64 = 0
        var denominator: Int64 = 1
        // An hour has fewer than 10^13 nanoseconds: further digits name less than one of them.
        for digit in digits.prefix(13) {
            numerator = numerator * 10 + Int64(digit.wholeNumberValue ?? 0)
            denominator *= 10
        }
        // The quotient is below `unit`, because the fraction is below one: the division cannot overflow.
        return denominator.dividingFullWidth(unit.multipliedFullWidth(by: numerator)).quotient
    }
}
