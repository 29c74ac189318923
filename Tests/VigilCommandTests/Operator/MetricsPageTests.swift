import MetricsExposition
import TestDocuments
import Testing

@testable import VigilCommand

/// `docs/metrics.md` and what is declared are the same, row by row.
@Suite("The page of metrics")
struct MetricsPageTests {
    private static let page = (try? Checkout.text("docs/metrics.md")) ?? ""

    /// The row that a family must have.
    private static func row(_ family: MetricFamily) -> String {
        let kind =
            switch family.kind {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        let labels = family.labels.isEmpty ? "–" : family.labels.map { "`\($0)`" }.joined(separator: ", ")
        let help = family.help.replacing("<", with: "\\<").replacing(">", with: "\\>")
        return "| `\(family.name)` | \(kind) | \(labels) | \(family.unit?.rawValue ?? "–") | \(help) |"
    }

    @Test("every metric has its row, and every row its metric")
    func rows() {
        let expected = Set(OperatorMetrics.all.map(Self.row))
        let written = Set(
            Self.page.split(separator: "\n").map(String.init).filter { line in
                ["counter", "gauge", "histogram"].contains { line.contains("` | \($0) | ") }
            }
        )
        #expect(expected.subtracting(written).sorted() == [], "missing in docs/metrics.md")
        #expect(written.subtracting(expected).sorted() == [], "not exported")
    }

    @Test("all of them can be exported together")
    func defects() {
        #expect(MetricFamily.defects(of: OperatorMetrics.all) == [])
    }
}
