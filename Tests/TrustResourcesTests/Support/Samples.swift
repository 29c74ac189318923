import Foundation
import JSONModel
import KubernetesAPI
import OCIModel
import TestDocuments
import TrustModel

@testable import TrustResources

/// Fully populated objects, and parts for smaller ones.
enum Samples {
    static let time = Date(timeIntervalSince1970: 1_800_000_000)
    static let stamp = KubernetesTime(time)

    static func digest(_ text: String) -> Digest { Digest.of(Array(text.utf8)) }

    /// The certificate inside a sample of config/samples.
    static func certificate(_ sample: String = "trustpolicy_notary.yaml", index: Int = 0) throws -> String {
        let lines = try Checkout.text("config/samples/\(sample)").split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let starts = lines.indices.filter { lines[$0] == "-----BEGIN CERTIFICATE-----" }
        let ends = lines.indices.filter { lines[$0] == "-----END CERTIFICATE-----" }
        return lines[starts[index]...ends[index]].joined(separator: "\n") + "\n"
    }

    static func conditions() -> [Condition] {
        [
            Condition(
                type: "Ready",
                status: .true,
                observedGeneration: 3,
                lastTransitionTime: stamp,
                reason: "Verified",
                message: "good"
            )
        ]
    }

    static func selector() -> LabelSelector {
        LabelSelector(
            matchLabels: ["app": "web"],
            matchExpressions: [.init(key: "tier", operator: .in, values: ["front"])]
        )
    }

    static func spec(namespace: String? = nil) -> TrustPolicySpec {
        let reference = CertificateSource.KeyReference(namespace: namespace, name: "trust", key: "ca.pem")
        let vault = KeyVaultSource(
            vaultURI: "https://shop.vault.azure.net",
            name: "wabbit-networks",
            versions: ["002ade539442463aba45c0efb42e3e84"]
        )
        var notary = NotarySource(
            level: "strict",
            trustedIdentities: ["x509.subject: C=US, ST=WA, O=Notary"],
            trustStores: [
                TrustStoreSource(type: "ca", name: "one", certificates: CertificateSource(inline: "PEM")),
                TrustStoreSource(type: "ca", name: "two", certificates: CertificateSource(configMapRef: reference)),
                TrustStoreSource(type: "tsa", name: "three", certificates: CertificateSource(secretRef: reference)),
                TrustStoreSource(type: "ca", name: "four", certificates: CertificateSource(azureKeyVault: vault)),
            ]
        )
        notary.overrides = NotarySource.Overrides(
            authenticity: "log",
            authenticTimestamp: "log",
            expiry: "log",
            revocation: "skip"
        )
        notary.verifyTimestamp = "afterCertExpiry"
        notary.requiredAnnotations = ["stage": "production"]
        var spec = TrustPolicySpec(
            images: .init(include: ["registry.example.com/shop/*"], exclude: ["registry.example.com/shop/test"]),
            podSelector: selector(),
            authorities: [AuthoritySource(name: "wabbit-networks", notary: notary)],
            decisions: [
                DecisionEntry(
                    digest: digest("bad").description,
                    verdict: "Untrusted",
                    reason: "CVE-2026-1234",
                    expires: "2037-01-01T00:00:00Z"
                )
            ]
        )
        spec.interval = "60s"
        spec.maxStaleness = "1h"
        spec.require = "AtLeast:1"
        return spec
    }

    static func policyStatus() -> TrustPolicyStatus {
        var status = TrustPolicyStatus()
        status.observedGeneration = 3
        status.conditions = conditions()
        status.images = .init(trusted: 4, untrusted: 3, unsupported: 2, unknown: 1)
        status.trustStores = [.init(name: "wabbit-networks/ca:one", certificates: 1, notAfter: stamp)]
        status.anchors = [
            .init(
                authority: "wabbit-networks",
                sha256: String(repeating: "a", count: 64),
                subject: "CN=Root",
                notAfter: stamp,
                images: 3,
                type: "ca"
            )
        ]
        status.expires = stamp
        status.lastHandledVerifyRequest = "2026-06-01T00:00:00Z"
        return status
    }

    static func trustPolicy() -> TrustPolicy {
        TrustPolicy(metadata: ObjectMeta(name: "shop", namespace: "shop"), spec: spec(), status: policyStatus())
    }

    static func clusterTrustPolicy() -> ClusterTrustPolicy {
        ClusterTrustPolicy(
            metadata: ObjectMeta(name: "baseline"),
            spec: ClusterTrustPolicySpec(
                policy: spec(namespace: "vigil-system"),
                namespaceSelector: selector(),
                namespaces: .init(include: ["shop"], exclude: ["kube-system"])
            ),
            status: policyStatus()
        )
    }

    static let policyName = PolicyName(kind: .trustPolicy, namespace: "shop", name: "shop")

    static func finding(_ verdict: Verdict = .trusted, _ reason: Reason = .verified, message: String = "good")
        -> Finding
    {
        var finding = Finding(
            policy: policyName,
            authority: "wabbit-networks",
            verdict: verdict,
            reason: reason,
            message: message,
            signer: "C=US, ST=WA, O=Notary, CN=wabbit-networks.io",
            algorithm: "PS256",
            evidence: digest("signature"),
            subject: digest("web"),
            signedAt: time,
            expiresAt: time.addingTimeInterval(86_400),
            validUntil: time.addingTimeInterval(86_400),
            warnings: ["expiry: soon"]
        )
        finding.anchor = String(repeating: "a", count: 64)
        finding.timestampAnchor = String(repeating: "b", count: 64)
        finding.carrier = .index
        return finding
    }

    static func judgement(
        _ verdict: Verdict = .trusted,
        _ reason: Reason = .verified,
        message: String = "good",
        findings: [Finding]? = nil
    ) -> ImageJudgement {
        let all = findings ?? [finding(verdict, reason, message: message)]
        let judged = PolicyJudgement(
            policy: policyName,
            verdict: verdict,
            reason: reason,
            message: message,
            findings: all,
            validUntil: verdict == .trusted ? time.addingTimeInterval(86_400) : nil
        )
        return ImageJudgement(combining: [judged], digest: digest("web"))
    }

    static func observation(_ judgement: ImageJudgement, at now: Date = time) -> ImageObservation {
        var observation = ImageObservation(
            judgement: judgement,
            repository: "registry.example.com/shop/web",
            maxStaleness: .seconds(3600),
            now: now
        )
        observation.generation = 1
        observation.workloads = .init(pods: 12, names: (0..<12).map { "web-\($0)" }, tags: ["v1"])
        return observation
    }

    static func imageVerification() -> ImageVerification {
        let first = ImageVerificationStatus(
            projecting: observation(judgement(.unknown, .noSignature), at: time.addingTimeInterval(-60)),
            previous: nil
        )
        var asked = observation(judgement())
        asked.request = VerificationRequest(
            ObjectMeta(name: "web", annotations: [TrustAPI.verifyAnnotation: "2026-06-01T00:00:00Z"])
        )
        return ImageVerification(
            metadata: ObjectMeta(name: ImageVerification.name(for: digest("web")), namespace: "shop"),
            spec: ImageVerificationSpec(
                image: "registry.example.com/shop/web:v1@\(digest("web"))",
                policyRefs: [.init(kind: "TrustPolicy", name: "shop")]
            ),
            status: ImageVerificationStatus(projecting: asked, previous: first)
        )
    }
}
