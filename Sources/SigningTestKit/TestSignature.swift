import JSONModel
public import OCIModel

/// A finished signature with the manifest that a registry would hold for it.
public struct TestSignature: Sendable {
    /// The two formats of envelopes.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case jws
        case cose

        /// The envelope's media type.
        public var mediaType: MediaType { self == .jws ? .jose : .cose }
    }

    /// The content of the config blob of every signature manifest.
    public static let config = Array("{}".utf8)

    /// The envelope's media type.
    public let mediaType: MediaType
    /// The envelope: the only layer.
    public let envelope: [UInt8]
    /// The signature's manifest.
    public let manifest: [UInt8]

    /// Signs `subject` properly.
    public static func sign(
        _ subject: Descriptor,
        chain: TestChain,
        format: Format = .jws,
        request: SigningRequest? = nil
    ) throws -> TestSignature {
        let request = request ?? SigningRequest(subject)
        let envelope =
            switch format {
            case .jws: try JWSRecipe(request, chain: chain).envelope()
            case .cose: try COSERecipe(request, chain: chain).envelope()
            }
        return TestSignature(subject: subject, envelope: envelope, mediaType: format.mediaType, chain: chain)
    }

    /// Wraps any envelope.
    public init(subject: Descriptor, envelope: [UInt8], mediaType: MediaType, chain: TestChain? = nil) {
        self.mediaType = mediaType
        self.envelope = envelope
        let thumbprints: [JSONValue] = (chain?.der ?? []).map { .string(Digest.of($0).hex) }
        let annotations: JSONValue = [
            "io.cncf.notary.x509chain.thumbprint#S256": .string(JSONSerializer().string(.array(thumbprints)))
        ]
        manifest = JSONSerializer().bytes([
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue),
            "artifactType": .string(MediaType.notarySignature.rawValue),
            "config": Descriptor(of: Self.config, mediaType: .ociEmpty).json,
            "layers": [Descriptor(of: envelope, mediaType: mediaType).json], "subject": subject.json,
            "annotations": annotations,
        ])
    }

    /// The descriptor of the manifest, as a referrers listing shows it.
    public var descriptor: Descriptor {
        var descriptor = Descriptor(of: manifest, mediaType: .ociManifest)
        descriptor.artifactType = .notarySignature
        return descriptor
    }
}
