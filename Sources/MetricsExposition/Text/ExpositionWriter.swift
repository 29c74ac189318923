/// Writes a snapshot in one of the formats.
///
/// Prometheus' "Exposition formats", version 0.0.4; OpenMetrics 1.0, section "Text format".
struct ExpositionWriter {
    private let format: ExpositionFormat
    private(set) var bytes: [UInt8] = []

    init(_ format: ExpositionFormat) { self.format = format }

    /// Writes the snapshot; nothing can follow it.
    mutating func write(_ snapshot: MetricSnapshot) {
        for entry in snapshot.entries {
            writeHead(entry.family)
            for sample in entry.samples { write(sample, of: entry.family) }
        }
        if format == .openMetrics { put("# EOF\n") }
    }

    private mutating func writeHead(_ family: MetricFamily) {
        let name = format == .openMetrics ? family.openMetricsName : family.name
        put("# HELP \(name) ")
        putEscaped(family.help, quotes: format == .openMetrics)
        put("\n# TYPE \(name) \(family.kind.word)\n")
        if format == .openMetrics, let unit = family.unit { put("# UNIT \(name) \(unit.rawValue)\n") }
    }

    private mutating func write(_ sample: MetricSample, of family: MetricFamily) {
        switch (sample.value, family.kind) {
        case (.number(let value), _):
            writeLine(family.name, family.labels, sample.labels, value: MetricNumber.text(value))
        case (.histogram(let counts), .histogram(let buckets)):
            write(counts, buckets, of: family, labels: sample.labels)
        case (.histogram, _):
            break
        }
    }

    /// Buckets are cumulative: each counts what those before it count.
    private mutating func write(
        _ counts: HistogramSeries.Counts,
        _ buckets: HistogramBuckets,
        of family: MetricFamily,
        labels: [String]
    ) {
        var count: UInt64 = 0
        let bounds = buckets.upperBounds + [.infinity]
        for (bound, number) in zip(bounds, counts.buckets) {
            count &+= number
            writeLine(
                "\(family.name)_bucket",
                family.labels + ["le"],
                labels + [MetricNumber.bound(bound, format)],
                value: String(count)
            )
        }
        writeLine("\(family.name)_sum", family.labels, labels, value: MetricNumber.text(counts.sum))
        writeLine("\(family.name)_count", family.labels, labels, value: String(count))
    }

    private mutating func writeLine(_ name: String, _ labels: [String], _ values: [String], value: String) {
        put(name)
        var separator = "{"
        for (label, value) in zip(labels, values) {
            put(separator)
            put(label)
            put("=\"")
            putEscaped(value, quotes: true)
            put("\"")
            separator = ","
        }
        if !labels.isEmpty { put("}") }
        put(" ")
        put(value)
        put("\n")
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Writes text from outside: backslashes and line feeds escaped, quotation marks where they would end a value.
    ///
    /// By bytes, since a carriage return and a line feed are one `Character`.
    private mutating func putEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): put("\\\\")
            case UInt8(ascii: "\n"): put("\\n")
            case UInt8(ascii: "\"") where quotes: put("\\\"")
            default: bytes.append(byte)
            }
        }
    }
}
