import Metrics
import Synchronization

/// What one process measured, as a dashboard would see it: the present number of each series.
///
/// Of what is distributed (times and sizes) only how often it was measured is kept, so that hours cost nothing.
final class MetricsTally: MetricsFactory {
    private struct Series: Hashable {
        var label: String
        var dimensions: [String: String]
    }

    private final class Handler: CounterHandler, RecorderHandler, TimerHandler {
        private let tally: MetricsTally
        private let series: Series
        private let isGauge: Bool

        init(_ tally: MetricsTally, _ series: Series, isGauge: Bool = false) {
            self.tally = tally
            self.series = series
            self.isGauge = isGauge
            tally.state.withLock { $0[series] = $0[series] ?? 0 }
        }

        private func add(_ amount: Double) { tally.state.withLock { $0[series, default: 0] += amount } }

        func increment(by amount: Int64) { add(Double(amount)) }
        func reset() { tally.state.withLock { $0[series] = 0 } }
        func record(_ value: Int64) { record(Double(value)) }
        func record(_ value: Double) {
            guard isGauge else { return add(1) }
            tally.state.withLock { $0[series] = value }
        }
        func recordNanoseconds(_ duration: Int64) { add(1) }
    }

    private let state = Mutex<[Series: Double]>([:])

    // MARK: - Reading

    /// The sum of all series of a name that bear these dimensions, whatever others they bear; `nil` if there is none.
    func sum(_ label: String, _ dimensions: [String: String] = [:]) -> Double? {
        let found = state.withLock { all in
            all.filter { series, _ in
                series.label == label && dimensions.allSatisfy { series.dimensions[$0.key] == $0.value }
            }
        }
        return found.isEmpty ? nil : found.values.reduce(0, +)
    }

    /// The numbers of a name by what one of their dimensions says, those that agree in it added up.
    ///
    /// - Parameters:
    ///   - label: the name.
    ///   - dimension: the dimension that tells them apart.
    ///   - fixed: dimensions that they must bear.
    /// - Returns: the sums.
    func sums(_ label: String, by dimension: String, where fixed: [String: String] = [:]) -> [String: Double] {
        state.withLock { all in
            all.reduce(into: [:]) { sums, one in
                guard one.key.label == label, let value = one.key.dimensions[dimension],
                    fixed.allSatisfy({ one.key.dimensions[$0.key] == $0.value })
                else { return }
                sums[value, default: 0] += one.value
            }
        }
    }

    // MARK: - MetricsFactory

    private func handler(_ label: String, _ dimensions: [(String, String)], isGauge: Bool = false) -> Handler {
        let named = Dictionary(dimensions, uniquingKeysWith: { $1 })
        return Handler(self, Series(label: label, dimensions: named), isGauge: isGauge)
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { handler(label, dimensions) }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        handler(label, dimensions, isGauge: !aggregate)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { handler(label, dimensions) }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
