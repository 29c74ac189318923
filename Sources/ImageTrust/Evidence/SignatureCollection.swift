import NotaryVerification
import OCIModel
import OCIRegistry
import TrustModel

/// What was found in a registry under the name of signatures of one manifest.
struct SignatureCollection: Sendable {
    /// Envelopes whose bytes match their digests; nothing about them is verified.
    var signatures: [SignatureEvidence] = []
    /// Candidates that cannot be signatures as they are.
    var unreadable: [UnreadableSignature] = []
    /// Candidates that could not be fetched, because the registry could not be asked.
    var unreachable: [RegistryError] = []
    /// Whether the registry lists more candidates than are tried.
    var isTruncated = false
}

/// A candidate that is no readable signature.
struct UnreadableSignature: Sendable {
    /// The digest of the candidate's manifest.
    let manifest: Digest
    /// ``Reason/evidenceMalformed`` or ``Reason/signatureInvalid``.
    let reason: Reason
    /// A sentence for people.
    let message: String
}
