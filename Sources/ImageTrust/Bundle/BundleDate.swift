import FoundationEssentials

/// Moments in bundles: RFC 3339 in UTC, to the second.
enum BundleDate {
    static func text(_ date: Date) -> String { date.formatted(.iso8601) }

    /// Reads what ``text(_:)`` writes, and nothing else.
    static func date(_ text: String) -> Date? {
        guard text.utf8.count == 20, let date = try? Date(text, strategy: .iso8601), self.text(date) == text else {
            return nil
        }
        return date
    }
}
