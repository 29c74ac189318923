public import OCIModel
public import SigningTestKit

extension TestSignature {
    /// Signs `subject` properly.
    public static func sign(
        _ subject: Descriptor,
        chain: TestChain,
        format: Format = .jws,
        request: SigningRequest? = nil
    ) throws -> TestSignature {
        try Self.sign(TestDescriptor(subject), chain: chain, format: format, request: request)
    }

    /// Wraps any envelope.
    public init(subject: Descriptor, envelope: [UInt8], mediaType: MediaType, chain: TestChain? = nil) {
        self.init(
            subject: TestDescriptor(subject),
            envelope: envelope,
            mediaType: mediaType.rawValue,
            chain: chain
        )
    }

    /// The descriptor of the manifest, as a referrers listing shows it.
    public var descriptor: Descriptor {
        var descriptor = Descriptor(of: manifest, mediaType: .ociManifest)
        descriptor.artifactType = .notarySignature
        return descriptor
    }
}
