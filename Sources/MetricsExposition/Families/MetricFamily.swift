/// What one metric is: its name, what it means, and what tells its series apart.
///
/// Declared once, as a constant. Code that measures knows the name and the labels alone; how the metric is exported is
/// decided here.
public struct MetricFamily: Sendable, Hashable {
    /// How values come about, and how they are exported.
    public enum Kind: Sendable, Hashable {
        /// Only grows, and begins at 0 with the process; the name ends in `_total`.
        case counter
        /// Goes up and down.
        case gauge
        /// Values counted by size.
        case histogram(HistogramBuckets)

        /// The word after `# TYPE`.
        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// What values are measured in; the name says it too.
    public enum Unit: String, Sendable, Hashable {
        case seconds
        case bytes
    }

    /// The name in Prometheus' text format: with `_total` for a counter, and with the unit if there is one.
    public let name: String
    /// How values come about.
    public let kind: Kind
    /// What values are measured in; `nil` for plain numbers.
    public let unit: Unit?
    /// The names of the labels, in the order in which they are written.
    public let labels: [String]
    /// How many series there may be; further ones are refused, so that label values from outside cannot fill memory.
    public let seriesLimit: Int
    /// What the metric means, in one sentence.
    public let help: String

    /// Declares a metric.
    ///
    /// Nothing is checked here; see ``defects(of:)``.
    ///
    /// - Parameters:
    ///   - name: the name in Prometheus' text format.
    ///   - kind: how values come about.
    ///   - unit: what values are measured in; the name must end in it (before `_total`).
    ///   - labels: the names of the labels.
    ///   - seriesLimit: how many series there may be.
    ///   - help: what the metric means, in one sentence.
    public init(
        _ name: String,
        _ kind: Kind,
        unit: Unit? = nil,
        labels: [String] = [],
        seriesLimit: Int = 500,
        help: String
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.seriesLimit = seriesLimit
        self.help = help
    }

    /// The name as OpenMetrics knows it, where `_total` belongs to a counter's samples and not to its family.
    var openMetricsName: String {
        guard kind == .counter, name.hasSuffix("_total") else { return name }
        return String(name.dropLast("_total".count))
    }

    /// The same metric for a source that reads its value from elsewhere.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - labels: the values of the labels, in the family's order.
    /// - Returns: the reading.
    public func reading(_ value: Double, _ labels: String...) -> MetricReading {
        MetricReading(family: self, labels: labels, value: value)
    }
}
