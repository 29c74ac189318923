import Foundation
import KubernetesAPI
import OCIModel
import TrustModel
import TrustResources

/// A verification that the plain client writes without judging anything: of the operator's own form, so that it costs the
/// server and the network what the operator's costs them.
struct PlainVerification {
    let object: ImageVerification
    let status: ImageVerificationStatus

    /// Creates the verification of an invented image, trusted by one signature.
    ///
    /// - Parameters:
    ///   - number: tells it from others of the namespace.
    ///   - namespace: where it belongs.
    ///   - pods: how many run it.
    /// - Throws: nothing in practice: the digest is made here.
    init(_ number: Int, in namespace: String, pods: Int) throws {
        let digest = try Digest("sha256:" + String(repeating: "0", count: 56) + String(format: "%08x", number))
        let repository = "example.com/shop/web"
        object = ImageVerification(
            metadata: ObjectMeta(
                name: "sha256-\(digest.hex.suffix(32))",
                namespace: namespace,
                labels: [TrustAPI.managedByLabel: TrustAPI.managedByValue]
            ),
            spec: ImageVerificationSpec(image: "\(repository)@\(digest)")
        )
        let policy = PolicyName(kind: .clusterTrustPolicy, name: "bench-012345")
        let finding = Self.finding(digest, policy)
        let judgement = PolicyJudgement(
            policy: policy,
            verdict: .trusted,
            reason: .verified,
            message: finding.message,
            findings: [finding],
            validUntil: Self.end
        )
        var observation = ImageObservation(
            judgement: ImageJudgement(combining: [judgement], digest: digest),
            repository: repository,
            maxStaleness: .seconds(3600),
            now: Date()
        )
        observation.generation = 1
        observation.movedTags = []
        let names = (0..<pods).map { "service-\(number % 1000)-0123456789-\($0)" }
        observation.workloads = ImageVerificationStatus.Workloads(pods: pods, names: names, tags: ["v1"])
        status = ImageVerificationStatus(projecting: observation, previous: nil)
    }

    private static let end = Date(timeIntervalSince1970: 2_051_222_400)

    private static func finding(_ digest: Digest, _ policy: PolicyName) -> Finding {
        let signer = "CN=signer.example.com,O=Example,ST=WA,C=US"
        var finding = Finding(
            policy: policy,
            authority: "example",
            verdict: .trusted,
            reason: .verified,
            message: "signature \(digest.short) by \(signer) (ES256) is valid and leads to trust store ca:example",
            signer: signer,
            algorithm: "ES256",
            evidence: digest,
            subject: digest,
            signedAt: Date(timeIntervalSince1970: 1_767_225_600),
            validUntil: end
        )
        finding.anchor = String(repeating: "0", count: 64)
        finding.carrier = .platform
        return finding
    }
}
