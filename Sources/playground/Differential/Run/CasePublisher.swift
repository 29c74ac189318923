import JSONModel
import OCIModel
import SigningTestKit

/// Puts a case into the registry: its image, and what is listed as its signatures under the referrers tag
/// (OCI distribution specification, "Referrers tag schema").
struct CasePublisher: Sendable {
    let upload: RegistryUpload

    private static let config = Array("{\"architecture\":\"amd64\",\"os\":\"linux\"}".utf8)
    private static let layer = Array("layer".utf8)

    /// Pushes what all cases share.
    func prepare() async throws {
        for blob in [Self.config, Self.layer, TestSignature.config] { try await upload.blob(blob) }
    }

    /// Pushes the image of a case and the signatures that are made here; returns the image's descriptor.
    func publish(_ differential: DifferentialCase, chains: [MadeChain]) async throws -> Descriptor {
        let subject = try await image(of: differential)
        var listed: [Descriptor] = []
        for (signature, chain) in zip(differential.signatures, chains) {
            guard case .made(let envelope, let manifest) = signature else { continue }
            let bytes = try envelope.make(about: subject, chain: chain)
            try await upload.blob(bytes)
            let made = SignatureManifest(manifest, subject: subject, envelope: bytes, format: envelope.format)
            try await upload.manifest(made.bytes, mediaType: .ociManifest)
            if let descriptor = made.descriptor { listed.append(descriptor) }
        }
        guard !listed.isEmpty else { return subject }
        let index = JSONSerializer().bytes([
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue),
            "manifests": .array(listed.map(\.json)),
        ])
        let tag = "\(subject.digest.algorithm.rawValue)-\(subject.digest.hex)"
        try await upload.manifest(index, mediaType: .ociIndex, tag: tag)
        return subject
    }

    private func image(of differential: DifferentialCase) async throws -> Descriptor {
        let manifest = JSONSerializer().bytes([
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue),
            "config": Descriptor(of: Self.config, mediaType: .ociConfig).json,
            "layers": [
                Descriptor(of: Self.layer, mediaType: MediaType("application/vnd.oci.image.layer.v1.tar")).json
            ],
            // Makes it an image of its own.
            "annotations": ["case": .string(differential.name)],
        ])
        try await upload.manifest(manifest, mediaType: .ociManifest)
        let image = Descriptor(of: manifest, mediaType: .ociManifest)
        guard differential.subject == .index else { return image }
        let index = JSONSerializer().bytes([
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue), "manifests": [image.json],
            "annotations": ["case": .string(differential.name)],
        ])
        try await upload.manifest(index, mediaType: .ociIndex)
        return Descriptor(of: index, mediaType: .ociIndex)
    }
}

/// A signature's manifest, and how it is listed.
struct SignatureManifest: Sendable {
    let bytes: [UInt8]
    /// `nil` when it is not listed.
    let descriptor: Descriptor?

    init(_ recipe: ManifestRecipe, subject: Descriptor, envelope: [UInt8], format: TestSignature.Format) {
        let other = Array("{}".utf8)
        var named = subject
        if recipe == .ofAnotherSubject { named = Descriptor(of: other, mediaType: subject.mediaType) }
        let layerType: MediaType =
            switch recipe {
            case .mislabelledLayer: format == .jws ? .cose : .jose
            case .unknownLayer: MediaType("application/octet-stream")
            default: MediaType(format.mediaType)
            }
        let artifactType =
            recipe == .ofAnotherArtifactType ? MediaType("application/vnd.example") : MediaType.notarySignature
        let configType: MediaType =
            switch recipe {
            case .typedByConfig: artifactType
            case .withConfig: .ociConfig
            default: .ociEmpty
            }
        var members: [String: JSONValue] = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue),
            "config": Descriptor(of: TestSignature.config, mediaType: configType).json,
            "layers": [Descriptor(of: envelope, mediaType: layerType).json],
            "annotations": ["io.cncf.notary.x509chain.thumbprint#S256": "[]"],
        ]
        if recipe != .typedByConfig { members["artifactType"] = .string(artifactType.rawValue) }
        if recipe != .withoutSubject { members["subject"] = named.json }
        bytes = JSONSerializer().bytes(.object(members))
        var descriptor = Descriptor(of: bytes, mediaType: .ociManifest)
        descriptor.artifactType = artifactType
        self.descriptor = recipe == .unlisted ? nil : descriptor
    }
}
