import JSONModel
import KubernetesAPI
import TrustModel
import TrustResources

/// What `/api/v1/summary` shows: how many images have which verdict, where, under which policies, and what ends next.
struct ResultsSummary {
    /// The most namespaces and policies that are listed, and the most ends of each kind.
    static let (maximumEntries, maximumEnds) = (1000, 50)

    let snapshot: ResultsSnapshot
    /// Whether the API server was heard of lately.
    let isCurrent: Bool

    /// The images that run.
    var running: VerdictCounts { VerdictCounts(snapshot.images.lazy.filter(\.isRunning)) }

    var json: JSONValue {
        let namespaces = namespaces
        let policies = snapshot.policies.sorted { $0.policy < $1.policy }
        let forecast = snapshot.forecast()
        return [
            "current": .bool(isCurrent),
            "images": .object(running.json),
            "gates": JSONValue(snapshot.images.count { $0.isGate && !$0.isRunning }),
            "namespaces": .array(namespaces.prefix(Self.maximumEntries).map { $0 }),
            "namespaceCount": JSONValue(namespaces.count),
            "policies": .array(policies.prefix(Self.maximumEntries).map(\.json)),
            "policyCount": JSONValue(policies.count),
            "forecast": [
                "verdicts": .array(forecast.lapses.prefix(Self.maximumEnds).map(\.json)),
                "verdictCount": JSONValue(forecast.lapses.count),
                "anchors": .array(forecast.anchors.prefix(Self.maximumEnds).map(\.json)),
                "anchorCount": JSONValue(forecast.anchors.count),
            ],
        ]
    }

    private var namespaces: [JSONValue] {
        var counts: [String: VerdictCounts] = [:]
        for image in snapshot.images where image.isRunning {
            counts[image.key.namespace ?? "", default: VerdictCounts()].add(image)
        }
        return counts.sorted { $0.key < $1.key }.map { name, counts in
            .object(counts.json.merging(["name": .string(name)]) { _, name in name })
        }
    }
}

extension VerdictForecast.PolicyEntry {
    fileprivate var json: JSONValue {
        let ready = status?.conditions?[type: ConditionType.ready]
        return [
            "name": .string(policy),
            "ready": .bool(ready?.status == .true),
            "reason": JSONValue(ready?.reason),
            "message": JSONValue(ready?.message),
            "expires": JSONValue(status?.expires),
            "images": status?.images.map(\.json) ?? .null,
        ]
    }
}

extension TrustPolicyStatus.ImageCounts {
    fileprivate var json: JSONValue {
        [
            "total": JSONValue(total), "trusted": JSONValue(trusted), "untrusted": JSONValue(untrusted),
            "unsupported": JSONValue(unsupported), "unknown": JSONValue(unknown),
        ]
    }
}

extension VerdictForecast.Lapse {
    fileprivate var json: JSONValue {
        [
            "at": JSONValue(KubernetesTime(at)), "namespace": .string(namespace), "name": .string(name),
            "image": .string(image), "verdict": .string(verdict.rawValue), "cause": .string(cause),
            "signer": JSONValue(signer), "pods": JSONValue(pods),
        ]
    }
}

extension VerdictForecast.AnchorEnd {
    fileprivate var json: JSONValue {
        [
            "at": JSONValue(KubernetesTime(at)), "policy": .string(policy), "authority": .string(authority),
            "subject": .string(subject), "sha256": .string(sha256), "images": JSONValue(images),
        ]
    }
}
