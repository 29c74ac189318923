/// What was measured several times.
struct Series: Sendable {
    /// In ascending order; never empty.
    private let sorted: [Double]

    /// Takes in at least one value; of none, the series is one NaN, which meets no budget.
    init(_ values: [Double]) { sorted = values.isEmpty ? [.nan] : values.sorted() }

    var minimum: Double { sorted.first ?? .nan }
    var maximum: Double { sorted.last ?? .nan }

    /// The value that the given share of all values do not exceed, by nearest rank.
    func quantile(_ share: Double) -> Double {
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// The middle value, or the mean of the two in the middle.
    var median: Double {
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

/// What one program took, over several runs.
struct Measurement: Sendable {
    /// Milliseconds.
    let wall: Series
    /// Milliseconds, user mode and kernel together.
    let cpu: Series
    /// MiB resident at the highest; `nil` when it was not measured.
    var memory: Series?

    init(_ usages: [MeasuredProcess.Usage], memory: [Int?] = []) {
        wall = Series(usages.map { Self.milliseconds($0.wall) })
        cpu = Series(usages.map { Self.milliseconds($0.cpu) })
        let measured = memory.compactMap(\.self)
        self.memory = measured.isEmpty ? nil : Series(measured.map { Double($0) / 1_048_576 })
    }

    private static func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
}

/// The two programs, measured in turns.
struct Comparison: Sendable {
    let vigil: Measurement
    let notation: Measurement
}
