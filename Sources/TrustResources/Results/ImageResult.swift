public import KubernetesAPI
import OCIModel
public import TrustModel

/// One image in one namespace with what is held of it, as it is shown to people and programs.
public struct ImageResult: Sendable {
    /// The key of the `ImageVerification` that stands for it, whether or not that exists.
    public let key: ObjectKey
    /// The repository, or the reference as it is written where that cannot be read.
    public let repository: String
    /// The running digest, where one is known.
    public let digest: String?
    /// Tags by which pods ask for it, in order, 10 at most.
    public let tags: [String]
    /// How many pods of the namespace run it now.
    public let pods: Int
    /// The names of some of them, in order, 10 at most.
    public let podNames: [String]
    /// What is held; `nil` while nothing is, because no policy speaks for it or because it was not judged yet.
    public let verdict: Verdict?
    /// Why: a constant.
    public let reason: Reason
    /// The object; `nil` where there is none.
    public let verification: ImageVerification?

    /// What the operator wrote; `nil` where it wrote nothing.
    public var status: ImageVerificationStatus? { verification?.status }
    /// Whether a person applied the object, to ask about an image that no pods run under its name.
    public var isGate: Bool { !isRunning && verification?.isOfRunningImage == false }
    /// Whether pods run it.
    public var isRunning: Bool { pods > 0 }
    /// The repository with the digest, or the repository alone where no digest is known.
    public var image: String { digest.map { "\(repository)@\($0)" } ?? repository }
    /// Whether the latest attempt to confirm the verdict failed.
    public var isStale: Bool { status?.conditions?[type: ConditionType.fresh]?.status == .false }

    /// An image with an object.
    ///
    /// - Parameters:
    ///   - verification: the object.
    ///   - pods: how many pods run the image now.
    public init(_ verification: ImageVerification, pods: Int) {
        let status = verification.status
        key = verification.key
        let reference = try? ImageReference(verification.spec.image)
        digest = status?.digest ?? reference?.digest?.description
        let written = status?.repository ?? reference?.repository.description ?? verification.spec.image
        repository = written.reported(to: StatusLimits.imageCharacters)
        tags = status?.workloads?.tags ?? []
        self.pods = pods
        podNames = status?.workloads?.sample ?? []
        verdict = status?.verdict
        reason = status?.reason ?? .pending
        self.verification = verification
    }

    /// A running image without an object.
    ///
    /// - Parameters:
    ///   - key: the key that its object would have.
    ///   - repository: the repository, or the reference as it is written.
    ///   - digest: the running digest.
    ///   - tags: the tags by which pods ask for it.
    ///   - pods: the names of all pods that run it.
    ///   - reason: ``Reason/noPolicy`` if nobody speaks for it, else ``Reason/pending``.
    public init(
        absent key: ObjectKey,
        repository: String,
        digest: String?,
        tags: some Sequence<String>,
        pods: some Collection<String>,
        reason: Reason
    ) {
        let workloads = ImageVerificationStatus.Workloads(pods: pods.count, names: pods, tags: tags)
        self.key = key
        self.repository = repository.reported(to: StatusLimits.imageCharacters)
        self.digest = digest
        self.tags = workloads.tags ?? []
        self.pods = pods.count
        podNames = workloads.sample ?? []
        verdict = nil
        self.reason = reason
        verification = nil
    }
}
