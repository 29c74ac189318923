import Metrics
import Synchronization

/// One series of a counter: whole numbers and fractions are counted apart, so that both are exact for long.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    let identity: SeriesIdentity
    private let whole = Atomic<UInt64>(0)
    private let fraction = AtomicDouble()

    init(_ identity: SeriesIdentity) { self.identity = identity }

    var value: Double { Double(whole.load(ordering: .relaxed)) + fraction.value }

    /// Counts; a counter never falls, so a negative amount is left out.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.set(0)
    }
}
