import JSONModel

/// An image manifest (OCI image-spec, manifest.md, or Docker's schema 2), also the carrier of signatures and other artifacts.
public struct ImageManifest: Sendable, Hashable {
    /// The manifest's own media type.
    public let mediaType: MediaType
    /// The artifact's type as the referrers API reports it: `artifactType`, or `config.mediaType` where that is absent.
    public let artifactType: MediaType
    /// Whether the manifest names `artifactType` itself.
    public let declaresArtifactType: Bool
    /// The configuration.
    public let config: Descriptor
    /// The layers, in order.
    public let layers: [Descriptor]
    /// The manifest this one refers to.
    public let subject: Descriptor?
    /// Annotations; unsigned hints.
    public let annotations: [String: String]

    /// The most layers a manifest may list.
    public static let maximumLayers = 1024

    /// Reads the members of a parsed manifest.
    ///
    /// - Throws: ``OCIError`` naming the member that is missing or malformed.
    init(json: JSONValue, mediaType: MediaType) throws(OCIError) {
        guard let config = json["config"] else { throw OCIError(.invalidManifest, "the manifest has no config") }
        let layers = json["layers"]?.array ?? []
        guard layers.count <= Self.maximumLayers else {
            throw OCIError(.invalidManifest, "the manifest lists more than \(Self.maximumLayers) layers")
        }
        let declared = json["artifactType"]?.string.flatMap { $0.isEmpty ? nil : MediaType($0) }
        self.mediaType = mediaType
        self.config = try Descriptor(json: config)
        self.artifactType = declared ?? self.config.mediaType
        self.declaresArtifactType = declared != nil
        var descriptors: [Descriptor] = []
        for layer in layers { descriptors.append(try Descriptor(json: layer)) }
        self.layers = descriptors
        if let subject = json["subject"], !subject.isNull {
            self.subject = try Descriptor(json: subject)
        } else {
            self.subject = nil
        }
        self.annotations = try Descriptor.annotations(json["annotations"])
    }
}
