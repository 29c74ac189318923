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
        guard let date = HTTPDate.parse(text) else { return nil }
        let seconds = date.timeIntervalSince(now)
        return .seconds(min(max(seconds, 0), Double(day)))
    }
}
