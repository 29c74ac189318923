public import FoundationEssentials
import KubernetesAPI
public import TrustModel

/// What will lapse by the mere passing of time, as objects in the cluster tell it.
///
/// A value: nobody is asked, and nothing is judged again. What services will say about revocation cannot be foreseen.
public struct VerdictForecast: Sendable, Hashable {
    /// A verdict that ends.
    public struct Lapse: Sendable, Hashable {
        /// The first moment at which it does not hold any more; in the past for one that was not looked at since.
        public let at: Date
        /// The namespace of the `ImageVerification`.
        public let namespace: String
        /// Its name.
        public let name: String
        /// The image: repository and digest, as far as they are known.
        public let image: String
        /// The verdict that ends.
        public let verdict: Verdict
        /// Why it ends, as a clause for people.
        public let cause: String
        /// The finding's signer, where a signature ends.
        public let signer: String?
        /// How many pods run the image.
        public let pods: Int
    }

    /// A trust anchor that expires.
    public struct AnchorEnd: Sendable, Hashable {
        /// When it expires.
        public let at: Date
        /// The policy, as `Kind/namespace/name`.
        public let policy: String
        /// The authority in it.
        public let authority: String
        /// The certificate's subject.
        public let subject: String
        /// The SHA-256 of the certificate, in lower-case hex.
        public let sha256: String
        /// How many running images it vouches for.
        public let images: Int
    }

    /// A policy's status, with the policy's name as findings write it.
    public struct PolicyEntry: Sendable {
        /// The policy's name as findings write it.
        public let policy: String
        /// What the operator wrote about it.
        public let status: TrustPolicyStatus?

        /// A namespaced policy.
        public init(_ policy: TrustPolicy) {
            let metadata = policy.metadata
            self.policy =
                PolicyName(kind: .trustPolicy, namespace: metadata.namespace, name: metadata.name).description
            status = policy.status
        }

        /// A cluster-wide policy.
        public init(_ policy: ClusterTrustPolicy) {
            self.policy = PolicyName(kind: .clusterTrustPolicy, name: policy.metadata.name).description
            status = policy.status
        }
    }

    /// The verdicts that end, the first first.
    public let lapses: [Lapse]
    /// The anchors that expire, the first first.
    public let anchors: [AnchorEnd]
    /// How many verdicts were looked at.
    public let verdicts: Int

    /// Looks at what is in the cluster.
    ///
    /// - Parameters:
    ///   - verifications: the images.
    ///   - policies: the policies.
    ///   - end: the last moment that is of interest.
    public init(verifications: [ImageVerification], policies: [PolicyEntry], until end: Date) {
        let anchors = policies.flatMap { entry in
            // What a time-stamping authority has vouched for stays true.
            (entry.status?.anchors ?? []).filter { !$0.isOfTimestamps }.map { anchor in
                AnchorEnd(
                    at: anchor.notAfter.date,
                    policy: entry.policy,
                    authority: anchor.authority,
                    subject: anchor.subject,
                    sha256: anchor.sha256,
                    images: anchor.images
                )
            }
        }
        lapses = verifications.compactMap { Self.lapse($0, anchors) }.filter { $0.at <= end }
            .sorted { ($0.at, $0.namespace, $0.name) < ($1.at, $1.namespace, $1.name) }
        self.anchors = anchors.filter { $0.at <= end }
            .sorted { ($0.at, $0.policy, $0.authority, $0.sha256) < ($1.at, $1.policy, $1.authority, $1.sha256) }
        verdicts = verifications.count { $0.status?.verdict != nil }
    }

    private static func lapse(_ verification: ImageVerification, _ anchors: [AnchorEnd]) -> Lapse? {
        guard let status = verification.status, let verdict = status.verdict, let end = status.validUntil else {
            return nil
        }
        let (cause, finding) = cause(status, verdict, end, anchors)
        let repository = status.repository ?? verification.spec.image
        return Lapse(
            at: end.date,
            namespace: verification.metadata.namespace ?? "",
            name: verification.metadata.name,
            image: status.digest.map { "\(repository)@\($0)" } ?? repository,
            verdict: verdict,
            cause: cause,
            signer: finding?.signer,
            pods: status.workloads?.pods ?? 0
        )
    }

    /// Why a verdict ends at `end`: whatever of its findings ends then.
    private static func cause(
        _ status: ImageVerificationStatus,
        _ verdict: Verdict,
        _ end: KubernetesTime,
        _ anchors: [AnchorEnd]
    ) -> (String, FindingStatus?) {
        let findings = (status.findings ?? []).filter { $0.verdict == verdict }
        if let finding = findings.first(where: { $0.expiresAt == end }) {
            guard finding.reason == .verified else { return ("the decision in \(finding.policy) ends", finding) }
            return ("the signature for \(finding.authority) of \(finding.policy) expires", finding)
        }
        for finding in findings {
            guard let fingerprint = finding.anchor else { continue }
            let anchor = anchors.first {
                $0.sha256 == fingerprint && $0.policy == finding.policy && $0.at == end.date
            }
            if let anchor {
                return ("the trust anchor \(anchor.subject) of \(finding.policy) expires", finding)
            }
        }
        let finding = findings.first { $0.signer != nil }
        let whose = finding.map { " for \($0.authority) of \($0.policy)" } ?? ""
        return ("a certificate of the signer\(whose) expires", finding)
    }
}
