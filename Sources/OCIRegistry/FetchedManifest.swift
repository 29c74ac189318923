public import OCIModel

/// A manifest together with the exact bytes it was read from.
public struct FetchedManifest: Sendable, Hashable {
    /// What was fetched: the media type it was served with, the digest computed over the bytes, their number.
    public let descriptor: Descriptor
    /// The bytes.
    public let bytes: [UInt8]
    /// What the bytes say.
    public let manifest: Manifest

    /// Puts the parts together; for other sources of manifests.
    public init(descriptor: Descriptor, bytes: [UInt8], manifest: Manifest) {
        self.descriptor = descriptor
        self.bytes = bytes
        self.manifest = manifest
    }
}
