/// Something whose present state is a metric: read when metrics are asked for, with no bookkeeping in between.
///
/// What it does not mention is not exported, so that a series vanishes with the object that it speaks of.
public protocol MetricSource: Sendable {
    /// The metrics that it may mention; each a counter or a gauge.
    var families: [MetricFamily] { get }

    /// The values of this moment.
    ///
    /// Called for each scrape, several at once if need be; must be quick, and cannot fail.
    ///
    /// - Returns: the readings, in any order. Of two with the same labels only the first is exported.
    func readings() async -> [MetricReading]
}

/// One value of one metric at one moment.
public struct MetricReading: Sendable, Hashable {
    /// What the value is of.
    public let family: MetricFamily
    /// The values of the family's labels, in its order.
    public let labels: [String]
    /// The value, in the family's unit.
    public let value: Double

    /// Creates a reading.
    ///
    /// - Parameters:
    ///   - family: what the value is of.
    ///   - labels: the values of the family's labels, in its order.
    ///   - value: the value, in the family's unit.
    public init(family: MetricFamily, labels: [String], value: Double) {
        self.family = family
        self.labels = labels
        self.value = value
    }
}
