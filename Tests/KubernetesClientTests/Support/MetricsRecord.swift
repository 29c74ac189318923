import Metrics
import Synchronization

/// Keeps what is measured: a number by `label{dimension=value,…}`, sorted by dimension.
final class MetricsRecord: MetricsFactory {
    private let values = Mutex<[String: [Double]]>([:])

    /// Every value that was recorded under a name, in order.
    func values(_ name: String) -> [Double]? { values.withLock { $0[name] } }
    var names: [String] { values.withLock { $0.keys.sorted() } }

    private final class Handler: CounterHandler, RecorderHandler, TimerHandler {
        let name: String
        let record: MetricsRecord

        init(_ name: String, _ record: MetricsRecord) {
            self.name = name
            self.record = record
        }

        private func add(_ value: Double) { record.values.withLock { $0[name, default: []].append(value) } }
        func increment(by amount: Int64) { add(Double(amount)) }
        func reset() {}
        func record(_ value: Int64) { add(Double(value)) }
        func record(_ value: Double) { add(value) }
        func recordNanoseconds(_ duration: Int64) { add(Double(duration)) }
    }

    private func handler(_ label: String, _ dimensions: [(String, String)]) -> Handler {
        let text = dimensions.sorted { $0.0 < $1.0 }.map { "\($0.0)=\($0.1)" }.joined(separator: ",")
        return Handler("\(label){\(text)}", self)
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { handler(label, dimensions) }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        handler(label, dimensions)
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { handler(label, dimensions) }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
