        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
import Foundation
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
import JSONModel
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
import KubernetesAPI
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
import OCIModel
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
import TrustModel
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
@testable import TrustResources
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
/// Fully populated objects, and parts for smaller ones.
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
enum Samples {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static let time = Date(timeIntervalSince1970: 1_800_000_000)
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static let stamp = KubernetesTime(time)
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func digest(_ text: String) -> Digest { Digest.of(Array(text.utf8)) }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    /// The certificate inside a sample of config/samples.
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func certificate(_ sample: String = "trustpolicy_notary.yaml", index: Int = 0) throws -> String {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        let lines = try CheckoutFiles.text("config/samples/\(sample)").split(separator: "\n").map {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            $0.trimmingCharacters(in: .whitespaces)
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        let starts = lines.indices.filter { lines[$0] == "-----BEGIN CERTIFICATE-----" }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        let ends = lines.indices.filter { lines[$0] == "-----END CERTIFICATE-----" }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        return lines[starts[index]...ends[index]].joined(separator: "\n") + "\n"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func conditions() -> [Condition] {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        [
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            Condition(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                type: "Ready",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                status: .true,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                observedGeneration: 3,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                lastTransitionTime: stamp,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                reason: "Verified",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                message: "good"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        ]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func selector() -> LabelSelector {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        LabelSelector(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            matchLabels: ["app": "web"],
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            matchExpressions: [.init(key: "tier", operator: .in, values: ["front"])]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func spec(namespace: String? = nil) -> TrustPolicySpec {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        let reference = CertificateSource.KeyReference(namespace: namespace, name: "trust", key: "ca.pem")
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        var notary = NotarySource(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            level: "strict",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            trustedIdentities: ["x509.subject: C=US, ST=WA, O=Notary"],
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            trustStores: [
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                TrustStoreSource(type: "ca", name: "one", certificates: CertificateSource(inline: "PEM")),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                TrustStoreSource(type: "ca", name: "two", certificates: CertificateSource(configMapRef: reference)),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                TrustStoreSource(type: "tsa", name: "three", certificates: CertificateSource(secretRef: reference)),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            ]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        notary.overrides = NotarySource.Overrides(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            authenticity: "log",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            authenticTimestamp: "log",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            expiry: "log",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            revocation: "skip"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        notary.verifyTimestamp = "afterCertExpiry"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        notary.requiredAnnotations = ["stage": "production"]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        var spec = TrustPolicySpec(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            images: .init(include: ["registry.example.com/shop/*"], exclude: ["registry.example.com/shop/test"]),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            podSelector: selector(),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            authorities: [AuthoritySource(name: "wabbit-networks", notary: notary)],
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            decisions: [
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                DecisionEntry(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                    digest: digest("bad").description,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                    verdict: "Untrusted",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                    reason: "CVE-2026-1234",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                    expires: "2037-01-01T00:00:00Z"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            ]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        spec.interval = "60s"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        spec.maxStaleness = "1h"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        spec.require = "AtLeast:1"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        return spec
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func policyStatus() -> TrustPolicyStatus {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        var status = TrustPolicyStatus()
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        status.observedGeneration = 3
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        status.conditions = conditions()
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        status.images = .init(trusted: 4, untrusted: 3, unsupported: 2, unknown: 1)
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        status.trustStores = [.init(name: "wabbit-networks/ca:one", certificates: 1, notAfter: stamp)]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        status.anchors = [
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            .init(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                authority: "wabbit-networks",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                sha256: String(repeating: "a", count: 64),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                subject: "CN=Root",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                notAfter: stamp,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                images: 3
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        ]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        status.expires = stamp
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        return status
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func trustPolicy() -> TrustPolicy {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        TrustPolicy(metadata: ObjectMeta(name: "shop", namespace: "shop"), spec: spec(), status: policyStatus())
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func clusterTrustPolicy() -> ClusterTrustPolicy {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        ClusterTrustPolicy(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            metadata: ObjectMeta(name: "baseline"),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            spec: ClusterTrustPolicySpec(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                policy: spec(namespace: "vigil-system"),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                namespaceSelector: selector(),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                namespaces: .init(include: ["shop"], exclude: ["kube-system"])
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            ),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            status: policyStatus()
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static let policyName = PolicyName(kind: .trustPolicy, namespace: "shop", name: "shop")
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func finding(_ verdict: Verdict = .trusted, _ reason: Reason = .verified, message: String = "good")
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        -> Finding
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        var finding = Finding(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            policy: policyName,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            authority: "wabbit-networks",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            verdict: verdict,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            reason: reason,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            message: message,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            signer: "C=US, ST=WA, O=Notary, CN=wabbit-networks.io",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            algorithm: "PS256",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            evidence: digest("signature"),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            subject: digest("web"),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            signedAt: time,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            expiresAt: time.addingTimeInterval(86_400),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            validUntil: time.addingTimeInterval(86_400),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            warnings: ["expiry: soon"]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        finding.anchor = String(repeating: "a", count: 64)
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        return finding
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func judgement(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        _ verdict: Verdict = .trusted,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        _ reason: Reason = .verified,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        message: String = "good",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        findings: [Finding]? = nil
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    ) -> ImageJudgement {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        let all = findings ?? [finding(verdict, reason, message: message)]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        let judged = PolicyJudgement(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            policy: policyName,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            verdict: verdict,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            reason: reason,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            message: message,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            findings: all,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            validUntil: verdict == .trusted ? time.addingTimeInterval(86_400) : nil
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        return ImageJudgement(combining: [judged], digest: digest("web"))
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func observation(_ judgement: ImageJudgement, at now: Date = time) -> ImageObservation {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        var observation = ImageObservation(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            judgement: judgement,
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            repository: "registry.example.com/shop/web",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            maxStaleness: .seconds(3600),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            now: now
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        observation.generation = 1
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        observation.workloads = .init(pods: 12, names: (0..<12).map { "web-\($0)" }, tags: ["v1"])
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        return observation
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"

        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    static func imageVerification() -> ImageVerification {
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        let first = ImageVerificationStatus(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            projecting: observation(judgement(.unknown, .noSignature), at: time.addingTimeInterval(-60)),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            previous: nil
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        return ImageVerification(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            metadata: ObjectMeta(name: ImageVerification.name(for: digest("web")), namespace: "shop"),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            spec: ImageVerificationSpec(
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                image: "registry.example.com/shop/web:v1@\(digest("web"))",
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
                policyRefs: [.init(kind: "TrustPolicy", name: "shop")]
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            ),
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
            status: ImageVerificationStatus(projecting: observation(judgement()), previous: first)
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        )
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
    }
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
}
