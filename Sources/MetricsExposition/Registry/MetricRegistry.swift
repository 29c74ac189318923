public import Metrics
import Synchronization

/// Collects what swift-metrics is told, and writes it as Prometheus reads it.
///
/// Only declared families are exported, so that each has a kind, a help text and bounds. What does not fit its
/// declaration is refused: the code that measures goes on, its values go nowhere, and
/// `metrics_series_refused_total` counts it. Handles with equal labels share a series; destroying one of them removes it.
/// Counters and gauges are atomics, histograms have a lock each; recording allocates nothing.
public final class MetricRegistry: MetricsFactory {
    /// The greatest length of a label's value in bytes of UTF-8; a series with a longer one is refused.
    public static let labelValueLimit = 512

    /// How many series were refused; the registry's own metric.
    public static let refusedSeries = MetricFamily(
        "metrics_series_refused_total",
        .counter,
        labels: ["reason"],
        help: "Requests for a series that was refused, by the cause."
    )

    private struct Refusals {
        var counts: [MetricRefusal.Reason: UInt64] = [:]
        /// What was told already; bounded, since names may come from anywhere.
        var told: Set<MetricRefusal> = []

        static let toldLimit = 100
    }

    private let instruments: [String: FamilySeries]
    private let sources: Mutex<[any MetricSource]>
    private let refusals = Mutex(Refusals())
    private let onRefusal: @Sendable (MetricRefusal) -> Void

    /// Creates a registry without series.
    ///
    /// - Parameters:
    ///   - families: the metrics that swift-metrics may record; of two with one name the first holds.
    ///   - sources: what is read at each scrape.
    ///   - onRefusal: told of each kind of refusal once, at most a hundred of them; must not record metrics itself.
    public init(
        families: [MetricFamily],
        sources: [any MetricSource] = [],
        onRefusal: @escaping @Sendable (MetricRefusal) -> Void = { _ in }
    ) {
        instruments = Dictionary(families.map { ($0.name, FamilySeries($0)) }) { first, _ in first }
        self.sources = Mutex(sources)
        self.onRefusal = onRefusal
    }

    /// Adds something to read at each scrape from now on.
    ///
    /// - Parameter source: what to read.
    public func add(_ source: any MetricSource) { sources.withLock { $0.append(source) } }

    /// The metrics that may be exported: those that can be recorded, those of the sources, and the registry's own.
    public var families: [MetricFamily] {
        let read = sources.withLock(\.self).flatMap(\.families)
        return instruments.values.map(\.family).sorted { $0.name < $1.name } + read + [Self.refusedSeries]
    }

    /// Writes every series as it is now.
    ///
    /// - Parameter format: the format.
    /// - Returns: UTF-8.
    public func exposition(_ format: ExpositionFormat) async -> [UInt8] {
        var collected: [String: MetricSnapshot.Entry] = [:]
        for series in instruments.values {
            collected[series.family.name] = .init(family: series.family, samples: series.samples)
        }
        for source in sources.withLock(\.self) {
            add(await source.readings(), to: &collected)
        }
        let counts = refusals.withLock(\.counts)
        collected[Self.refusedSeries.name] = .init(
            family: Self.refusedSeries,
            samples: MetricRefusal.Reason.allCases.map {
                MetricSample(labels: [$0.rawValue], value: .number(Double(counts[$0] ?? 0)))
            }
        )
        var writer = ExpositionWriter(format)
        writer.write(MetricSnapshot(collected))
        return writer.bytes
    }

    private func add(_ readings: [MetricReading], to collected: inout [String: MetricSnapshot.Entry]) {
        var seen: [String: Set<[String]>] = [:]
        for reading in readings {
            let family = reading.family
            var entry = collected[family.name] ?? .init(family: family, samples: [])
            var labels = seen[family.name] ?? Set(entry.samples.map(\.labels))
            let refusal: MetricRefusal.Reason? =
                if entry.family != family || family.kind.isHistogram {
                    .kind
                } else if reading.labels.count != family.labels.count {
                    .labels
                } else if reading.labels.contains(where: { $0.utf8.count > Self.labelValueLimit }) {
                    .labelValue
                } else if labels.count >= family.seriesLimit {
                    .seriesLimit
                } else if !labels.insert(reading.labels).inserted { .duplicate } else { nil }
            if let refusal {
                refuse(MetricRefusal(name: family.name, reason: refusal))
            } else {
                entry.samples.append(MetricSample(labels: reading.labels, value: .number(reading.value)))
            }
            (collected[family.name], seen[family.name]) = (entry, labels)
        }
    }

    private func refuse(_ refusal: MetricRefusal) {
        let isNew = refusals.withLock { refusals in
            refusals.counts[refusal.reason, default: 0] &+= 1
            return refusals.told.count < Refusals.toldLimit && refusals.told.insert(refusal).inserted
        }
        if isNew { onRefusal(refusal) }
    }

    // MARK: - MetricsFactory

    /// The series of a counter; one that goes nowhere if it is refused.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        if case .counter(let series) = series(label, dimensions, isFit: \.isCounter) { return series }
        return NOOPMetricsHandler.instance
    }

    /// The series of a counter of fractions; one that goes nowhere if it is refused.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        if case .counter(let series) = series(label, dimensions, isFit: \.isCounter) { return series }
        return NOOPMetricsHandler.instance
    }

    /// The series of a gauge; one that goes nowhere if it is refused.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        if case .gauge(let series) = series(label, dimensions, isFit: \.isGauge) { return series }
        return NOOPMetricsHandler.instance
    }

    /// The series of a histogram, or of a gauge if values are not to be aggregated; one that goes nowhere if refused.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        switch series(label, dimensions, isFit: { aggregate ? $0.isHistogram : $0.isGauge }) {
        case .histogram(let series): series
        case .gauge(let series): series
        case .counter, nil: NOOPMetricsHandler.instance
        }
    }

    /// The series of a histogram of seconds; one that goes nowhere if it is refused.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        if case .histogram(let series) = series(label, dimensions, isFit: \.isHistogram) { return series }
        return NOOPMetricsHandler.instance
    }

    /// Removes the counter's series.
    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }

    /// Removes the counter's series.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }

    /// Removes the gauge's series.
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }

    /// Removes the recorder's series.
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }

    /// Removes the timer's series.
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func series(
        _ name: String,
        _ dimensions: [(String, String)],
        isFit: (MetricFamily.Kind) -> Bool
    ) -> FamilySeries.Series? {
        do throws(MetricRefusal) {
            guard let series = instruments[name] else { throw MetricRefusal(name: name, reason: .undeclared) }
            guard isFit(series.family.kind) else { throw MetricRefusal(name: name, reason: .kind) }
            return try series.series(dimensions)
        } catch {
            refuse(error)
            return nil
        }
    }

    private func remove(_ handler: AnyObject) {
        let identity: SeriesIdentity? =
            switch handler {
            case let series as CounterSeries: series.identity
            case let series as GaugeSeries: series.identity
            case let series as HistogramSeries: series.identity
            default: nil
            }
        guard let identity else { return }
        instruments[identity.name]?.remove(handler, labels: identity.labels)
    }
}

extension MetricFamily.Kind {
    fileprivate var isCounter: Bool { self == .counter }
    fileprivate var isGauge: Bool { self == .gauge }
    fileprivate var isHistogram: Bool { if case .histogram = self { true } else { false } }
}
