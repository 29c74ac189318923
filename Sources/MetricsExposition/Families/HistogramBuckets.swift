/// The upper bounds by which a histogram sorts values; a last bucket, `+Inf`, takes what is greater than all.
public struct HistogramBuckets: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// The bounds, each inclusive: finite, ascending, each once.
    public let upperBounds: [Double]

    /// Creates buckets; bounds are sorted, and what is not finite or there twice is left out.
    ///
    /// - Parameter upperBounds: the bounds.
    public init(_ upperBounds: [Double]) {
        var bounds: [Double] = []
        for bound in upperBounds.filter(\.isFinite).sorted() where bound != bounds.last { bounds.append(bound) }
        self.upperBounds = bounds
    }

    /// Creates buckets from a list of bounds.
    public init(arrayLiteral elements: Double...) { self.init(elements) }

    /// Bounds of which each is a multiple of the one before, multiplied step by step as Prometheus' Go client does, so
    /// that even the last digits are the same.
    ///
    /// - Parameters:
    ///   - first: the smallest bound.
    ///   - factor: what each is multiplied with.
    ///   - count: how many.
    /// - Returns: the buckets.
    public static func exponential(from first: Double, factor: Double, count: Int) -> HistogramBuckets {
        var bounds: [Double] = []
        var bound = first
        for _ in 0..<max(0, count) {
            bounds.append(bound)
            bound *= factor
        }
        return HistogramBuckets(bounds)
    }

    /// The place of the bucket that takes `value`; that of `+Inf` is the number of bounds.
    func index(of value: Double) -> Int {
        var (low, high) = (0, upperBounds.count)
        while low < high {
            let middle = (low + high) / 2
            if upperBounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
