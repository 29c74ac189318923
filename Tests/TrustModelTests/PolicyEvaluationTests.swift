import FoundationEssentials
import OCIModel
import Testing
import TrustModel

@Suite struct PolicyEvaluationTests {
    private static let name = PolicyName(kind: .trustPolicy, namespace: "shop", name: "p")
    private static let now = Date(timeIntervalSince1970: 1_000)

    private func policy(_ names: [String], _ require: Requirement = .any, decisions: [Decision] = []) -> Policy {
        Policy(
            name: Self.name,
            authorities: names.map { Authority(name: $0, source: .notary(NotaryTrust(level: .strict))) },
            require: require,
            decisions: decisions
        )
    }

    private func finding(
        _ authority: String,
        _ verdict: Verdict,
        _ reason: Reason,
        until: Double? = nil
    ) -> Finding {
        Finding(
            policy: Self.name,
            authority: authority,
            verdict: verdict,
            reason: reason,
            message: "\(authority) says \(reason)",
            validUntil: until.map { Date(timeIntervalSince1970: $0) }
        )
    }

    @Test("the worst verdict wins: Untrusted, then Unknown, Unsupported, Trusted")
    func order() {
        #expect(Verdict.allCases.sorted() == [.trusted, .unsupported, .unknown, .untrusted])
    }

    @Test("one vouching authority satisfies Any, and its evidence that does not hold for another does not matter")
    func any() {
        let judged = policy(["a", "b"]).judgement(weighing: [
            finding("a", .untrusted, .signatureInvalid), finding("b", .trusted, .verified, until: 50),
        ])
        #expect(judged.verdict == .trusted && judged.reason == .verified)
        #expect(judged.validUntil == Date(timeIntervalSince1970: 50))
    }

    @Test("All and AtLeast count the vouching authorities")
    func thresholds() {
        let findings = [finding("a", .trusted, .verified, until: 9), finding("b", .unknown, .noSignature)]
        #expect(policy(["a", "b"], .all).judgement(weighing: findings).verdict == .unknown)
        #expect(policy(["a", "b"], .all).judgement(weighing: findings).reason == .noSignature)
        #expect(policy(["a", "b"], .atLeast(1)).judgement(weighing: findings).verdict == .trusted)
        let both = [finding("a", .trusted, .verified, until: 9), finding("b", .trusted, .verified, until: 5)]
        #expect(policy(["a", "b"], .all).judgement(weighing: both).validUntil == Date(timeIntervalSince1970: 5))
        #expect(policy(["a", "b"], .any).judgement(weighing: both).validUntil == Date(timeIntervalSince1970: 9))
    }

    @Test(
        "no requirement is met by nobody",
        arguments: [Requirement.any, .all, .atLeast(0), .atLeast(-3), .atLeast(2)]
    )
    func nobody(_ require: Requirement) {
        #expect(policy([], require).judgement(weighing: []).verdict == .unknown)
    }

    @Test(
        "a word against the image outweighs any number of good signatures",
        arguments: [Reason.markedUntrusted, .ledgerTampered, .digestMismatch]
    )
    func condemned(_ reason: Reason) {
        let judged = policy(["a", "b"]).judgement(weighing: [
            finding("a", .trusted, .verified), finding("b", .untrusted, reason),
        ])
        #expect(judged.verdict == .untrusted && judged.reason == reason)
    }

    @Test("a skipped authority counts as met but never as verified")
    func skipped() {
        let skip = finding("s", .unknown, .skippedByPolicy)
        let alone = policy(["s"]).judgement(weighing: [skip])
        #expect(alone.verdict == .unknown && alone.reason == .skippedByPolicy)
        let mixed = policy(["s", "a"], .all).judgement(weighing: [skip, finding("a", .trusted, .verified)])
        #expect(mixed.verdict == .trusted && mixed.reason == .verified)
        let bad = policy(["s", "a"], .all).judgement(weighing: [skip, finding("a", .untrusted, .signatureInvalid)])
        #expect(bad.verdict == .untrusted)
    }

