import MetricsExposition
import Testing

/// A client gets the format that it likes best.
struct ExpositionFormatTests {
    @Test(
        "OpenMetrics for those who ask for it",
        arguments: [
            "application/openmetrics-text",
            "application/openmetrics-text; version=1.0.0",
            "Application/OpenMetrics-Text;VERSION=\"1.0.0\";charset=utf-8;q=0.1",
            "application/openmetrics-text,text/plain",
            "text/plain;version=0.0.4;q=0.5,application/openmetrics-text",
            "text/plain;q=0,*/*;q=0.1,application/*",
            "application/openmetrics-text;q=0.001, text/*;q=0",
            // The most specific range counts, wherever it stands.
            "*/*,text/plain;q=0.1",
            // Prometheus 2.42 and 3.
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        ]
    )
    func openMetrics(_ accept: String) {
        #expect(ExpositionFormat.negotiated(accept: accept) == .openMetrics)
    }

    @Test(
        "Prometheus' text for all others",
        arguments: [
            nil, "", "*/*", "text/plain", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/plain;version=0.0.4", "application/openmetrics-text;q=0", "application/*,text/*",
            "application/openmetrics-text;q=0.5,text/plain;q=0.6", "application/openmetrics-text;q=0.5,*/*",
            // A version that is not written here, an unreadable quality, and what is no media range at all.
            "application/openmetrics-text;version=2.0.0,text/plain;q=0.1", "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text;q=2", "application/openmetrics-text;q=0.1234",
            "application/openmetrics-text;q=-1", "application/openmetrics-text;q=1.001",
            "application/openmetrics-text;q=one", "application", "/", "application/", ";;;,,,", "*/openmetrics-text",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
            "application/openmetrics-text," + String(repeating: "x", count: 4096),
        ] as [String?]
    )
    func text(_ accept: String?) {
        #expect(ExpositionFormat.negotiated(accept: accept) == .prometheusText)
    }
}
