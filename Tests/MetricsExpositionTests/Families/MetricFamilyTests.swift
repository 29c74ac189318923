import Testing

@testable import MetricsExposition

/// Declarations are tried before anything is exported.
struct MetricFamilyTests {
    @Test("Each defect of a declaration is told, with its name")
    func defects() {
        let bad: [(MetricFamily, String)] = [
            (MetricFamily("1st", .gauge, help: "A."), "letters"),
            (MetricFamily("a-b", .gauge, help: "A."), "letters"),
            (MetricFamily("", .gauge, help: "A."), "letters"),
            (MetricFamily("things", .counter, help: "A."), "_total"),
            (MetricFamily("things_total", .gauge, help: "A."), "_total"),
            (MetricFamily("things_count", .gauge, help: "A."), "_count"),
            (MetricFamily("things_info", .histogram([1]), help: "A."), "_info"),
            (MetricFamily("age", .gauge, unit: .seconds, help: "A."), "unit"),
            (MetricFamily("age_seconds", .gauge, help: "A."), "unit"),
            (MetricFamily("cpu_seconds_total", .counter, help: "A."), "unit"),
            (MetricFamily("things", .gauge, help: ""), "sentence"),
            (MetricFamily("things", .gauge, help: "no full stop"), "sentence"),
            (MetricFamily("things", .gauge, seriesLimit: 0, help: "A."), "series"),
            (MetricFamily("things", .gauge, labels: ["a", "a"], help: "A."), "twice"),
            (MetricFamily("things", .gauge, labels: ["a:b"], help: "A."), "label"),
            (MetricFamily("things", .gauge, labels: ["__a"], help: "A."), "label"),
            (MetricFamily("things", .histogram([1]), labels: ["le"], help: "A."), "le"),
            (MetricFamily("things", .histogram([]), help: "A."), "bound"),
        ]
        for (family, word) in bad {
            let defects = MetricFamily.defects(of: [family])
            #expect(defects.contains { $0.hasPrefix(family.name) && $0.contains(word) }, "\(family.name): \(defects)")
        }
        let good = [
            MetricFamily("vm:cpu_seconds_total", .counter, unit: .seconds, labels: ["a", "_b"], help: "A."),
            MetricFamily("build_info", .gauge, help: "B."),
            MetricFamily("size_bytes", .histogram([1]), unit: .bytes, help: "C."),
        ]
        #expect(MetricFamily.defects(of: good).isEmpty)
    }

    @Test("Names may not meet in either format")
    func clashes() {
        let counter = MetricFamily("things_total", .counter, help: "A.")
        #expect(MetricFamily.defects(of: [counter, MetricFamily("things", .gauge, help: "B.")]).count == 1)
        #expect(MetricFamily.defects(of: [counter, counter]).count >= 1)
        let histogram = MetricFamily("size_bytes", .histogram([1]), unit: .bytes, help: "C.")
        #expect(!MetricFamily.defects(of: [histogram, histogram]).isEmpty)
    }

    @Test("Buckets are finite, ascending and each once, and take what is not greater than them")
    func buckets() {
        let buckets: HistogramBuckets = [3, 1, .infinity, 2, .nan, 1]
        #expect(buckets.upperBounds == [1, 2, 3])
        #expect([-1, 1, 1.5, 2, 3, 3.1, .infinity].map(buckets.index) == [0, 0, 1, 1, 2, 3, 3])
        #expect(HistogramBuckets.exponential(from: 1, factor: 2, count: -1).upperBounds == [])
        for count in 1...40 {
            let buckets = HistogramBuckets.exponential(from: 1, factor: 1.5, count: count)
            for (index, bound) in buckets.upperBounds.enumerated() {
                #expect(buckets.index(of: bound) == index)
                #expect(buckets.index(of: bound.nextUp) == index + 1)
            }
        }
    }

    @Test("Everything that the machinery declares can be exported")
    func kubernetes() {
        #expect(MetricFamily.defects(of: KubernetesMetrics.all + [MetricRegistry.refusedSeries]).isEmpty)
    }
}
