internal import OutboundHTTP

extension HostBudget.Notice {
    /// What an answer says in `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 76;w=21600`; `nil` when either is
    /// absent or makes no sense.
    init?(_ headers: HeaderFields) {
        guard let limit = Self.read(headers.values("ratelimit-limit")), let window = limit.window,
            let remaining = Self.read(headers.values("ratelimit-remaining")),
            (1...10_000_000).contains(limit.count), (1...31 * 86_400).contains(window),
            (0...limit.count).contains(remaining.count)
        else { return nil }
        self.init(limit: Double(limit.count), window: Double(window), remaining: Double(remaining.count))
    }

    private static func read(_ values: [String]) -> (count: Int, window: Int?)? {
        guard values.count == 1, let value = values.first, value.utf8.count <= 100 else { return nil }
        let parts = value.split(separator: ";").map { $0.filter { $0 != " " } }
        guard let count = parts.first.flatMap({ Int($0) }) else { return nil }
        let window = parts.dropFirst().first { $0.hasPrefix("w=") }.flatMap { Int($0.dropFirst(2)) }
        return (count, window)
    }
}
