import FoundationEssentials
import KubernetesAPI
import OCIModel
import Testing
import TrustModel

@testable import TrustResources

/// What a verdict is in the form that reporters read.
@Suite("Policy reports of verifications")
struct PolicyReportTests {
    private static let shop = PolicyName(kind: .trustPolicy, namespace: "shop", name: "release")
    private static let base = PolicyName(kind: .clusterTrustPolicy, name: "baseline")

    private static func finding(
        _ policy: PolicyName,
        _ authority: String,
        _ verdict: Verdict,
        _ reason: Reason
    ) -> FindingStatus {
        FindingStatus(
            Finding(policy: policy, authority: authority, verdict: verdict, reason: reason, message: "why \(authority)")
        )
    }

    private static func verification(
        _ verdict: Verdict?,
        _ reason: Reason,
        _ findings: [FindingStatus]
    ) -> ImageVerification {
        var status = ImageVerificationStatus()
        status.verdict = verdict
        status.reason = reason
        status.message = "why all"
        status.digest = "sha256:" + String(repeating: "a", count: 64)
        status.findings = findings
        status.workloads = .init(pods: 2, names: ["web-1", "web-0"])
        status.history = [
            .init(
                time: KubernetesTime(Date(timeIntervalSince1970: 1_800_000_000)),
                from: nil,
                to: .trusted,
                reason: reason
            )
        ]
        var metadata = ObjectMeta(name: "sha256-aaaa", namespace: "shop")
        metadata.uid = "uid-1"
        return ImageVerification(metadata: metadata, spec: .init(image: "r.example/web@sha256:aa"), status: status)
    }

    private static func outcomes(_ report: PolicyReport?) -> [String: PolicyReport.Outcome?] {
        Dictionary((report?.results ?? []).map { ($0.policy, $0.result) }) { first, _ in first }
    }

    @Test("a trusted image passes under every policy, and the report says who, what, whom and since when")
    func trusted() throws {
        let verification = Self.verification(
            .trusted,
            .verified,
            [
                Self.finding(Self.shop, "wabbit", .unknown, .noSignature),
                Self.finding(Self.shop, "team", .trusted, .verified),
                Self.finding(Self.base, "company", .trusted, .verified),
            ]
        )
        let report = try #require(PolicyReport(reporting: verification))
        #expect(report.metadata.name == "vigil-sha256-aaaa" && report.metadata.namespace == "shop")
        #expect(report.metadata.labels == ["app.kubernetes.io/managed-by": "vigil"])
        let owner = try #require(report.metadata.ownerReferences.first)
        #expect(owner.kind == "ImageVerification" && owner.uid == "uid-1" && owner.blockOwnerDeletion == nil)
        #expect(report.scope?.name == "sha256-aaaa" && report.scope?.uid == "uid-1")
        #expect(report.summary == .init(pass: 2, fail: 0, warn: 0, error: 0, skip: 0))
        #expect(report.results?.map(\.policy) == ["ClusterTrustPolicy/baseline", "TrustPolicy/shop/release"])
        let result = try #require(report.results?.last)
        #expect(result.rule == "team" && result.message == "why team" && result.severity == "info")
        #expect(result.result == .pass && result.scored == true && result.source == "vigil")
        #expect(result.timestamp == .init(seconds: 1_800_000_000, nanos: 0))
        #expect(result.resources?.map(\.name) == ["web-0", "web-1"] && result.resources?.first?.kind == "Pod")
        #expect(result.properties?["verdict"] == "Trusted" && result.properties?["reason"] == "Verified")
        #expect(result.properties?["digest"]?.hasPrefix("sha256:aaa") == true)
    }

