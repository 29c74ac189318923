import ImageTrust
import OCIModel
import TrustModel

/// One image to judge: a reference under the policies that speak for it, with everywhere it was found.
struct VerificationTarget: Sendable {
    /// The reference as it was first written, or that to its origin where the one written is to a mirror.
    var text: String
    /// The reference read, to the origin; the message says why it cannot be.
    var reference: Result<ImageReference, OCIError>
    /// The policies that speak for it.
    var policies: [PreparedPolicy]
    /// Where it was found; empty for an image of the command line.
    var sources: [ImageSource]
    /// The policies that do not speak for it where it was first found; kept only where that is to be explained.
    var silences: [PolicySilence] = []

    /// What is held of it where ``reference`` cannot be read, if not that alone.
    var unreadableReason: Reason?

    /// Other digests by which those who run it ask for it.
    var indexes: Set<Digest> = []

    /// Whether only a tag says which image is meant.
    var isNamedByTag: Bool { (try? reference.get()).map { $0.digest == nil } ?? false }
}
