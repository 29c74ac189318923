import Foundation
import KubernetesAPI
import OCIModel
import Testing
import TrustModel

@testable import TrustResources

struct ImageVerificationProjectionTests {
    private let start = Samples.time

    private func status(
        _ judgement: ImageJudgement,
        after seconds: TimeInterval = 0,
        previous: ImageVerificationStatus? = nil,
        _ change: (inout ImageObservation) -> Void = { _ in }
    ) -> ImageVerificationStatus {
        var observation = Samples.observation(judgement, at: start.addingTimeInterval(seconds))
        change(&observation)
        return ImageVerificationStatus(projecting: observation, previous: previous)
    }

    private func condition(_ status: ImageVerificationStatus, _ type: String) -> Condition? {
        status.conditions?[type: type]
    }

    private let outage = Samples.judgement(.unknown, .registryUnreachable, message: "no route to registry.example.com")

    @Test("a trusted image is Verified, Fresh and Ready, with all that people look for")
    func trusted() throws {
        let status = status(Samples.judgement())
        #expect(status.verdict == .trusted)
        #expect(status.reason == .verified)
        #expect(status.digest == Samples.digest("web").description)
        #expect(status.verifiedDigest == Samples.digest("web").description)
        #expect(status.signer == "wabbit-networks.io")
        #expect(status.findings?.first?.policy == "TrustPolicy/shop/shop")
        #expect(status.findings?.first?.warnings == ["expiry: soon"])
        #expect(status.workloads?.sample?.count == 10)
        #expect(status.lastJudged == KubernetesTime(start))
        #expect(status.validUntil == KubernetesTime(start.addingTimeInterval(86_400)))
        #expect(status.history == [.init(time: KubernetesTime(start), from: nil, to: .trusted, reason: .verified)])
        for type in ["Verified", "Fresh", "Ready"] {
            #expect(condition(status, type)?.status == .true)
            #expect(condition(status, type)?.observedGeneration == 1)
        }
        #expect(condition(status, "Stalled") == nil)
    }

    @Test(
        "no verdict but Trusted opens a gate, and Stalled says when waiting will not help",
        arguments: [
            (Verdict.untrusted, Reason.markedUntrusted, Condition.Status.false, true),
            (.unsupported, .markedUnsupported, .false, true), (.unknown, .noSignature, .unknown, false),
            (.unknown, .skippedByPolicy, .unknown, false), (.unknown, .policyInvalid, .unknown, true),
            (.unknown, .noPolicy, .unknown, true), (.unknown, .referenceInvalid, .unknown, true),
            (.unknown, .registryUnreachable, .unknown, false), (.unknown, .pending, .unknown, false),
        ]
    )
    func gates(_ verdict: Verdict, _ reason: Reason, _ verified: Condition.Status, _ stalled: Bool) {
        let status = status(Samples.judgement(verdict, reason))
        #expect(condition(status, "Verified")?.status == verified)
        #expect(condition(status, "Verified")?.reason == reason.rawValue)
        #expect(condition(status, "Ready")?.status == .false)
        #expect((condition(status, "Stalled")?.status == .true) == stalled)
    }

    @Test("transition times move only when a status flips, and Stalled goes away again")
    func transitions() {
        let first = status(Samples.judgement(.untrusted, .signatureInvalid))
        let second = status(Samples.judgement(.untrusted, .certificateRevoked), after: 60, previous: first)
        #expect(condition(second, "Verified")?.lastTransitionTime == KubernetesTime(start))
        #expect(condition(second, "Verified")?.reason == "CertificateRevoked")
        #expect(second.history?.count == 1)
        let third = status(Samples.judgement(), after: 120, previous: second)
        #expect(condition(third, "Verified")?.lastTransitionTime == KubernetesTime(start.addingTimeInterval(120)))
        #expect(condition(third, "Stalled") == nil)
        #expect(third.history?.map(\.to) == [.trusted, .untrusted])
        #expect(third.history?.first?.from == .untrusted)
    }

    @Test("history keeps ten changes, newest first; waiting for the first verdict is none")
    func history() {
        var current = status(Samples.judgement(.unknown, .pending))
        #expect(current.history == nil)
        #expect(current.lastJudged == nil)
        for step in 1...25 {
            let judgement =
                step.isMultiple(of: 2) ? Samples.judgement() : Samples.judgement(.untrusted, .signatureInvalid)
            current = status(judgement, after: Double(step), previous: current)
        }
        #expect(current.history?.count == 10)
        #expect(current.history?.first?.time == KubernetesTime(start.addingTimeInterval(25)))
    }

