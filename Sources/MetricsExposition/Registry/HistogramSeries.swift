import Metrics
import Synchronization

/// One series of a histogram.
final class HistogramSeries: RecorderHandler, TimerHandler {
    /// What was counted: by bucket, the last being that of `+Inf`, and the sum of all values.
    struct Counts: Sendable, Equatable {
        var buckets: [UInt64]
        var sum = 0.0
    }

    let identity: SeriesIdentity
    private let buckets: HistogramBuckets
    private let counts: Mutex<Counts>

    init(_ identity: SeriesIdentity, buckets: HistogramBuckets) {
        self.identity = identity
        self.buckets = buckets
        counts = Mutex(Counts(buckets: Array(repeating: 0, count: buckets.upperBounds.count + 1)))
    }

    /// What was counted, of one moment.
    ///
    /// A copy of its own: counting goes on in place and allocates nothing.
    var value: Counts { counts.withLock { Counts(buckets: $0.buckets.map(\.self), sum: $0.sum) } }

    func record(_ value: Int64) { record(Double(value)) }

    /// Counts one value; what is not a number would spoil the sum for ever, and is left out.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let index = buckets.index(of: value)
        counts.withLock { counts in
            counts.buckets[index] &+= 1
            counts.sum += value
        }
    }

    /// Counts a duration, in seconds; a clock that was set back makes none negative.
    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1e9) }
}
