package import FoundationEssentials

/// RFC 3339 times: read with any offset and up to nine fractional digits, written in UTC.
package enum RFC3339 {
    /// The moment `text` names; `nil` when it is no RFC 3339 time.
    ///
    /// A leap second reads as the second before it.
    package static func date(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard (20...35).contains(bytes.count) else { return nil }
        var reader = Reader(bytes: bytes)
        guard let year = reader.digits(4), reader.skip(UInt8(ascii: "-")),
            let month = reader.digits(2), reader.skip(UInt8(ascii: "-")), let day = reader.digits(2),
            reader.skip(UInt8(ascii: "T")) || reader.skip(UInt8(ascii: "t")),
            let hour = reader.digits(2), reader.skip(UInt8(ascii: ":")), let minute = reader.digits(2),
            reader.skip(UInt8(ascii: ":")), let second = reader.digits(2)
        else { return nil }
        let fraction = reader.fraction()
        guard let fraction, let offset = reader.offset(), reader.isAtEnd else { return nil }
        guard (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + min(second, 59) - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    /// The text of `date` in UTC with `fractionalDigits` (0 to 9) digits after the second.
    package static func text(_ date: Date, fractionalDigits: Int) -> String {
        // Years 0001 to 9999 are all the format can name.
        let bounded = min(max(date.timeIntervalSince1970, -62_135_596_800), 253_402_300_799)
        var whole = bounded.rounded(.down)
        var fractionText = ""
        if (1...9).contains(fractionalDigits) {
            var scale = 1.0
            for _ in 0..<fractionalDigits { scale *= 10 }
            var units = ((bounded - whole) * scale).rounded()
            if units >= scale {
                units = 0
                whole += 1
            }
            fractionText = "." + padded(Int(units), width: fractionalDigits)
        }
        let seconds = Int(whole)
        let days = seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400)
        let secondOfDay = seconds - days * 86_400
        let (year, month, day) = civil(days)
        let clock = [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60].map { padded($0, width: 2) }
        return "\(padded(year, width: 4))-\(padded(month, width: 2))-\(padded(day, width: 2))T"
            + clock.joined(separator: ":") + fractionText + "Z"
    }

    private static func padded(_ number: Int, width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func digits(_ count: Int) -> Int? {
            guard position + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[position..<(position + count)] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            position += count
            return value
        }

        mutating func skip(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        mutating func fraction() -> Double? {
            guard skip(UInt8(ascii: ".")) else { return 0 }
            var value = 0.0
            var scale = 0.1
            var count = 0
            while let digit = digits(1) {
                value += Double(digit) * scale
                scale /= 10
                count += 1
            }
            return (1...9).contains(count) ? value : nil
        }

        mutating func offset() -> Int? {
            if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) { return 0 }
            let isNegative: Bool
            if skip(UInt8(ascii: "+")) {
                isNegative = false
            } else if skip(UInt8(ascii: "-")) {
                isNegative = true
            } else {
                return nil
            }
            guard let hours = digits(2), skip(UInt8(ascii: ":")), let minutes = digits(2), hours < 24, minutes < 60
            else {
                return nil
            }
            let seconds = hours * 3_600 + minutes * 60
            return isNegative ? -seconds : seconds
        }
    }
}
