import FoundationEssentials
import KubernetesAPI
import Testing
import TrustModel
import TrustResources

@Suite("When images stop being trusted by a policy")
struct PolicyLapsesTests {
    private static let now = Date(timeIntervalSince1970: 1_780_272_000)

    private func image(
        _ day: Double?,
        verdict: Verdict = .trusted,
        policy: String = "release",
        isManaged: Bool = true
    ) -> ImageVerification {
        var status = ImageVerificationStatus()
        status.verdict = verdict
        status.validUntil = day.map { KubernetesTime(Self.now.addingTimeInterval($0 * 86_400)) }
        status.findings = [
            FindingStatus(
                Finding(
                    policy: PolicyName(kind: .trustPolicy, namespace: "shop", name: policy),
                    authority: "acme",
                    verdict: verdict,
                    reason: .verified,
                    message: ""
                )
            )
        ]
        return ImageVerification(
            metadata: ObjectMeta(
                name: "a",
                namespace: "shop",
                labels: isManaged ? [TrustAPI.managedByLabel: TrustAPI.managedByValue] : [:]
            ),
            spec: ImageVerificationSpec(image: "r.example/a"),
            status: status
        )
    }

    @Test("trusted running images of the policy count, within the horizon and before; nothing else does")
    func counting() {
        let lapses = PolicyLapses(
            of: "TrustPolicy/shop/release",
            in: [
                image(30), image(7), image(-1), image(30.001), image(nil), image(1, verdict: .untrusted),
                image(1, policy: "other"), image(1, isManaged: false),
            ]
        )
        #expect(lapses.moments.count == 4)
        #expect(lapses.first == Self.now.addingTimeInterval(-86_400))
        #expect(lapses.count(within: .week, of: Self.now) == 2)
        #expect(lapses.count(within: .month, of: Self.now) == 3)
    }

    @Test("no image, no moment")
    func none() {
        let lapses = PolicyLapses(of: "TrustPolicy/shop/release", in: [])
        #expect(lapses.first == nil)
        #expect(lapses.count(within: .month, of: Self.now) == 0)
    }
}
