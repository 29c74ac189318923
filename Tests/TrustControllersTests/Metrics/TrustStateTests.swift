import FoundationEssentials
import KubernetesAPI
import MetricsExposition
import Testing
import TrustModel
import TrustResources

@testable import TrustControllers

/// What the caches hold, as metrics: zeros where something could be, nothing where nothing is.
@Suite("Metrics of images and policies")
struct TrustStateTests {
    private static let now = Date(timeIntervalSince1970: 1_780_272_000)

    private static func day(_ number: Double) -> Date { now.addingTimeInterval(number * 86_400) }

    private func image(
        _ name: String,
        _ namespace: String,
        _ verdict: Verdict?,
        policies: [PolicyName] = [PolicyName(kind: .trustPolicy, namespace: "shop", name: "release")],
        change: (inout ImageVerificationStatus) -> Void = { _ in }
    ) -> ImageVerification {
        var status = ImageVerificationStatus()
        status.verdict = verdict
        status.findings = policies.map {
            FindingStatus(
                Finding(policy: $0, authority: "acme", verdict: verdict ?? .unknown, reason: .verified, message: "")
            )
        }
        change(&status)
        return ImageVerification(
            metadata: ObjectMeta(
                name: name,
                namespace: namespace,
                labels: [TrustAPI.managedByLabel: TrustAPI.managedByValue]
            ),
            spec: ImageVerificationSpec(image: "r.example/\(name)"),
            status: status
        )
    }

    private func policy(
        _ name: String = "TrustPolicy/shop/release",
        in namespaces: Set<String> = ["shop"],
        change: (inout TrustPolicyStatus) -> Void = { _ in }
    ) -> TrustState.Policy {
        var status = TrustPolicyStatus()
        change(&status)
        return TrustState.Policy(name: name, status: status) { namespaces.contains($0) }
    }

    /// The readings as a scraper would show them.
    private func read(
        _ images: [ImageVerification],
        running: [ObjectKey] = [],
        policies: [TrustState.Policy]
    ) -> [String: Double] {
        let state = TrustState(verifications: images, running: Set(running), policies: policies, now: Self.now)
        let readings = state.readings
        #expect(Set(readings.map(\.family)).isSubset(of: Set(TrustMetrics.read)))
        #expect(readings.allSatisfy { $0.labels.count == $0.family.labels.count })
        let pairs = readings.map { ("\($0.family.name)/\($0.labels.joined(separator: ","))", $0.value) }
        #expect(Set(pairs.map(\.0)).count == pairs.count, "no series twice")
        return Dictionary(pairs) { first, _ in first }
    }

    private static let both = [
        PolicyName(kind: .trustPolicy, namespace: "shop", name: "release"),
        PolicyName(kind: .clusterTrustPolicy, name: "base"),
    ]

    @Test("each namespace in which a policy holds has a number for each verdict, and no other namespace has one")
    func zeros() {
        let series = read(
            [image("a", "shop", .trusted), image("b", "shop", .trusted), image("c", "shop", .untrusted)],
            running: [ObjectKey(namespace: "idle", name: "x")],
            policies: [policy(), policy("ClusterTrustPolicy/base", in: ["shop", "idle"])]
        )
        for (verdict, count) in ["Trusted": 2.0, "Untrusted": 1, "Unsupported": 0, "Unknown": 0] {
            #expect(series["vigil_images/shop,TrustPolicy/shop/release,\(verdict)"] == count)
            #expect(series["vigil_images/shop,ClusterTrustPolicy/base,\(verdict)"] == 0)
            #expect(series["vigil_images/idle,ClusterTrustPolicy/base,\(verdict)"] == 0)
            #expect(series["vigil_images/idle,TrustPolicy/shop/release,\(verdict)"] == nil)
            #expect(series["vigil_namespace_images/shop,\(verdict)"] == count)
            #expect(series["vigil_namespace_images/idle,\(verdict)"] == 0)
        }
    }

    @Test("an image counts for each policy that speaks for it, and once for its namespace")
    func severalPolicies() {
        let series = read(
            [image("a", "shop", .unknown, policies: Self.both)],
            policies: [policy(), policy("ClusterTrustPolicy/base", in: ["shop"])]
        )
        #expect(series["vigil_images/shop,TrustPolicy/shop/release,Unknown"] == 1)
        #expect(series["vigil_images/shop,ClusterTrustPolicy/base,Unknown"] == 1)
        #expect(series["vigil_namespace_images/shop,Unknown"] == 1)
    }

