public import FoundationEssentials

/// The date-times of JSON documents (RFC 3339 §5.6), read strictly: upper-case `T` and `Z`, seconds mandatory, no leap second.
public enum RFC3339 {
    /// Reads one date-time, with `Z` or a numeric offset, with or without a fraction of up to nine digits.
    ///
    /// - Returns: the moment, or `nil` when the text is anything else.
    public static func parse(_ text: String) -> Date? {
        var scanner = Scanner(bytes: Array(text.utf8.prefix(41)))
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T"), let hour = scanner.number(2), scanner.take(":"),
            let minute = scanner.number(2), scanner.take(":"), let second = scanner.number(2),
            let time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second),
            let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let seconds = time.secondsSinceEpoch - Int64(offset)
        guard CivilTime.expressible.contains(seconds) else { return nil }
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0

        var isAtEnd: Bool { index == bytes.count }
        var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard let byte = peek, UInt32(byte) == character.value else { return false }
            index += 1
            return true
        }

        mutating func digit() -> Int? {
            guard let byte = peek, (0x30...0x39).contains(byte) else { return nil }
            index += 1
            return Int(byte - 0x30)
        }

        mutating func number(_ digits: Int) -> Int? {
            var value = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        mutating func fraction() -> Double? {
            guard take(".") else { return 0 }
            var value = 0
            var scale = 1
            while let digit = digit() {
                guard scale < 1_000_000_000 else { return nil }
                value = value * 10 + digit
                scale *= 10
            }
            return scale > 1 ? Double(value) / Double(scale) : nil
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int? {
            if take("Z") { return 0 }
            let isWest = take("-")
            guard isWest || take("+"), let hours = number(2), hours < 24, take(":"), let minutes = number(2),
                minutes < 60
            else { return nil }
            return (isWest ? -1 : 1) * (hours * 3_600 + minutes * 60)
        }
    }
}
