#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The `Retry-After` field (RFC 9110 §10.2.3): a number of seconds, or a date.
public enum RetryAfter {
    /// How long the server asks to wait; `nil` when the value is malformed.
    ///
    /// A date in the past means no wait.
    ///
    /// Of the date forms the one that servers must send is read (IMF-fixdate, RFC 9110 §5.6.7). At most a day.
    public static func parse(_ text: String, now: Date) -> Duration? {
        let day: Int64 = 86_400
        if text.utf8.count <= 10, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int64(text).map { .seconds(min($0, day)) }
        }
        guard let date = fixdate(text) else { return nil }
        let seconds = date - now.timeIntervalSince1970
        return .seconds(min(max(seconds, 0), Double(day)))
    }

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func fixdate(_ text: String) -> Double? {
        guard text.utf8.count == 29 else { return nil }
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let month = months.firstIndex(of: String(words[2])), let day = number(words[1], 1...31),
            let year = number(words[3], 1970...9999)
        else { return nil }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let hour = number(time[0], 0...23), let minute = number(time[1], 0...59),
            let second = number(time[2], 0...60)
        else { return nil }
        let days = daysSinceEpoch(year: year, month: month + 1, day: day)
        return Double(((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else { return nil }
        return range.contains(value) ? value : nil
    }

    /// Days from 1970-01-01 in the Gregorian calendar; the year is counted from March, so leap days come last.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
