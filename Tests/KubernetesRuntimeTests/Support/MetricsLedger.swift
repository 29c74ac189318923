import CoreMetrics
import Synchronization

/// Metrics kept in memory, by name and labels as a dashboard would ask for them: `name{label="value"}`.
final class MetricsLedger: MetricsFactory {
    private struct State {
        var counters: [String: Double] = [:]
        var gauges: [String: Double] = [:]
        /// Nanoseconds.
        var timers: [String: [Int64]] = [:]
    }

    private final class Handler: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
        let ledger: MetricsLedger
        let series: String

        init(_ ledger: MetricsLedger, _ series: String) {
            self.ledger = ledger
            self.series = series
        }

        func increment(by amount: Int64) {
            ledger.state.withLock { $0.counters[series, default: 0] += Double(amount) }
        }
        func reset() { ledger.state.withLock { $0.counters[series] = 0 } }
        func increment(by amount: Double) { ledger.state.withLock { $0.gauges[series, default: 0] += amount } }
        func decrement(by amount: Double) { ledger.state.withLock { $0.gauges[series, default: 0] -= amount } }
        func set(_ value: Int64) { set(Double(value)) }
        func set(_ value: Double) { ledger.state.withLock { $0.gauges[series] = value } }
        func record(_ value: Int64) { set(Double(value)) }
        func record(_ value: Double) { set(value) }
        func recordNanoseconds(_ duration: Int64) {
            ledger.state.withLock { $0.timers[series, default: []].append(duration) }
        }
    }

    private let state = Mutex(State())

    private static func series(_ label: String, _ dimensions: [(String, String)]) -> String {
        guard !dimensions.isEmpty else { return label }
        return label + "{" + dimensions.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",") + "}"
    }

    // MARK: - Reading

    /// The value of every counter that was ever counted, also by 0.
    var counters: [String: Double] { state.withLock { $0.counters } }
    /// The last value of every gauge.
    var gauges: [String: Double] { state.withLock { $0.gauges } }
    /// The durations of every timer that was made, in nanoseconds.
    var timers: [String: [Int64]] { state.withLock { $0.timers } }

    // MARK: - MetricsFactory

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Handler(self, Self.series(label, dimensions))
    }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        Handler(self, Self.series(label, dimensions))
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        Handler(self, Self.series(label, dimensions))
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let series = Self.series(label, dimensions)
        state.withLock { $0.timers[series] = $0.timers[series] ?? [] }
        return Handler(self, series)
    }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