    @Test("the policy that decided is told from one that is met, and from one of which that is not known")
    func several() {
        let third = PolicyName(kind: .trustPolicy, namespace: "shop", name: "third")
        let report = PolicyReport(
            reporting: Self.verification(
                .untrusted,
                .certificateRevoked,
                [
                    Self.finding(Self.shop, "a", .untrusted, .certificateRevoked),
                    Self.finding(Self.base, "b", .trusted, .verified),
                    Self.finding(third, "c", .unknown, .noSignature), Self.finding(third, "d", .trusted, .verified),
                ]
            )
        )
        #expect(
            Self.outcomes(report) == [
                "TrustPolicy/shop/release": .fail, "ClusterTrustPolicy/baseline": .pass,
                "TrustPolicy/shop/third": .skip,
            ]
        )
        #expect(report?.summary == .init(pass: 1, fail: 1, warn: 0, error: 0, skip: 1))
        #expect(report?.results?.first { $0.result == .fail }?.severity == "critical")
    }

    @Test(
        "a verdict that no finding explains any more holds for every policy: good findings that are stale pass nothing"
    )
    func stale() {
        let report = PolicyReport(
            reporting: Self.verification(
                .unknown,
                .verdictStale,
                [
                    Self.finding(Self.shop, "a", .trusted, .verified),
                    Self.finding(Self.base, "b", .trusted, .verified),
                ]
            )
        )
        #expect(report?.summary == .init(pass: 0, fail: 0, warn: 0, error: 2, skip: 0))
    }

    @Test(
        "results mean what the definition of reports says they mean",
        arguments: [
            (Verdict.trusted, Reason.verified, PolicyReport.Outcome.pass, "info"),
            (.untrusted, .markedUntrusted, .fail, "critical"), (.untrusted, .signatureInvalid, .fail, "critical"),
            (.untrusted, .digestMismatch, .fail, "critical"), (.untrusted, .certificateRevoked, .fail, "critical"),
            (.untrusted, .signatureExpired, .fail, "high"), (.untrusted, .certificateExpired, .fail, "high"),
            (.untrusted, Reason(rawValue: "New"), .fail, "critical"),
            (.unsupported, .markedUnsupported, .warn, "medium"),
            (.unknown, .noSignature, .fail, "medium"), (.unknown, .noTrustedSignature, .fail, "medium"),
            (.unknown, .notInRegistry, .fail, "medium"), (.unknown, .registryUnreachable, .error, "low"),
            (.unknown, .registryUnauthorized, .error, "low"), (.unknown, .revocationUnavailable, .error, "low"),
            (.unknown, .policyInvalid, .error, "low"), (.unknown, .verdictStale, .error, "low"),
            (.unknown, .pluginRequired, .error, "low"), (.unknown, .skippedByPolicy, .skip, "info"),
            (.unknown, Reason(rawValue: "New"), .error, "low"),
        ]
    )
    func meanings(_ verdict: Verdict, _ reason: Reason, _ outcome: PolicyReport.Outcome, _ severity: String) {
        #expect(PolicyReport.outcome(verdict, reason) == outcome)
        #expect(PolicyReport.severity(outcome, verdict, reason) == severity)
        for findings in [[], [Self.finding(Self.shop, "a", verdict, reason)]] {
            let report = PolicyReport(reporting: Self.verification(verdict, reason, findings))
            #expect(report?.results?.map(\.result) == [outcome])
        }
    }

    @Test("an outage is never a failure, and never a pass, whatever it is called")
    func outages() {
        let all: [Reason] = [
            .registryUnreachable, .registryUnauthorized, .registryThrottled, .registryMalformed, .ledgerUnreachable,
            .trustStoreUnavailable, .revocationUnavailable,
        ]
        for reason in all { #expect(reason.isOutage && PolicyReport.outcome(.unknown, reason) == .error, "\(reason)") }
    }

    @Test("without a verdict there is no report")
    func pending() { #expect(PolicyReport(reporting: Self.verification(nil, .pending, [])) == nil) }

    @Test("what is confirmed and not changed is the same report; another verdict is another")
    func unchanged() throws {
        let finding = Self.finding(Self.shop, "a", .trusted, .verified)
        let first = Self.verification(.trusted, .verified, [finding])
        var confirmed = first
        confirmed.status?.lastJudged = KubernetesTime(Date(timeIntervalSince1970: 1_800_009_999))
        confirmed.metadata.resourceVersion = "77"
        let report = try #require(PolicyReport(reporting: first))
        #expect(PolicyReport(reporting: confirmed)?.content == report.content)
        let other = Self.verification(.untrusted, .markedUntrusted, [finding])
        #expect(PolicyReport(reporting: other)?.content != report.content)
    }

    @Test("a hundred policies are 32 results")
    func bounds() {
        let findings = (100..<200).map { number in
            let policy = PolicyName(kind: .trustPolicy, namespace: "shop", name: "p\(number)")
            return Self.finding(policy, "a", .trusted, .verified)
        }
        let report = PolicyReport(reporting: Self.verification(.trusted, .verified, findings))
        #expect(report?.results?.count == 32 && report?.summary?.pass == 32)
    }

    @Test("the name tells the verification, and a report of another name is not ours")
    func names() {
        let key = ObjectKey(namespace: "shop", name: "vigil-sha256-aaaa")
        #expect(PolicyReport.verification(ofReport: key) == ObjectKey(namespace: "shop", name: "sha256-aaaa"))
        #expect(PolicyReport.verification(ofReport: ObjectKey(namespace: "shop", name: "cpol-x")) == nil)
    }
}
