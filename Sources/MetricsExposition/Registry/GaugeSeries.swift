import Metrics

/// One series of a gauge.
final class GaugeSeries: RecorderHandler, MeterHandler {
    let identity: SeriesIdentity
    private let number = AtomicDouble()

    init(_ identity: SeriesIdentity) { self.identity = identity }

    var value: Double { number.value }

    func record(_ value: Int64) { number.set(Double(value)) }
    func record(_ value: Double) { number.set(value) }
    func set(_ value: Int64) { number.set(Double(value)) }
    func set(_ value: Double) { number.set(value) }
    func increment(by amount: Double) { number.add(amount) }
    func decrement(by amount: Double) { number.add(-amount) }
}
