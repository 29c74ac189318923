import MetricsExposition
import Testing

extension MetricRegistry {
    /// What is exported now, read back in both formats, which must agree but for the names of counters.
    func readBack() async throws -> [String: ReadFamily] {
        let text = try ExpositionReader.read(await exposition(.prometheusText), .prometheusText)
        let openMetrics = try ExpositionReader.read(await exposition(.openMetrics), .openMetrics)
        try #require(text.count == openMetrics.count)
        for (plain, open) in zip(text, openMetrics) {
            #expect(plain.name == (open.kind == "counter" ? "\(open.name)_total" : open.name))
            #expect(plain.help == open.help)
            #expect(plain.kind == open.kind)
            #expect(plain.samples.map(\.value.bitPattern) == open.samples.map(\.value.bitPattern))
        }
        return Dictionary(uniqueKeysWithValues: text.map { ($0.name, $0) })
    }

    /// The exposition as text.
    func text(_ format: ExpositionFormat = .prometheusText) async -> String {
        String(decoding: await exposition(format), as: UTF8.self)
    }

    /// How many series were refused for a reason.
    func refused(_ reason: MetricRefusal.Reason) async throws -> Double? {
        try await readBack()["metrics_series_refused_total"]?.value(["reason": reason.rawValue])
    }
}

/// A source with whatever readings it is given.
struct FixedSource: MetricSource {
    var families: [MetricFamily] = []
    var given: @Sendable () -> [MetricReading]

    func readings() async -> [MetricReading] { given() }
}
