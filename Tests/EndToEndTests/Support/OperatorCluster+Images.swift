import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import TestDocuments
import Testing
import TrustResources

extension OperatorCluster {
    /// A digest for images that no registry has.
    static let digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

    /// Creates a policy for every image, which settles ``digest`` by hand if `decision` says so.
    func applyPolicy(_ name: String = "shop", decision verdict: String? = nil) async throws {
        let store = TrustStoreSource(
            type: "ca",
            name: "example",
            certificates: CertificateSource(inline: try Self.certificate())
        )
        let notary = NotarySource(
            level: "strict",
            trustedIdentities: ["x509.subject: C=US, ST=WA, O=Notary"],
            trustStores: [store]
        )
        let decisions = verdict.map {
            [DecisionEntry(digest: Self.digest, verdict: $0, reason: "CVE-2026-1234")]
        }
        _ = try await client.resource(TrustPolicy.self).create(
            TrustPolicy(
                metadata: ObjectMeta(name: name, namespace: namespace),
                spec: TrustPolicySpec(
                    authorities: [AuthoritySource(name: "example", notary: notary)],
                    decisions: decisions
                )
            )
        )
    }

    /// A policy `shop` of its namespace that trusts one certificate, for signers of one organization.
    func policy(trusting certificate: String, organization: String = "Notary") -> TrustPolicy {
        policy(trusting: CertificateSource(inline: certificate), organization: organization)
    }

    /// The same, with the certificates of a source.
    func policy(trusting source: CertificateSource, organization: String = "Notary") -> TrustPolicy {
        let store = TrustStoreSource(type: "ca", name: "team", certificates: source)
        let notary = NotarySource(
            level: "strict",
            trustedIdentities: ["x509.subject: C=US, ST=WA, O=\(organization)"],
            trustStores: [store]
        )
        return TrustPolicy(
            metadata: ObjectMeta(name: "shop", namespace: namespace),
            spec: TrustPolicySpec(authorities: [AuthoritySource(name: "team", notary: notary)])
        )
    }

    /// Creates a pod that is reported to run ``digest`` of a repository.
    func runPod(_ name: String, repository: String, pullSecrets: [String] = []) async throws {
        try await runPod(
            name,
            image: "\(repository):v1",
            imageID: "\(repository)@\(Self.digest)",
            pullSecrets: pullSecrets
        )
    }

    /// Creates a pod that is reported to run `reference`, a repository with a digest.
    func runPod(_ name: String, _ reference: String, pullSecrets: [String] = []) async throws {
        try await runPod(name, image: reference, imageID: reference, pullSecrets: pullSecrets)
    }

    /// Creates a pod that is reported to run `imageID`, and asks for `image`.
    func runPod(_ name: String, image: String, imageID: String, pullSecrets: [String] = []) async throws {
        var specification = Pod.Specification(containers: [Pod.Container(name: "web", image: image)])
        specification.imagePullSecrets = pullSecrets.map { Pod.LocalReference(name: $0) }
        let metadata = ObjectMeta(name: name, namespace: namespace)
        try await client.createUnscheduled(Pod(metadata: metadata, spec: specification), running: imageID)
    }

    /// The status of the image `reference`, as soon as it is as `isExpected` wants it; by default, as it has a verdict.
    func status(
        of reference: String,
        within seconds: Int = 120,
        where isExpected: @escaping @Sendable (ImageVerificationStatus) -> Bool = { $0.verdict != nil }
    ) async throws -> ImageVerificationStatus {
        let object = try await firstObject(of: ImageVerification.self, within: seconds) { object in
            object.spec.image == reference && object.status.map(isExpected) == true
        }
        return try #require(object?.status, "\(reference) has no such status")
    }

    /// The certificate in a sample of this checkout.
    private static func certificate() throws -> String {
        let lines = try Checkout.text("config/samples/trustpolicy_decisions.yaml").split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        let start = try #require(lines.firstIndex(of: "-----BEGIN CERTIFICATE-----"))
        let end = try #require(lines.firstIndex(of: "-----END CERTIFICATE-----"))
        return lines[start...end].joined(separator: "\n") + "\n"
    }
}