    @Test(
        "a skipped authority does not hide what another knows against the image",
        arguments: [Reason.signatureInvalid, .certificateRevoked]
    )
    func skippedBesideBad(_ reason: Reason) {
        let skip = finding("s", .unknown, .skippedByPolicy)
        for findings in [[skip, finding("a", .untrusted, reason)], [finding("a", .untrusted, reason), skip]] {
            let judged = policy(["s", "a"], .any).judgement(weighing: findings)
            #expect(judged.verdict == .untrusted && judged.reason == reason)
        }
        let silent = policy(["s", "a"], .any).judgement(weighing: [skip, finding("a", .unknown, .noSignature)])
        #expect(silent.reason == .skippedByPolicy)
    }

    @Test("an outage speaks while the authority that could not be asked might still meet the requirement")
    func outages() {
        let silent = finding("a", .unknown, .noSignature)
        let outage = finding("b", .unknown, .registryUnreachable)
        let skip = finding("s", .unknown, .skippedByPolicy)
        for findings in [[silent, outage], [outage, silent]] {
            #expect(policy(["a", "b"], .any).judgement(weighing: findings).reason == .registryUnreachable)
            #expect(policy(["a", "b"], .all).judgement(weighing: findings).reason == .noSignature)
        }
        #expect(policy(["s", "b"], .any).judgement(weighing: [skip, outage]).reason == .registryUnreachable)
        let good = finding("a", .trusted, .verified)
        #expect(policy(["a", "b"], .any).judgement(weighing: [outage, good]).verdict == .trusted)
    }

    @Test("the decision in force with the worst verdict settles a digest, and an expired one settles nothing")
    func decisions() throws {
        let digest = Digest.of([1])
        let expired = Decision(digest: digest, verdict: .untrusted, reason: "old", expires: Self.now)
        let unsupported = Decision(digest: digest, verdict: .unsupported, reason: "eol")
        let untrusted = Decision(digest: digest, verdict: .untrusted, reason: "CVE", expires: Self.now + 1)
        #expect(policy(["a"], decisions: [expired]).decision(for: [digest], at: Self.now) == nil)
        #expect(policy(["a"], decisions: [expired, unsupported]).decision(for: [digest], at: Self.now) == unsupported)
        let worst = policy(["a"], decisions: [unsupported, untrusted])
        let decision = try #require(worst.decision(for: [digest], at: Self.now))
        #expect(worst.judgement(settledBy: decision).reason == .markedUntrusted)
        #expect(worst.decision(for: [Digest.of([2])], at: Self.now) == nil)
        #expect(Decision(digest: digest, verdict: .trusted, reason: "x").verdict == .untrusted)
    }

    @Test("all policies must be satisfied, silence is no trust, and a skipping policy does not object")
    func combining() {
        func judgement(_ name: String, _ verdict: Verdict, _ reason: Reason, until: Double? = nil) -> PolicyJudgement {
            PolicyJudgement(
                policy: PolicyName(kind: .clusterTrustPolicy, name: name),
                verdict: verdict,
                reason: reason,
                message: name,
                findings: [],
                validUntil: until.map { Date(timeIntervalSince1970: $0) }
            )
        }
        #expect(ImageJudgement(combining: [], digest: nil).reason == .noPolicy)
        #expect(ImageJudgement(combining: [], digest: nil).verdict == .unknown)
        let worst = ImageJudgement(
            combining: [judgement("a", .trusted, .verified), judgement("b", .untrusted, .signatureInvalid)],
            digest: nil
        )
        #expect(worst.verdict == .untrusted && worst.message == "b")
        let skip = judgement("s", .unknown, .skippedByPolicy)
        let good = ImageJudgement(combining: [skip, judgement("a", .trusted, .verified, until: 5)], digest: nil)
        #expect(good.verdict == .trusted && good.validUntil == Date(timeIntervalSince1970: 5) && !good.isSkipped)
        #expect(ImageJudgement(combining: [skip], digest: nil).isSkipped)
    }
}
