import Foundation
import KubernetesAPI
import Testing
import TrustModel

@testable import TrustResources

struct TrustPolicyProjectionTests {
    private let now = Samples.time

    private func compiled(_ change: (inout CompiledPolicy) -> Void = { _ in }) -> CompiledPolicy {
        var policy = CompiledPolicy(
            policy: Policy(name: Samples.policyName, authorities: []),
            interval: .seconds(60),
            maxStaleness: .seconds(3600),
            podSelector: LabelSelector(),
            namespaceSelector: LabelSelector(),
            namespaces: .init(),
            trustStores: [
                .init(name: "a/ca:ca", certificates: 1, notAfter: KubernetesTime(now.addingTimeInterval(400 * 86_400)))
            ],
            anchors: [],
            warnings: []
        )
        change(&policy)
        return policy
    }

    private func status(
        _ outcome: Result<CompiledPolicy, PolicyProblems>,
        previous: TrustPolicyStatus? = nil,
        after seconds: Double = 0
    ) -> TrustPolicyStatus {
        TrustPolicyStatus(
            projecting: outcome,
            images: .init(trusted: 2, unknown: 1),
            generation: 5,
            previous: previous,
            now: now.addingTimeInterval(seconds)
        )
    }

    @Test("anchors that could not be read again are a condition for as long as they count, and the policy stays ready")
    func stale() {
        let held = status(.success(compiled { $0.outages = ["certificate a could not be read since …"] }))
        #expect(held.conditions?[type: ConditionType.ready]?.status == .true)
        let condition = held.conditions?[type: ConditionType.trustStoreStale]
        #expect(condition?.status == .true)
        #expect(condition?.reason == "TrustStoreUnavailable")
        #expect(condition?.message == "certificate a could not be read since …")
        let over = status(.success(compiled()), previous: held)
        #expect(over.conditions?[type: ConditionType.trustStoreStale] == nil)
        let problem = PolicyProblem(.unresolved, field: "spec", message: "gone")
        let lost = status(.failure(PolicyProblems([problem])), previous: held)
        #expect(lost.conditions?[type: ConditionType.trustStoreStale] == nil)
    }

    @Test("a valid policy is Ready")
    func accepted() {
        let status = status(.success(compiled()))
        #expect(status.observedGeneration == 5)
        #expect(status.images?.total == 3)
        #expect(status.conditions?.map(\.type) == ["Ready", "TrustStoreExpiring"])
        #expect(status.conditions?[type: "Ready"]?.status == .true)
        #expect(status.conditions?[type: "TrustStoreExpiring"]?.status == .false)
        #expect(status.expires == status.trustStores?.first?.notAfter)
    }

    @Test(
        "certificates that end are announced 30 days ahead",
        arguments: [
            (31.0, Condition.Status.false, "CertificatesValid"), (30.0, .true, "CertificateExpiresSoon"),
            (0.0, .true, "CertificateExpired"), (-3.0, .true, "CertificateExpired"),
        ]
    )
    func expiry(_ days: Double, _ expected: Condition.Status, _ reason: String) {
        let status = status(
            .success(
                compiled {
                    $0.trustStores = [
                        .init(
                            name: "a/ca:ca",
                            certificates: 1,
                            notAfter: KubernetesTime(now.addingTimeInterval(days * 86_400))
                        )
                    ]
                }
            )
        )
        #expect(status.conditions?[type: "TrustStoreExpiring"]?.status == expected)
        #expect(status.conditions?[type: "TrustStoreExpiring"]?.reason == reason)
        #expect(status.conditions?[type: "Ready"]?.status == .true)
    }

    @Test("an invalid policy is Stalled, one that waits for something is Reconciling, and both pass")
    func refused() {
        let bad = PolicyProblems([PolicyProblem(.invalid, field: "spec.require", message: "is wrong")])
        let missing = PolicyProblems([
            PolicyProblem(.unresolved, field: "spec.x", message: "ConfigMap shop/trust does not exist")
        ])
        let first = status(.failure(bad))
        #expect(first.conditions?.map(\.type) == ["Ready", "Stalled"])
        #expect(first.conditions?[type: "Ready"]?.reason == "PolicyInvalid")
        #expect(first.conditions?[type: "Ready"]?.message == "spec.require: is wrong")
        #expect(first.trustStores == nil)
        let second = status(.failure(missing), previous: first, after: 60)
        #expect(second.conditions?.map(\.type) == ["Ready", "Reconciling"])
        #expect(second.conditions?[type: "Ready"]?.reason == "TrustStoreUnavailable")
        #expect(second.conditions?[type: "Ready"]?.lastTransitionTime == KubernetesTime(now))
        let third = status(.success(compiled()), previous: second, after: 120)
        #expect(third.conditions?.map(\.type) == ["Ready", "TrustStoreExpiring"])
        #expect(third.conditions?[type: "Ready"]?.lastTransitionTime == KubernetesTime(now.addingTimeInterval(120)))
        #expect(!status(.success(compiled()), previous: third, after: 180).needsWrite(after: third))
        #expect(third.needsWrite(after: second))
    }

