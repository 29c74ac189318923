public import MetricsExposition

/// The metrics of what is known of images and policies.
///
/// Labels are those of the API's words: `policy` is written as in findings, `TrustPolicy/namespace/name` or
/// `ClusterTrustPolicy/name`. Images are told apart by no label: a digest is a label that never ends.
public enum TrustMetrics {
    /// Those that are read from the caches at each scrape.
    public static let read = [
        images, namespaceImages, withoutVerdict, staleImages, oldestJudgement, nextLapse, lapsingImages, policyReady,
        anchorExpiry, anchorImages,
    ]
    /// Those that are counted.
    public static let counted = [verdictChanges, judgementDuration]

    /// What all policies hold of the images that one of them speaks for.
    static let images = MetricFamily(
        "vigil_images",
        .gauge,
        labels: ["namespace", "policy", "verdict"],
        seriesLimit: 40_000,
        help: "Running images that a policy speaks for, by namespace and verdict; an image counts for each such policy."
    )
    static let namespaceImages = MetricFamily(
        "vigil_namespace_images",
        .gauge,
        labels: ["namespace", "verdict"],
        seriesLimit: 40_000,
        help: "Running images by namespace and verdict; an image counts once in each namespace it runs in."
    )
    static let withoutVerdict = MetricFamily(
        "vigil_images_without_verdict",
        .gauge,
        labels: ["namespace"],
        seriesLimit: 10_000,
        help: "Running images without a verdict: no policy speaks for them, or they are not judged yet."
    )
    static let staleImages = MetricFamily(
        "vigil_stale_images",
        .gauge,
        labels: ["namespace"],
        seriesLimit: 10_000,
        help:
            "Running images whose verdict could not be confirmed at the last attempt; an earlier one stands meanwhile."
    )
    static let oldestJudgement = MetricFamily(
        "vigil_oldest_judgement_timestamp_seconds",
        .gauge,
        unit: .seconds,
        labels: ["namespace"],
        seriesLimit: 10_000,
        help: "When the verdict that was confirmed longest ago was confirmed, in seconds since 1970."
    )
    static let nextLapse = MetricFamily(
        "vigil_next_lapse_timestamp_seconds",
        .gauge,
        unit: .seconds,
        labels: ["policy"],
        seriesLimit: 10_000,
        help: "When the first trusted image that a policy speaks for stops being trusted, in seconds since 1970."
    )
    static let lapsingImages = MetricFamily(
        "vigil_lapsing_images",
        .gauge,
        labels: ["policy", "within"],
        seriesLimit: 20_000,
        help: "Trusted running images that stop being trusted by the passing of time within 7 or 30 days."
    )
    static let policyReady = MetricFamily(
        "vigil_policy_ready",
        .gauge,
        labels: ["policy"],
        seriesLimit: 10_000,
        help: "Whether a policy is in force: 1 or 0."
    )
    static let anchorExpiry = MetricFamily(
        "vigil_trust_anchor_expiry_timestamp_seconds",
        .gauge,
        unit: .seconds,
        labels: ["policy", "authority", "anchor", "subject"],
        seriesLimit: 20_000,
        help: "When a trust anchor for signers expires, in seconds since 1970; anchor is the start of its SHA-256."
    )
    static let anchorImages = MetricFamily(
        "vigil_trust_anchor_images",
        .gauge,
        labels: ["policy", "authority", "anchor"],
        seriesLimit: 20_000,
        help: "Running images that a trust anchor vouches for."
    )
    /// Counted by ``ImageReconciler``.
    static let verdictChanges = MetricFamily(
        "vigil_verdict_changes_total",
        .counter,
        labels: ["from", "to", "reason"],
        help: "Changes of verdicts; the first verdict of an image comes from None."
    )
    /// Measured by `SharedJudgements`.
    static let judgementDuration = MetricFamily(
        "vigil_judgement_duration_seconds",
        .histogram([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]),
        unit: .seconds,
        labels: ["verdict"],
        help: "How long judging an image took, asking registries included, by verdict."
    )
}
