public import JSONModel

/// An image index (OCI image-spec, image-index.md) or Docker manifest list: one image for several platforms, or a referrers listing.
public struct ImageIndex: Sendable, Hashable {
    /// The index's own media type.
    public let mediaType: MediaType
    /// The manifests it lists, in order.
    public let manifests: [Descriptor]
    /// Annotations; unsigned hints.
    public let annotations: [String: String]

    /// The most manifests an index may list.
    public static let maximumManifests = 10_000

    /// Reads the members of a parsed index.
    ///
    /// - Throws: ``OCIError`` naming the member that is missing or malformed.
    public init(json: JSONValue, mediaType: MediaType) throws(OCIError) {
        guard let entries = json["manifests"]?.array ?? (json["manifests"]?.isNull == true ? [] : nil) else {
            throw OCIError(.invalidManifest, "the index has no list of manifests")
        }
        guard entries.count <= Self.maximumManifests else {
            throw OCIError(.invalidManifest, "the index lists more than \(Self.maximumManifests) manifests")
        }
        self.mediaType = mediaType
        var descriptors: [Descriptor] = []
        descriptors.reserveCapacity(entries.count)
        for entry in entries { descriptors.append(try Descriptor(json: entry)) }
        self.manifests = descriptors
        self.annotations = try Descriptor.annotations(json["annotations"])
    }
}