    private func trusted(until end: Date) -> ImageVerification {
        var status = ImageVerificationStatus()
        status.verdict = .trusted
        status.validUntil = KubernetesTime(end)
        status.findings = [
            FindingStatus(
                Finding(policy: Samples.policyName, authority: "a", verdict: .trusted, reason: .verified, message: "")
            )
        ]
        return ImageVerification(
            metadata: ObjectMeta(
                name: "a",
                namespace: "shop",
                labels: [TrustAPI.managedByLabel: TrustAPI.managedByValue]
            ),
            spec: ImageVerificationSpec(image: "r.example/a"),
            status: status
        )
    }

    @Test("trusted images that lapse within 30 days are announced, and what is far away is not dated")
    func lapsing() {
        func condition(_ days: Double...) -> Condition? {
            let verifications = days.map { day in
                trusted(until: now.addingTimeInterval(day * 86_400))
            }
            let lapses = PolicyLapses(of: Samples.policyName.description, in: verifications)
            return TrustPolicyStatus(
                projecting: .success(compiled()),
                images: .init(trusted: days.count),
                lapses: lapses,
                generation: 5,
                previous: nil,
                now: now
            ).conditions?[type: "TrustLapsing"]
        }
        #expect(condition()?.status == .false)
        #expect(condition(31)?.message == condition(100, 200)?.message)
        #expect(condition(31)?.reason == "VerdictsHold")
        let soon = condition(31, 29, 6)
        #expect(soon?.status == .true)
        #expect(soon?.reason == "VerdictsLapseSoon")
        let first = KubernetesTime(now.addingTimeInterval(6 * 86_400))
        #expect(
            soon?.message.hasPrefix(
                "2 trusted images lapse within 30 days, 1 of them within 7 days, the first at \(first)"
            ) == true,
            "\(soon?.message ?? "")"
        )
        #expect(condition(-1)?.message.hasPrefix("1 trusted image lapses within 30 days, 1 of them") == true)
        let refused = TrustPolicyStatus(
            projecting: .failure(PolicyProblems([PolicyProblem(.invalid, field: "spec", message: "is wrong")])),
            images: .init(),
            lapses: PolicyLapses(of: "", in: []),
            generation: 6,
            previous: status(.success(compiled())),
            now: now
        )
        #expect(refused.conditions?[type: "TrustLapsing"] == nil)
    }

    @Test("anchors are counted for their authority, the first to expire first, and those left out are told")
    func anchors() {
        func anchor(_ authority: String, _ digit: Character, days: Double) -> TrustPolicyStatus.AnchorStatus {
            .init(
                authority: authority,
                sha256: String(repeating: digit, count: 64),
                subject: "CN=\(digit)",
                notAfter: KubernetesTime(now.addingTimeInterval(days * 86_400))
            )
        }
        let policy = compiled { policy in
            policy.anchors = [anchor("a", "1", days: 1), anchor("b", "1", days: 1), anchor("a", "2", days: 2)]
            policy.anchors += (0..<StatusLimits.anchors).map { anchor("c\($0)", "3", days: 3) }
        }
        let one = TrustPolicyStatus.AnchorUse(authority: "a", sha256: String(repeating: "1", count: 64))
        let gone = TrustPolicyStatus.AnchorUse(authority: "a", sha256: String(repeating: "9", count: 64))
        let status = TrustPolicyStatus(
            projecting: .success(policy),
            images: .init(),
            uses: [one: 7, gone: 5],
            generation: 1,
            previous: nil,
            now: now
        )
        #expect(status.anchors?.count == StatusLimits.anchors)
        #expect(status.anchors?.prefix(3).map(\.images) == [7, 0, 0])
        let said = status.conditions?[type: "Ready"]?.message
        #expect(said?.contains("leaves out 3: ") == true, "\(said ?? "-")")
        let refused = TrustPolicyStatus(
            projecting: .failure(PolicyProblems([PolicyProblem(.invalid, field: "spec", message: "x")])),
            images: .init(),
            uses: [one: 7],
            generation: 1,
            previous: status,
            now: now
        )
        #expect(refused.anchors == nil)
    }
}
