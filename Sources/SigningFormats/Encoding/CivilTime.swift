public import FoundationEssentials

/// A point in time by the proleptic Gregorian calendar in UTC, checked field by field.
public struct CivilTime: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z, without the fraction.
    public let secondsSinceEpoch: Int64

    /// The first second of the year 1 and the last of the year 9999: what RFC 3339 and X.509 can both express.
    public static let expressible: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Creates a time from its fields.
    ///
    /// - Returns: `nil` unless every field is in range (year 1…9999, no 30 February, no leap second).
    public init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (0...23).contains(hour), (0...59).contains(minute),
            (0...59).contains(second), day >= 1, day <= Self.days(inMonth: month, year: year)
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        secondsSinceEpoch = Int64(days * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    /// The same moment as a `Date`.
    public var date: Date { Date(timeIntervalSince1970: Double(secondsSinceEpoch)) }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Counts from 0000-03-01, so that the leap day ends a year and months follow one linear rule.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let marchMonth = (month + 9) % 12
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        return marchYear * 365 + leapDays + (marchMonth * 306 + 5) / 10 + day - 1 - 719_468
    }
}
