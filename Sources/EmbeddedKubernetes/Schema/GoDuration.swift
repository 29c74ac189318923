/// Go's duration syntax: `1h15m`, `1.5s`, `-3ms`.
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]

    /// The duration in nanoseconds, or `nil` for anything else than Go's syntax.
    static func parse(_ text: String) -> Int64? {
        var rest = Substring(text)
        var sign = 1.0
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? -1 : 1
            rest = rest.dropFirst()
        }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            guard let amount = Double(digits), digits.contains(where: { $0 != "." }) else { return nil }
            rest = rest.dropFirst(digits.count)
            let word = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            guard let unit = units.first(where: { $0.name == word }) else { return nil }
            rest = rest.dropFirst(word.count)
            total += amount * unit.nanoseconds
        }
        return Int64(exactly: (sign * total).rounded())
    }
}
