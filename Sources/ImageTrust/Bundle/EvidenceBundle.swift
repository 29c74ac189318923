public import FoundationEssentials
public import NotaryVerification
public import OCIModel
public import TrustModel

/// Everything that the judgement of some images rested on: what registries and revocation services answered, the policies,
/// and the moment.
///
/// A value: what is made of it repeats the judgement without a network. It is written as a tar archive (docs/bundle.md).
/// Nothing in it is proven: bytes are tied to digests, and signatures and certificates are verified again; who made it
/// chooses its moment, its policies, and what it leaves out.
public struct EvidenceBundle: Sendable, Hashable {
    /// The version of the format that is written, and the only one that is read.
    public static let version: Int64 = 1
    /// What a bundle may cost.
    public static let limits = ArchiveLimits(
        maximumBytes: 128 << 20,
        maximumMembers: 8192,
        maximumMemberBytes: 32 << 20
    )
    /// The most images of one bundle.
    public static let maximumImages = 256

    /// The policies that images are judged by.
    public enum Policies: Sendable, Hashable {
        /// A JSON `List` of TrustPolicy and ClusterTrustPolicy objects, with the ConfigMaps and Secrets they refer to.
        case objects([UInt8])
        /// The trust policy document of a notation configuration folder, and the trust stores in use.
        case notation(document: [UInt8], stores: [TrustStoreFiles])
    }

    /// One trust store of a notation configuration folder.
    public struct TrustStoreFiles: Sendable, Hashable {
        /// What its certificates are for.
        public var kind: TrustStore.Kind
        /// Its name.
        public var name: String
        /// Its files, in the order of their names; one at least.
        public var files: [[UInt8]]

        /// Creates a store.
        public init(kind: TrustStore.Kind, name: String, files: [[UInt8]]) {
            self.kind = kind
            self.name = name
            self.files = files
        }
    }

    /// The container in a cluster that runs an image, as far as policies select by it.
    public struct Place: Sendable, Hashable {
        /// The namespace of the pod.
        public var namespace: String
        /// The labels of the namespace; `nil` when they were not to be had.
        public var namespaceLabels: [String: String]?
        /// The pod's name.
        public var pod: String
        /// The labels of the pod.
        public var podLabels: [String: String]
        /// The container's name.
        public var container: String

        /// Creates a place.
        public init(
            namespace: String,
            namespaceLabels: [String: String]?,
            pod: String,
            podLabels: [String: String],
            container: String
        ) {
            self.namespace = namespace
            self.namespaceLabels = namespaceLabels
            self.pod = pod
            self.podLabels = podLabels
            self.container = container
        }
    }

    /// What was held of an image when the bundle was made: for comparison, never believed.
    public struct RecordedVerdict: Sendable, Hashable {
        /// What was held.
        public var verdict: Verdict
        /// Why.
        public var reason: Reason
        /// A sentence for people.
        public var message: String

        /// Creates a verdict.
        public init(verdict: Verdict, reason: Reason, message: String) {
            self.verdict = verdict
            self.reason = reason
            self.message = message
        }
    }

    /// One image, with all that was asked about it.
    public struct Image: Sendable, Hashable {
        /// The reference as it was written.
        public var text: String
        /// Where it runs; `nil` for an image that was named itself.
        public var place: Place?
        /// Other digests by which those who run it ask for it.
        public var indexes: Set<Digest>
        /// What was asked of the registry, with the answers.
        public var exchanges: [RecordingRegistry.Exchange]
        /// What was asked of revocation services, with the answers.
        public var revocation: RevocationEvidence
        /// What was held of it.
        public var recorded: RecordedVerdict

        /// Creates an image.
        public init(
            text: String,
            place: Place? = nil,
            indexes: Set<Digest> = [],
            exchanges: [RecordingRegistry.Exchange],
            revocation: RevocationEvidence,
            recorded: RecordedVerdict
        ) {
            self.text = text
            self.place = place
            self.indexes = indexes
            self.exchanges = exchanges
            self.revocation = revocation
            self.recorded = recorded
        }
    }

    /// The program that made it, with its version.
    public var program: String
    /// The moment of the judgement, to the second.
    public var judgedAt: Date
    /// The platform that indexes were judged for, where it was said.
    public var platform: Platform?
    /// What every signature had to carry besides what policies require.
    public var requiredAnnotations: [String: String]
    /// How many signatures of one manifest were tried at most.
    public var maximumSignatures: Int
    /// The policies.
    public var policies: Policies
    /// The images, in the order in which they were judged.
    public var images: [Image]

    /// Creates a bundle.
    public init(
        program: String,
        judgedAt: Date,
        platform: Platform? = nil,
        requiredAnnotations: [String: String] = [:],
        maximumSignatures: Int = ImageJudge.usualMaximumSignatures,
        policies: Policies,
        images: [Image]
    ) {
        self.program = program
        self.judgedAt = judgedAt
        self.platform = platform
        self.requiredAnnotations = requiredAnnotations
        self.maximumSignatures = maximumSignatures
        self.policies = policies
        self.images = images
    }

    /// The names of members.
    enum MemberName {
        static let document = "vigil-bundle.json"
        static let layout = "oci-layout"
        static let index = "index.json"
        static let objects = "policies/policies.json"
        static let notation = "notation/trustpolicy.json"
        static let stores = "notation/truststore/x509/"

        static func blob(_ digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }
        static func revocation(_ digest: Digest) -> String { "revocation/\(digest.algorithm.rawValue)/\(digest.hex)" }
    }
}
