import ImageTrust
import MetricsExposition
import OCIRegistry

/// What is asked of each registry, and what is kept of the answers.
struct RegistryFigures: Sendable {
    /// What goes to registries.
    let traffic: RegistryTraffic
    /// What is kept, by the name of the cache.
    let caches: [String: ContentCache]
}

/// How much of the registries' patience and of the caches is used: read when metrics are asked for.
///
/// Hosts are named by pods: `HostTally.maximumHosts` of them are told apart, the rest is `other`.
struct RegistryMetrics: MetricSource {
    /// The figures as they are now; `nil` when nothing is open.
    let figures: @Sendable () -> RegistryFigures?

    private static let budget = MetricFamily(
        "vigil_registry_budget_ratio",
        .gauge,
        labels: ["host"],
        help: "What part of the requests that a registry allows at once is left, 0 to 1; of several accounts the least."
    )
    private static let pullBudget = MetricFamily(
        "vigil_registry_pull_budget_ratio",
        .gauge,
        labels: ["host"],
        help:
            "What part of our share of the pulls that a registry allows is left, 0 to 1; only where pulls are counted."
    )
    private static let underWay = MetricFamily(
        "vigil_registry_requests_in_flight",
        .gauge,
        labels: ["host"],
        help: "Requests to registries that are under way."
    )
    private static let circuit = MetricFamily(
        "vigil_registry_circuit_open",
        .gauge,
        labels: ["host"],
        help: "Whether a registry is left alone because it does not answer: 1 or 0; for other, how many are."
    )
    private static let heldBack = MetricFamily(
        "vigil_registry_requests_held_back_total",
        .counter,
        labels: ["host", "reason"],
        help:
            "Requests that were not sent: the registry asked for a pause, its allowance is used up, or it does not answer."
    )
    private static let delayed = MetricFamily(
        "vigil_registry_requests_delayed_total",
        .counter,
        labels: ["host"],
        help:
            "Requests that waited for the allowance of a registry, or because it asked for a pause, before they were sent."
    )
    private static let unchanged = MetricFamily(
        "vigil_registry_unchanged_total",
        .counter,
        labels: ["host"],
        help: "Tags and lists that a registry said had not changed, so that they were not transferred again."
    )
    private static let lookups = MetricFamily(
        "vigil_registry_cache_lookups_total",
        .counter,
        labels: ["host", "result"],
        help: "Questions about images: found in the cache (hit), asked (miss), or shared with another who was asking."
    )
    private static let bytes = MetricFamily(
        "vigil_registry_cache_bytes",
        .gauge,
        unit: .bytes,
        labels: ["cache"],
        help: "Memory that manifests, signatures and lists take in a cache."
    )
    private static let evictions = MetricFamily(
        "vigil_registry_cache_evictions_total",
        .counter,
        labels: ["cache"],
        help: "Entries that had to leave a cache to make room for others."
    )

    /// The metrics.
    static let all = [
        budget, pullBudget, underWay, circuit, heldBack, delayed, unchanged, lookups, bytes, evictions,
    ]

    var families: [MetricFamily] { Self.all }

    func readings() async -> [MetricReading] {
        guard let figures = figures() else { return [] }
        return figures.traffic.figures.flatMap { Self.readings($0, $1) } + Self.cached(figures.caches)
    }

    private static func readings(_ host: String, _ figures: TrafficFigures) -> [MetricReading] {
        var readings = [
            budget.reading(figures.budget, host),
            underWay.reading(Double(figures.underWay), host),
            circuit.reading(Double(figures.openCircuits), host),
            heldBack.reading(Double(figures.heldBackAsked), host, "asked"),
            heldBack.reading(Double(figures.heldBackByBudget), host, "budget"),
            heldBack.reading(Double(figures.heldBackByCircuit), host, "circuit"),
            delayed.reading(Double(figures.delayed), host),
            unchanged.reading(Double(figures.unchanged), host),
        ]
        if let share = figures.pullBudget { readings.append(pullBudget.reading(share, host)) }
        return readings
    }

    /// The caches are several for the same hosts.
    private static func cached(_ caches: [String: ContentCache]) -> [MetricReading] {
        var lookups: [String: ContentCache.Figures] = [:]
        for cache in caches.values {
            for (host, figures) in cache.figures {
                lookups[host, default: ContentCache.Figures()].hits += figures.hits
                lookups[host, default: ContentCache.Figures()].misses += figures.misses
                lookups[host, default: ContentCache.Figures()].shared += figures.shared
            }
        }
        let byHost = lookups.flatMap { host, figures in
            [
                Self.lookups.reading(Double(figures.hits), host, "hit"),
                Self.lookups.reading(Double(figures.misses), host, "miss"),
                Self.lookups.reading(Double(figures.shared), host, "shared"),
            ]
        }
        return byHost
            + caches.flatMap { name, cache in
                [
                    Self.bytes.reading(Double(cache.bytes), name),
                    Self.evictions.reading(Double(cache.evictions), name),
                ]
            }
    }
}
