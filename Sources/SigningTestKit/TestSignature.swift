/// A finished signature with the manifest that a registry would hold for it.
public struct TestSignature: Sendable {
    /// The two formats of envelopes.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case jws
        case cose

        /// The envelope's media type.
        public var mediaType: String { self == .jws ? "application/jose+json" : "application/cose" }
    }

    /// The content of the config blob of every signature manifest.
    public static let config = Array("{}".utf8)

    /// The envelope's media type.
    public let mediaType: String
    /// The envelope: the only layer.
    public let envelope: [UInt8]
    /// The signature's manifest.
    public let manifest: [UInt8]

    /// Signs `subject` properly.
    public static func sign(
        _ subject: TestDescriptor,
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
    public init(subject: TestDescriptor, envelope: [UInt8], mediaType: String, chain: TestChain? = nil) {
        self.mediaType = mediaType
        self.envelope = envelope
        let thumbprints = JSONWriter.texts((chain?.der ?? []).map { TestDescriptor.sha256($0) })
        let thumbprintsName = "io.cncf.notary.x509chain.thumbprint#S256"
        let members: [JSONWriter.Member] = [
            ("annotations", JSONWriter.object([(thumbprintsName, JSONWriter.text(thumbprints))])),
            ("artifactType", JSONWriter.text("application/vnd.cncf.notary.signature")),
            ("config", TestDescriptor(of: Self.config, mediaType: "application/vnd.oci.empty.v1+json").json),
            ("layers", JSONWriter.list([TestDescriptor(of: envelope, mediaType: mediaType).json])),
            ("mediaType", JSONWriter.text("application/vnd.oci.image.manifest.v1+json")),
            ("schemaVersion", "2"),
            ("subject", subject.json),
        ]
        manifest = Array(JSONWriter.object(members).utf8)
    }
}
