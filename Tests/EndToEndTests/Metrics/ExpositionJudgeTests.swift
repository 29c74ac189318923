import Foundation
import Metrics
import MetricsExposition
import Testing

/// Prometheus reads what is written, in both formats, and has nothing to remark.
@Suite("Metrics and promtool", .enabled(if: try PromTool.isInstalled, PromTool.reason), .timeLimit(.minutes(10)))
struct ExpositionJudgeTests {
    /// A registry with a series in every family of the machinery, with labels that are hard to write.
    private func registry() -> MetricRegistry {
        let registry = MetricRegistry(families: KubernetesMetrics.all)
        let values = ["plain", "\"quoted\" \\ and\r\n two lines", "<error>", "é😀\u{0}"]
        for family in KubernetesMetrics.all {
            for value in family.labels.isEmpty ? ["once"] : values {
                let dimensions = family.labels.map { ($0, value) }
                switch family.kind {
                case .counter: Counter(label: family.name, dimensions: dimensions, factory: registry).increment()
                case .gauge: Gauge(label: family.name, dimensions: dimensions, factory: registry).record(1.5e-7)
                case .histogram:
                    Recorder(label: family.name, dimensions: dimensions, factory: registry).record(0.3)
                }
            }
        }
        return registry
    }

    @Test("promtool check metrics has nothing to remark")
    func text() async throws {
        let outcome = try await PromTool.check(metrics: await registry().exposition(.prometheusText))
        #expect(outcome.isSuccess, "\(outcome.text)")
    }

    @Test("promtool would have told of a metric without help, and of one of the wrong name")
    func judge() async throws {
        let bare = try await PromTool.check(metrics: Array("things_total 1\n".utf8))
        #expect(!bare.isSuccess && bare.text.contains("help"), "\(bare.text)")
        let open = try await PromTool.check(metrics: await registry().exposition(.openMetrics))
        #expect(!open.isSuccess)
    }

    @Test("Prometheus' reader of OpenMetrics takes every sample, and would not take a text that was cut")
    func openMetrics() async throws {
        let text = await registry().exposition(.openMetrics)
        try await Workspace.with { workspace in
            let outcome = try await PromTool.read(openMetrics: text, in: workspace.path)
            #expect(outcome.isSuccess, "\(outcome.text)")
            let cut = try await PromTool.read(openMetrics: text.dropLast("# EOF\n".count), in: workspace.path)
            #expect(!cut.isSuccess, "\(cut.text)")
        }
    }
}