    @Test("an outage keeps the earlier verdict with Fresh=False until maxStaleness, then it is Unknown")
    func outageKeepsVerdict() {
        let good = status(Samples.judgement())
        let during = status(outage, after: 3599, previous: good)
        #expect(during.verdict == .trusted)
        #expect(during.reason == .verified)
        #expect(during.findings == good.findings)
        #expect(during.lastJudged == KubernetesTime(start))
        #expect(condition(during, "Fresh")?.status == .false)
        #expect(condition(during, "Fresh")?.reason == "RegistryUnreachable")
        #expect(condition(during, "Verified")?.status == .true)
        let after = status(outage, after: 3600, previous: during)
        #expect(after.verdict == .unknown)
        #expect(after.reason == .verdictStale)
        #expect(condition(after, "Verified")?.status == .unknown)
        #expect(condition(after, "Ready")?.status == .false)
        #expect(condition(after, "Fresh")?.status == .false)
        #expect(after.history?.map(\.to) == [.unknown, .trusted])
        let later = status(outage, after: 7200, previous: after)
        #expect(!later.needsWrite(after: after, heartbeat: .seconds(1800)))
        let again = status(Samples.judgement(), after: 7260, previous: later)
        #expect(again.verdict == .trusted)
        #expect(condition(again, "Fresh")?.status == .true)
    }

    @Test("an outage never turns a bad image good, nor keeps a trust that has lapsed")
    func outageIsNoPardon() {
        let bad = status(Samples.judgement(.untrusted, .markedUntrusted))
        #expect(status(outage, after: 60, previous: bad).verdict == .untrusted)
        #expect(status(outage, after: 9000, previous: bad).verdict == .unknown)
        let good = status(Samples.judgement())
        let lapsed = status(outage, after: 86_400, previous: good) { $0.maxStaleness = .seconds(720 * 3600) }
        #expect(lapsed.verdict == .unknown)
        #expect(lapsed.reason == .registryUnreachable)
    }

    @Test("an outage keeps nothing when there is no answer to fall back on")
    func outageWithoutVerdict() {
        let first = status(outage)
        #expect(first.verdict == .unknown)
        #expect(first.reason == .registryUnreachable)
        #expect(first.lastJudged == nil)
        #expect(condition(first, "Fresh")?.status == .false)
        #expect(status(outage, after: 60, previous: first).reason == .registryUnreachable)
        let good = status(Samples.judgement())
        #expect(status(outage, after: 60, previous: good) { $0.policiesChanged = true }.verdict == .unknown)
        var other = outage
        other.digest = Samples.digest("another image")
        #expect(status(other, after: 60, previous: good).verdict == .unknown)
        var strangers = good
        strangers.findings = nil
        #expect(status(outage, after: 60, previous: strangers).verdict == .unknown)
    }

    @Test("what this process knows counts more than the coarse time in the status, but never a time in the future")
    func lastConfirmed() {
        let good = status(Samples.judgement())
        let kept = status(outage, after: 5000, previous: good) { $0.lastConfirmed = $0.now.addingTimeInterval(-60) }
        #expect(kept.verdict == .trusted)
        let future = status(outage, after: 100, previous: good) { $0.lastConfirmed = $0.now.addingTimeInterval(9999) }
        #expect(future.lastJudged == KubernetesTime(start.addingTimeInterval(100)))
    }

