/// The value of one series at one moment.
struct MetricSample: Sendable {
    enum Value: Sendable {
        case number(Double)
        case histogram(HistogramSeries.Counts)
    }

    /// The values of the labels, in the family's order.
    var labels: [String]
    var value: Value
}

/// Everything that is exported at one moment: families by name, each with its series in the order of their labels.
struct MetricSnapshot: Sendable {
    struct Entry: Sendable {
        var family: MetricFamily
        var samples: [MetricSample]
    }

    private(set) var entries: [Entry] = []

    /// Puts what was collected into order; a family without series is left out.
    init(_ collected: [String: Entry]) {
        entries = collected.values.filter { !$0.samples.isEmpty }.sorted { $0.family.name < $1.family.name }
        for index in entries.indices {
            entries[index].samples.sort { $0.labels.lexicographicallyPrecedes($1.labels) }
        }
    }
}