    @Test("series vanish with their policy, and with the last of their namespace")
    func vanishing() {
        let withoutPolicy = read([image("a", "shop", .trusted)], policies: [])
        #expect(!withoutPolicy.keys.contains { $0.contains("release") })
        #expect(withoutPolicy["vigil_namespace_images/shop,Trusted"] == 1)
        let withoutImages = read([], policies: [policy()])
        #expect(
            Set(withoutImages.keys) == [
                "vigil_policy_ready/TrustPolicy/shop/release", "vigil_lapsing_images/TrustPolicy/shop/release,7d",
                "vigil_lapsing_images/TrustPolicy/shop/release,30d",
            ]
        )
        #expect(read([], policies: []).isEmpty)
    }

    @Test("what runs without a verdict is counted, whether it is new or nobody speaks for it")
    func withoutVerdict() {
        let series = read(
            [image("judged", "shop", .trusted), image("new", "shop", nil)],
            running: ["judged", "new", "uncovered"].map { ObjectKey(namespace: "shop", name: $0) }
                + [ObjectKey(namespace: "zoo", name: "judged")],
            policies: []
        )
        #expect(series["vigil_images_without_verdict/shop"] == 2)
        #expect(series["vigil_images_without_verdict/zoo"] == 1)
        #expect(series["vigil_namespace_images/shop,Trusted"] == 1)
    }

    @Test("stale verdicts are counted, and the oldest judgement is dated")
    func freshness() {
        func judged(_ name: String, _ fresh: Condition.Status, _ day: Double) -> ImageVerification {
            image(name, "shop", .trusted) { status in
                status.lastJudged = KubernetesTime(Self.day(day))
                status.conditions = [
                    Condition(
                        type: ConditionType.fresh,
                        status: fresh,
                        lastTransitionTime: KubernetesTime(Self.now),
                        reason: "Judged",
                        message: ""
                    )
                ]
            }
        }
        let series = read(
            [judged("a", .true, -1), judged("b", .false, -3), judged("c", .unknown, -2), image("d", "zoo", .trusted)],
            policies: []
        )
        #expect(series["vigil_stale_images/shop"] == 1)
        #expect(series["vigil_stale_images/zoo"] == 0)
        #expect(
            series["vigil_oldest_judgement_timestamp_seconds/shop"] == Self.day(-3).timeIntervalSince1970
        )
        #expect(series["vigil_oldest_judgement_timestamp_seconds/zoo"] == nil)
    }

    @Test("a policy tells whether it is in force, when its anchors expire and what they vouch for")
    func policies() {
        let series = read(
            [],
            policies: [
                policy { status in
                    status.conditions = [
                        Condition(
                            type: ConditionType.ready,
                            status: .true,
                            lastTransitionTime: KubernetesTime(Self.now),
                            reason: "Ready",
                            message: ""
                        )
                    ]
                    status.anchors = [
                        TrustPolicyStatus.AnchorStatus(
                            authority: "acme",
                            sha256: String(repeating: "ab", count: 32),
                            subject: "CN=" + String(repeating: "x", count: 1000),
                            notAfter: KubernetesTime(Self.day(5)),
                            images: 3
                        ),
                        TrustPolicyStatus.AnchorStatus(
                            authority: "acme",
                            sha256: String(repeating: "cd", count: 32),
                            subject: "CN=Clock",
                            notAfter: KubernetesTime(Self.day(5)),
                            images: 2,
                            type: "tsa"
                        ),
                    ]
                },
                policy("TrustPolicy/shop/broken"),
            ]
        )
        #expect(series["vigil_policy_ready/TrustPolicy/shop/release"] == 1)
        #expect(series["vigil_policy_ready/TrustPolicy/shop/broken"] == 0)
        #expect(series["vigil_trust_anchor_images/TrustPolicy/shop/release,acme,abababababababab"] == 3)
        let subject = "CN=" + String(repeating: "x", count: 97)
        let expiry =
            "vigil_trust_anchor_expiry_timestamp_seconds/TrustPolicy/shop/release,acme,abababababababab,\(subject)"
        #expect(series[expiry] == Self.day(5).timeIntervalSince1970)
        // What such an authority has stamped stays true when its certificate ends.
        #expect(series["vigil_trust_anchor_images/TrustPolicy/shop/release,acme,cdcdcdcdcdcdcdcd"] == 2)
        #expect(series.keys.filter { $0.hasPrefix("vigil_trust_anchor_expiry_timestamp_seconds") } == [expiry])
    }

    @Test("trusted images that will lapse are counted by how soon, with the first moment")
    func lapses() {
        func lapsing(_ name: String, _ day: Double?, _ verdict: Verdict = .trusted) -> ImageVerification {
            image(name, "shop", verdict) { $0.validUntil = day.map { KubernetesTime(Self.day($0)) } }
        }
        let series = read(
            [lapsing("a", 6.9), lapsing("b", 20), lapsing("c", 31), lapsing("d", nil), lapsing("e", 1, .untrusted)],
            policies: [policy(), policy("TrustPolicy/shop/other")]
        )
        #expect(series["vigil_lapsing_images/TrustPolicy/shop/release,7d"] == 1)
        #expect(series["vigil_lapsing_images/TrustPolicy/shop/release,30d"] == 2)
        #expect(series["vigil_lapsing_images/TrustPolicy/shop/other,30d"] == 0)
        #expect(
            series["vigil_next_lapse_timestamp_seconds/TrustPolicy/shop/release"] == Self.day(6.9).timeIntervalSince1970
        )
        #expect(series["vigil_next_lapse_timestamp_seconds/TrustPolicy/shop/other"] == nil)
    }
}
