import Metrics
import Testing

@testable import MetricsExposition

/// Both formats, to the letter.
struct ExpositionTextTests {
    private static let families = [
        MetricFamily("b_total", .counter, labels: ["x", "y"], help: "Back\\slash, \"quotes\",\nline feed."),
        MetricFamily("a_seconds", .histogram([0.5, 1, 1_000_000]), unit: .seconds, labels: ["v"], help: "Time."),
        MetricFamily("c", .gauge, help: "Plain."),
        MetricFamily("never_used", .gauge, help: "Has no series."),
    ]

    private func registry() -> MetricRegistry {
        let registry = MetricRegistry(families: Self.families)
        Counter(label: "b_total", dimensions: [("x", "\r\n\"\\n"), ("y", "")], factory: registry).increment(
            by: 1_000_000
        )
        Counter(label: "b_total", dimensions: [("x", "é"), ("y", "2")], factory: registry).increment()
        Timer(label: "a_seconds", dimensions: [("v", "GET")], factory: registry).recordMilliseconds(750)
        Gauge(label: "c", factory: registry).record(0.1)
        return registry
    }

    @Test("Prometheus' text")
    func prometheus() async {
        let reasons = MetricRefusal.Reason.allCases.map(\.rawValue).sorted()
        let refused = reasons.map { "metrics_series_refused_total{reason=\"\($0)\"} 0\n" }.joined()
        #expect(
            await registry().text() == #"""
                # HELP a_seconds Time.
                # TYPE a_seconds histogram
                a_seconds_bucket{v="GET",le="0.5"} 0
                a_seconds_bucket{v="GET",le="1"} 1
                a_seconds_bucket{v="GET",le="1e+06"} 1
                a_seconds_bucket{v="GET",le="+Inf"} 1
                a_seconds_sum{v="GET"} 0.75
                a_seconds_count{v="GET"} 1
                # HELP b_total Back\\slash, "quotes",\nline feed.
                # TYPE b_total counter

                """# + "b_total{x=\"\r\\n\\\"\\\\n\",y=\"\"} 1000000\n" + #"""
                    b_total{x="é",y="2"} 1
                    # HELP c Plain.
                    # TYPE c gauge
                    c 0.1
                    # HELP metrics_series_refused_total Requests for a series that was refused, by the cause.
                    # TYPE metrics_series_refused_total counter

                    """# + refused
        )
    }

    @Test("OpenMetrics: units, counters without _total in the family's name, canonical bounds, an end")
    func openMetrics() async {
        let text = await registry().text(.openMetrics)
        #expect(
            text.hasPrefix(
                #"""
                # HELP a_seconds Time.
                # TYPE a_seconds histogram
                # UNIT a_seconds seconds
                a_seconds_bucket{v="GET",le="0.5"} 0
                a_seconds_bucket{v="GET",le="1.0"} 1
                a_seconds_bucket{v="GET",le="1e+06"} 1
                a_seconds_bucket{v="GET",le="+Inf"} 1
                a_seconds_sum{v="GET"} 0.75
                a_seconds_count{v="GET"} 1
                # HELP b Back\\slash, \"quotes\",\nline feed.
                # TYPE b counter
                b_total{x=
                """#
            )
        )
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    @Test(
        "Values are read back as the same number",
        arguments: [
            (0, "0"), (-0.0, "0"), (1, "1"), (-1.5, "-1.5"), (1_763_757_600, "1763757600"), (0.1, "0.1"),
            (0x1p53, "9007199254740992.0"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"), (1e-7, "1e-07"),
            (.nan, "NaN"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"),
        ] as [(Double, String)]
    )
    func values(_ value: Double, _ text: String) {
        #expect(MetricNumber.text(value) == text)
    }

    // What Go's strconv.FormatFloat(value, 'g', -1, 64) prints.
    @Test(
        "Bounds are written as Prometheus' Go client writes them",
        arguments: [
            (1e-8, "1e-08"), (9.999999999999999e-6, "9.999999999999999e-06"), (0.0001, "0.0001"), (0.00012, "0.00012"),
            (0.005, "0.005"), (0.25, "0.25"), (0, "0"), (1, "1"), (2.5, "2.5"), (60, "60"), (100_000, "100000"),
            (262_144, "262144"), (1_048_576, "1.048576e+06"), (16_777_216, "1.6777216e+07"), (123.456, "123.456"),
            (1e6, "1e+06"), (1e21, "1e+21"), (1e100, "1e+100"), (-2.5, "-2.5"), (-1e6, "-1e+06"), (1.5e-5, "1.5e-05"),
            (1_234_567.5, "1.2345675e+06"), (.infinity, "+Inf"),
        ] as [(Double, String)]
    )
    func bounds(_ value: Double, _ text: String) {
        #expect(MetricNumber.bound(value, .prometheusText) == text)
        let isWhole = text.allSatisfy(\.isNumber)
        #expect(MetricNumber.bound(value, .openMetrics) == (isWhole ? "\(text).0" : text))
    }

    @Test("The bounds of work queues are those of client-go to the last digit")
    func queueBounds() {
        let buckets = HistogramBuckets.exponential(from: 10e-9, factor: 10, count: 12)
        #expect(
            buckets.upperBounds.map { MetricNumber.bound($0, .prometheusText) } == [
                "1e-08", "1e-07", "1e-06", "9.999999999999999e-06", "9.999999999999999e-05", "0.001", "0.01", "0.1",
                "1",
                "10", "100", "1000",
            ]
        )
    }
}
