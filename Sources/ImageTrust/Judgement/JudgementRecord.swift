public import NotaryVerification
public import OCIModel
public import OCIRegistry
import Synchronization
public import TrustModel

/// What was looked at on the way to a judgement, for somebody who wants it explained.
///
/// A judge that is given none keeps nothing.
public final class JudgementRecord: Sendable {
    /// The signatures of one manifest, judged for one authority of a policy.
    public struct Entry: Sendable {
        /// The policy.
        public let policy: PolicyName
        /// The authority in it.
        public let authority: String
        /// The manifest: the image's own, its index, or a platform manifest.
        public let subject: Descriptor
        /// What the registry holds as signatures of it; nothing in them is proven.
        public let signatures: [SignatureEvidence]
        /// What was found about each signature that was judged, and about each that cannot be read.
        public let outcomes: [SignatureOutcome]
        /// Why further signatures could not be fetched.
        public let unreachable: [RegistryError]
        /// Whether the registry lists more signatures than were tried.
        public let isTruncated: Bool
    }

    private let kept = Mutex<[Entry]>([])

    /// Creates an empty record.
    public init() {}

    /// What was looked at so far, in that order.
    public var entries: [Entry] { kept.withLock(\.self) }

    func add(_ entry: Entry) { kept.withLock { $0.append(entry) } }
}
