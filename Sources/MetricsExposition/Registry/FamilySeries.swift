import Synchronization

/// The series of one family.
final class FamilySeries: Sendable {
    /// One series, of the kind that its family has.
    enum Series: Sendable {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)

        /// Whether it is the series that `handler` records to.
        func isSame(as handler: AnyObject) -> Bool {
            switch self {
            case .counter(let series): series === handler
            case .gauge(let series): series === handler
            case .histogram(let series): series === handler
            }
        }
    }

    let family: MetricFamily
    private let series = Mutex<[[String]: Series]>([:])

    init(_ family: MetricFamily) { self.family = family }

    /// The series with these labels, made if need be.
    ///
    /// - Throws: why there is none.
    func series(_ dimensions: [(String, String)]) throws(MetricRefusal) -> Series {
        let labels = try values(of: dimensions)
        let found = series.withLock { series in
            if let known = series[labels] { return Optional(known) }
            guard series.count < family.seriesLimit else { return nil }
            let made = make(labels)
            series[labels] = made
            return made
        }
        guard let found else { throw MetricRefusal(name: family.name, reason: .seriesLimit) }
        return found
    }

    /// Removes the series that `handler` records to, unless another has taken its place.
    func remove(_ handler: AnyObject, labels: [String]) {
        series.withLock { series in
            if series[labels]?.isSame(as: handler) == true { series[labels] = nil }
        }
    }

    /// All series and their values.
    var samples: [MetricSample] {
        series.withLock(\.self).map { labels, series in
            switch series {
            case .counter(let series): MetricSample(labels: labels, value: .number(series.value))
            case .gauge(let series): MetricSample(labels: labels, value: .number(series.value))
            case .histogram(let series): MetricSample(labels: labels, value: .histogram(series.value))
            }
        }
    }

    private func make(_ labels: [String]) -> Series {
        let identity = SeriesIdentity(name: family.name, labels: labels)
        switch family.kind {
        case .counter: return .counter(CounterSeries(identity))
        case .gauge: return .gauge(GaugeSeries(identity))
        case .histogram(let buckets): return .histogram(HistogramSeries(identity, buckets: buckets))
        }
    }

    /// The labels' values in the family's order.
    private func values(of dimensions: [(String, String)]) throws(MetricRefusal) -> [String] {
        guard dimensions.count == family.labels.count else {
            throw MetricRefusal(name: family.name, reason: .labels)
        }
        var values: [String] = []
        values.reserveCapacity(dimensions.count)
        for label in family.labels {
            guard let value = dimensions.first(where: { $0.0 == label })?.1 else {
                throw MetricRefusal(name: family.name, reason: .labels)
            }
            guard value.utf8.count <= MetricRegistry.labelValueLimit else {
                throw MetricRefusal(name: family.name, reason: .labelValue)
            }
            values.append(value)
        }
        return values
    }
}

extension MetricRefusal: Error {}
