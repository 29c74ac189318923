public import FoundationEssentials

/// A moment as the API writes it: RFC 3339 in UTC with whole seconds (`metav1.Time`).
public struct KubernetesTime: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The moment.
    public let date: Date

    /// Cuts `date` to whole seconds, so that what is written and read back compares equal.
    public init(_ date: Date) {
        self.date = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
    }

    /// Reads RFC 3339, with or without fractional seconds.
    public init?(_ text: String) {
        guard let date = RFC3339.date(text) else { return nil }
        self.init(date)
    }

    /// `2026-11-21T04:30:00Z`.
    public var description: String { RFC3339.text(date, fractionalDigits: 0) }

    /// Earlier sorts first.
    public static func < (left: KubernetesTime, right: KubernetesTime) -> Bool { left.date < right.date }
}

extension KubernetesTime: Codable {
    /// Reads a string.
    ///
    /// - Throws: `DecodingError` when it is no RFC 3339 time.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = KubernetesTime(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time")
        }
        self = time
    }

    /// Writes whole seconds.
    ///
    /// - Throws: whatever the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A moment with exactly six fractional digits, as Leases and Events carry it (`metav1.MicroTime`).
public struct MicroTime: Sendable, Hashable, CustomStringConvertible {
    /// The moment, to the microsecond.
    public let date: Date

    /// Cuts `date` to microseconds.
    public init(_ date: Date) {
        self.date = Date(timeIntervalSince1970: (date.timeIntervalSince1970 * 1_000_000).rounded(.down) / 1_000_000)
    }

    /// Reads RFC 3339.
    public init?(_ text: String) {
        guard let date = RFC3339.date(text) else { return nil }
        self.init(date)
    }

    /// `2026-11-21T04:30:00.123456Z`.
    public var description: String { RFC3339.text(date, fractionalDigits: 6) }
}

extension MicroTime: Codable {
    /// Reads a string.
    ///
    /// - Throws: `DecodingError` when it is no RFC 3339 time.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = MicroTime(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time")
        }
        self = time
    }

    /// Writes six fractional digits.
    ///
    /// - Throws: whatever the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