    @Test("a quiet pass writes nothing until the heartbeat is due")
    func quiet() {
        let first = status(Samples.judgement())
        let heartbeat = ImageVerificationStatus.heartbeat(maxStaleness: .seconds(3600))
        #expect(heartbeat == .seconds(1800))
        #expect(
            !status(Samples.judgement(), after: 1799, previous: first).needsWrite(after: first, heartbeat: heartbeat)
        )
        #expect(
            status(Samples.judgement(), after: 1800, previous: first).needsWrite(after: first, heartbeat: heartbeat)
        )
        #expect(first.needsWrite(after: nil, heartbeat: heartbeat))
        #expect(ImageVerificationStatus.heartbeat(maxStaleness: .seconds(10)) == .seconds(300))
        #expect(ImageVerificationStatus.heartbeat(maxStaleness: .seconds(720 * 3600)) == .seconds(12 * 3600))
    }

    @Test("every change that people can see is written; the wording of a lasting outage is none")
    func changes() {
        let first = status(Samples.judgement())
        let heartbeat = Duration.seconds(1800)
        let moved = status(Samples.judgement(), after: 60, previous: first) {
            $0.workloads = .init(pods: 13, names: ["web-0"])
        }
        #expect(moved.needsWrite(after: first, heartbeat: heartbeat))
        #expect(
            status(Samples.judgement(message: "other"), after: 60, previous: first).needsWrite(
                after: first,
                heartbeat: heartbeat
            )
        )
        let down = status(outage, after: 60, previous: first)
        #expect(down.needsWrite(after: first, heartbeat: heartbeat))
        let timeout = Samples.judgement(.unknown, .registryUnreachable, message: "timed out after 5.02 s")
        let stillDown = status(timeout, after: 120, previous: down)
        #expect(stillDown != down)
        #expect(!stillDown.needsWrite(after: down, heartbeat: heartbeat))
        let throttled = status(Samples.judgement(.unknown, .registryThrottled), after: 120, previous: down)
        #expect(throttled.needsWrite(after: down, heartbeat: heartbeat))
        let never = status(outage)
        #expect(!status(timeout, after: 60, previous: never).needsWrite(after: never, heartbeat: heartbeat))
    }

    @Test("a status read back from the API server is equal to what was written")
    func rereading() throws {
        let written = status(Samples.judgement())
        let read = try Coding.decode(ImageVerificationStatus.self, Coding.json(written))
        #expect(
            !status(Samples.judgement(), after: 60, previous: read).needsWrite(after: read, heartbeat: .seconds(1800))
        )
    }

    @Test(
        "signers are named by their common name",
        arguments: [
            ("C=US, ST=WA, O=Notary, CN=wabbit-networks.io", "wabbit-networks.io"), ("CN=a\\, b,O=x", "a, b"),
            ("O=x+CN=y", "y"),
            ("O=CN=x", "O=CN=x"), ("ci@example.com", "ci@example.com"), ("CN=", "CN="), ("", ""),
            ("O=a\\,CN=evil,CN=good", "good"),
            ("CN=\u{1B}[31mred", "\u{FFFD}[31mred"), ("cn=\u{202E}x\nb", "\u{FFFD}x\u{FFFD}b"), ("CN=a\\", "a"),
        ]
    )
    func signers(_ subject: String, _ name: String) { #expect(SignerName.short(subject) == name) }

    @Test("a tag that leads elsewhere is a condition of its own, which touches no verdict and is gone when it is over")
    func tagMoved() throws {
        let repository = try RepositoryName("registry.example.com/shop/web")
        let moved = ["v1", "stable"].map { MovedTag(repository: repository, tag: $0, target: Samples.digest("next")) }
        let before = status(Samples.judgement())
        let after = status(Samples.judgement(), after: 60, previous: before) { $0.movedTags = moved }
        let found = try #require(condition(after, ConditionType.tagMoved))
        #expect(found.status == .true && found.reason == "LeadsElsewhere" && found.observedGeneration == 1)
        for tag in ["v1", "stable"] {
            #expect(found.message.contains("registry.example.com/shop/web:\(tag) leads to \(Samples.digest("next"))"))
        }
        for type in ["Verified", "Fresh", "Ready"] { #expect(condition(after, type) == condition(before, type)) }
        #expect(after.verdict == .trusted && after.history == before.history)
        #expect(after.needsWrite(after: before, heartbeat: .seconds(3600)))
        // What cannot be found out leaves it as it is.
        for judgement in [Samples.judgement(), outage] {
            let unknown = status(judgement, after: 120, previous: after)
            #expect(condition(unknown, ConditionType.tagMoved) == found)
        }
        let over = status(Samples.judgement(), after: 180, previous: after) { $0.movedTags = [] }
        #expect(condition(over, ConditionType.tagMoved) == nil)
        // Where none was there is nothing to write.
        #expect(
            !status(Samples.judgement(), after: 1, previous: before) { $0.movedTags = [] }.needsWrite(
                after: before,
                heartbeat: .seconds(3600)
            )
        )
    }

    @Test("the kind of manifest that carried the evidence is told, and kept through an outage")
    func verifiedManifest() {
        for carrier in EvidenceCarrier.allCases {
            var judgement = Samples.judgement()
            judgement.carrier = carrier
            let first = status(judgement)
            #expect(first.verifiedManifest == carrier)
            #expect(status(outage, after: 60, previous: first).verifiedManifest == carrier)
        }
    }
}
