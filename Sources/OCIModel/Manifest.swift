import JSONModel

/// A manifest of either kind, read from bytes that were checked against a digest.
public enum Manifest: Sendable, Hashable {
    /// One image or artifact.
    case image(ImageManifest)
    /// A list of manifests.
    case index(ImageIndex)

    /// The largest manifest accepted: 4 MiB, as registries and clients agree on.
    public static let maximumBytes = 4 << 20
    /// The most values in a manifest: an index of 10,000 entries has fewer.
    ///
    /// Each takes some hundred bytes once read, so that very small ones make 25 times their bytes.
    public static let maximumValues = 120_000

    /// Reads a manifest that was served as `contentType`.
    ///
    /// The body's own `mediaType` must equal `contentType` where present, and a body that could be read as both kinds is
    /// refused (GHSA-5j5w-g665-5m35): the same bytes must never mean two things.
    ///
    /// - Throws: ``OCIError``.
    public init(bytes: [UInt8], contentType: MediaType) throws(OCIError) {
        let json: JSONValue
        do throws(JSONError) {
            let limits = JSONLimits(maximumBytes: Self.maximumBytes, maximumValues: Self.maximumValues)
            json = try JSONParser(limits: limits).parse(bytes)
        } catch {
            throw OCIError(.invalidManifest, "the manifest is not valid JSON: \(error)")
        }
        guard json.object != nil else { throw OCIError(.invalidManifest, "the manifest is not a JSON object") }
        if let declared = json["mediaType"]?.string, declared != contentType.rawValue {
            throw OCIError(
                .invalidManifest,
                "the manifest calls itself \(declared.prefix(100)) but was announced as \(contentType.rawValue.prefix(100))"
            )
        }
        let looksLikeIndex = json["manifests"] != nil
        let looksLikeImage = json["layers"] != nil || json["config"] != nil
        guard !(looksLikeIndex && looksLikeImage) else {
            throw OCIError(.invalidManifest, "the manifest has the members of both an index and an image")
        }
        if contentType.isIndex {
            self = .index(try ImageIndex(json: json, mediaType: contentType))
        } else if contentType.isImageManifest {
            self = .image(try ImageManifest(json: json, mediaType: contentType))
        } else {
            throw OCIError(.invalidManifest, "manifests of type \(contentType.rawValue.prefix(100)) are not supported")
        }
    }
}
