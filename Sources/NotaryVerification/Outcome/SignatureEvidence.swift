public import OCIModel

/// One signature as it was fetched from a registry.
///
/// Nothing in it is proven.
public struct SignatureEvidence: Sendable, Hashable {
    /// The digest of the signature's manifest: the name of the signature in messages.
    public var manifestDigest: Digest
    /// The media type of the envelope, from the signature's manifest.
    public var mediaType: MediaType
    /// The envelope.
    public var envelope: [UInt8]

    /// Creates evidence.
    public init(manifestDigest: Digest, mediaType: MediaType, envelope: [UInt8]) {
        self.manifestDigest = manifestDigest
        self.mediaType = mediaType
        self.envelope = envelope
    }
}
