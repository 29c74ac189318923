public import JSONModel

/// What a manifest or listing says about a piece of content (OCI image-spec, descriptor.md).
///
/// A claim until bytes matched it.
public struct Descriptor: Sendable, Hashable {
    /// The content's media type.
    public var mediaType: MediaType
    /// The content's digest.
    public var digest: Digest
    /// The content's size in bytes, never negative.
    public var size: Int64
    /// The type of the artifact, where the content is a manifest.
    public var artifactType: MediaType?
    /// Annotations; unsigned hints.
    public var annotations: [String: String]
    /// The platform, in an index.
    public var platform: Platform?

    /// Creates a descriptor.
    public init(
        mediaType: MediaType,
        digest: Digest,
        size: Int64,
        artifactType: MediaType? = nil,
        annotations: [String: String] = [:],
        platform: Platform? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.artifactType = artifactType
        self.annotations = annotations
        self.platform = platform
    }

    /// The descriptor of `bytes`.
    public init(of bytes: [UInt8], mediaType: MediaType, algorithm: Digest.Algorithm = .sha256) {
        self.init(mediaType: mediaType, digest: Digest.of(bytes, algorithm: algorithm), size: Int64(bytes.count))
    }

    /// Reads the JSON form.
    ///
    /// - Throws: ``OCIError`` with code `invalidDescriptor` or `invalidDigest`.
    public init(json: JSONValue) throws(OCIError) {
        guard let mediaType = json["mediaType"]?.string, !mediaType.isEmpty, mediaType.utf8.count <= 255 else {
            throw OCIError(.invalidDescriptor, "a descriptor lacks its mediaType")
        }
        guard let digest = json["digest"]?.string else {
            throw OCIError(.invalidDescriptor, "a descriptor lacks its digest")
        }
        guard let size = json["size"]?.integer, size >= 0 else {
            throw OCIError(.invalidDescriptor, "the descriptor of \(digest.prefix(80)) has no valid size")
        }
        self.init(
            mediaType: MediaType(mediaType),
            digest: try Digest(digest),
            size: size,
            artifactType: json["artifactType"]?.string.flatMap { $0.isEmpty ? nil : MediaType($0) },
            annotations: try Self.annotations(json["annotations"]),
            platform: json["platform"].flatMap(Platform.init(json:))
        )
    }

    static func annotations(_ json: JSONValue?) throws(OCIError) -> [String: String] {
        guard let json, !json.isNull else { return [:] }
        guard let members = json.object else {
            throw OCIError(.invalidDescriptor, "annotations are not an object of strings")
        }
        var annotations: [String: String] = [:]
        for (key, value) in members {
            guard let text = value.string else {
                throw OCIError(.invalidDescriptor, "annotation \"\(key.prefix(64))\" is not a string")
            }
            annotations[key] = text
        }
        return annotations
    }

    /// The JSON form.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "mediaType": .string(mediaType.rawValue), "digest": .string(digest.description), "size": .integer(size),
        ]
        if let artifactType { members["artifactType"] = .string(artifactType.rawValue) }
        if !annotations.isEmpty { members["annotations"] = .object(annotations.mapValues { .string($0) }) }
        if let platform {
            var parts: [String: JSONValue] = [
                "os": .string(platform.os), "architecture": .string(platform.architecture),
            ]
            if let variant = platform.variant { parts["variant"] = .string(variant) }
            members["platform"] = .object(parts)
        }
        return .object(members)
    }

    /// Whether media type, digest and size are the same: what a signature binds.
    ///
    /// Annotations do not count.
    public func identifiesSameContent(as other: Descriptor) -> Bool {
        mediaType == other.mediaType && digest == other.digest && size == other.size
    }
}
