import Metrics
import MetricsExposition
import Synchronization
import TestTiming
import Testing

/// Whatever is recorded is read back as it was, by a reader that shares no code with the writer.
struct ExpositionPropertyTests {
    private struct Generator: RandomNumberGenerator {
        var numbers: SeededGenerator

        mutating func next() -> UInt64 { numbers.next() }

        /// Text made of what formats stumble over.
        mutating func text(_ lengths: ClosedRange<Int> = 0...12) -> String {
            let pieces = [
                "\n", "\r", "\r\n", "\\", "\"", "\\n", "{", "}", ",", "=", "#", " ", "é", "😀", "\u{0}", "\u{2028}",
                "\u{301}", "a", "le", "# EOF", "\u{FEFF}", "\u{7F}",
            ]
            return (0..<Int.random(in: lengths, using: &self)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &self)]
            }.joined()
        }

        mutating func number() -> Double {
            switch Int.random(in: 0..<6, using: &self) {
            case 0:
                [0, -0.0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude][
                    Int.random(in: 0..<7, using: &self)
                ]
            case 1: Double(Int64.random(in: .min ... .max, using: &self))
            case 2: Double(bitPattern: next())
            default: Double.random(in: -1000...1000, using: &self)
            }
        }
    }

    @Test("Random families, labels and values")
    func random() async throws {
        let seed = testSeed("expositions")
        var generator = Generator(numbers: SeededGenerator(seed: seed))
        for round in 0..<60 {
            try await roundTrip(&generator, "round \(round) of seed \(seed)")
        }
    }

    private func roundTrip(_ generator: inout Generator, _ comment: Comment) async throws {
        let labels = (0..<Int.random(in: 0...3, using: &generator)).map { "label_\($0)" }
        let help = generator.text(1...20)
        let bounds = (0..<Int.random(in: 1...20, using: &generator)).map { _ in generator.number() }
        let gauge = MetricFamily("gauge", .gauge, labels: labels, seriesLimit: 40, help: help)
        let histogram = MetricFamily(
            "histogram",
            .histogram(.init(bounds)),
            labels: labels,
            seriesLimit: 40,
            help: help
        )
        let registry = MetricRegistry(families: [gauge, histogram])
        // Which of two texts that Unicode holds for equal comes first does not matter; they are one series.
        var gauges: [[String: String]: Double] = [:]
        var observed: [[String: String]: [Double]] = [:]
        for _ in 0..<Int.random(in: 1...20, using: &generator) {
            let dimensions = labels.map { ($0, generator.text()) }
            let key = Dictionary(uniqueKeysWithValues: dimensions)
            let value = generator.number()
            gauges[key] = value
            Gauge(label: "gauge", dimensions: dimensions.shuffled(using: &generator), factory: registry).record(value)
            let size = generator.number()
            observed[key, default: []].append(size)
            Recorder(label: "histogram", dimensions: dimensions, factory: registry).record(size)
        }
        let families = try await registry.readBack()
        let readGauge = try #require(families["gauge"], comment)
        #expect(readGauge.help == help, comment)
        #expect(readGauge.samples.count == gauges.count, comment)
        for sample in readGauge.samples {
            let expected = try #require(gauges[sample.labels], comment)
            #expect(sample == ReadSample(suffix: "", labels: sample.labels, value: expected), comment)
        }
        let readHistogram = try #require(families["histogram"], comment)
        for sample in readHistogram.samples where sample.suffix == "_bucket" {
            var labels = sample.labels
            let text = labels.removeValue(forKey: "le") ?? ""
            let bound = text == "+Inf" ? .infinity : Double(text)
            let counted = try #require(observed[labels], comment).filter { $0 <= bound ?? .nan }.count
            #expect(sample.value == Double(counted), comment)
        }
    }
}
