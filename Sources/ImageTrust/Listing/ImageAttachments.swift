public import NotaryVerification
public import OCIModel

/// What a registry holds about an image: its signatures and everything else that refers to it.
///
/// Mere claims, for people to look at.
public struct ImageAttachments: Sendable {
    /// A Notary Project signature.
    public struct Signature: Sendable, Hashable {
        /// The signature's manifest, as listed.
        public let descriptor: Descriptor
        /// The media type of the envelope; `nil` when there is none.
        public let envelopeType: MediaType?
        /// What it says.
        public let inspection: SignatureInspection
    }

    /// The manifest or index that the reference means.
    public let subject: Descriptor
    /// The signatures, in the order of the registry.
    public let signatures: [Signature]
    /// Everything else that refers to the image, in the order of the registry, as listed.
    public let others: [Descriptor]
    /// How many signatures are listed and were not looked at, because there are too many.
    public let unseen: Int
}
