import FoundationEssentials
import KubernetesAPI
import KubernetesRuntime
import MetricsExposition
import TrustModel
import TrustResources

/// What is known of images and policies at one moment, as metrics.
///
/// A value: it is made from copies of the caches, and what is not in them is not exported.
struct TrustState {
    /// A policy, and where it holds.
    struct Policy {
        var name: String
        var status: TrustPolicyStatus?
        /// Whether it speaks for pods of a namespace.
        var holdsIn: (_ namespace: String) -> Bool
    }

    /// The verifications that stand for what runs.
    var verifications: [ImageVerification]
    /// The verification keys of running images.
    var running: Set<ObjectKey>
    var policies: [Policy]
    var now: Date

    var readings: [MetricReading] { imageReadings + namespaceReadings + policies.flatMap { readings(of: $0) } }

    // MARK: - Images

    private struct Place: Hashable {
        var namespace: String
        var policy: String
    }

    /// Every namespace in which something runs or is judged.
    private var namespaces: [String] {
        Set(running.compactMap(\.namespace)).union(verifications.compactMap(\.metadata.namespace)).sorted()
    }

    private var imageReadings: [MetricReading] {
        var counts: [Place: [Verdict: Int]] = [:]
        for verification in verifications {
            guard let verdict = verification.status?.verdict, let namespace = verification.metadata.namespace else {
                continue
            }
            for policy in verification.judgingPolicies {
                counts[Place(namespace: namespace, policy: policy), default: [:]][verdict, default: 0] += 1
            }
        }
        let namespaces = namespaces
        return policies.flatMap { policy in
            namespaces.flatMap { namespace -> [MetricReading] in
                let known = counts[Place(namespace: namespace, policy: policy.name)]
                guard known != nil || policy.holdsIn(namespace) else { return [] }
                return Verdict.allCases.map {
                    TrustMetrics.images.reading(Double(known?[$0] ?? 0), namespace, policy.name, $0.rawValue)
                }
            }
        }
    }

    private var namespaceReadings: [MetricReading] {
        let judged = Dictionary(grouping: verifications) { $0.metadata.namespace ?? "" }
        let running = Dictionary(grouping: running) { $0.namespace ?? "" }
        return namespaces.flatMap { namespace in
            readings(of: namespace, judged[namespace] ?? [], running: running[namespace] ?? [])
        }
    }

    private func readings(
        of namespace: String,
        _ verifications: [ImageVerification],
        running: [ObjectKey]
    ) -> [MetricReading] {
        var counts: [Verdict: Int] = [:]
        var names: Set<String> = []
        var stale = 0
        var oldest: Date?
        for verification in verifications {
            guard let status = verification.status, let verdict = status.verdict else { continue }
            counts[verdict, default: 0] += 1
            names.insert(verification.metadata.name)
            if status.conditions?[type: ConditionType.fresh]?.status == .false { stale += 1 }
            if let judged = status.lastJudged?.date { oldest = min(oldest ?? judged, judged) }
        }
        var readings = Verdict.allCases.map {
            TrustMetrics.namespaceImages.reading(Double(counts[$0] ?? 0), namespace, $0.rawValue)
        }
        let waiting = running.count { !names.contains($0.name) }
        readings.append(TrustMetrics.withoutVerdict.reading(Double(waiting), namespace))
        readings.append(TrustMetrics.staleImages.reading(Double(stale), namespace))
        if let oldest {
            readings.append(TrustMetrics.oldestJudgement.reading(oldest.timeIntervalSince1970, namespace))
        }
        return readings
    }

    // MARK: - Policies

    private func readings(of policy: Policy) -> [MetricReading] {
        let ready = policy.status?.conditions?[type: ConditionType.ready]?.status == .true
        var readings = [TrustMetrics.policyReady.reading(ready ? 1 : 0, policy.name)]
        let lapses = PolicyLapses(of: policy.name, in: verifications)
        for horizon in PolicyLapses.Horizon.allCases {
            let count = lapses.count(within: horizon, of: now)
            readings.append(TrustMetrics.lapsingImages.reading(Double(count), policy.name, horizon.rawValue))
        }
        if let first = lapses.first {
            readings.append(TrustMetrics.nextLapse.reading(first.timeIntervalSince1970, policy.name))
        }
        for anchor in policy.status?.anchors ?? [] {
            let identity = String(anchor.sha256.prefix(16))
            readings.append(
                TrustMetrics.anchorImages.reading(Double(anchor.images), policy.name, anchor.authority, identity)
            )
            // What a time-stamping authority has vouched for outlives its certificate.
            guard !anchor.isOfTimestamps else { continue }
            readings.append(
                TrustMetrics.anchorExpiry.reading(
                    anchor.notAfter.date.timeIntervalSince1970,
                    policy.name,
                    anchor.authority,
                    identity,
                    String(anchor.subject.prefix(100))
                )
            )
        }
        return readings
    }
}
