import JSONModel
import OCIModel

/// What the manifests of a layout say of each other, read from `index.json` and from what it leads to.
///
/// Hints, as a registry's lists are: nothing in it is compared with a digest. A manifest that is missing or cannot be read
/// leads nowhere.
struct LayoutGraph: Sendable {
    /// The most manifests that are read.
    static let maximumManifests = 4096
    /// The most bytes of manifests that are read.
    static let maximumBytes = 64 << 20
    /// How deep indexes are followed.
    static let maximumDepth = 4
    /// The annotation that gives an entry of `index.json` its tag (image-spec, annotations.md).
    static let tagAnnotation = "org.opencontainers.image.ref.name"

    /// What is listed anywhere, as it is listed first.
    private(set) var descriptors: [Digest: Descriptor] = [:]
    /// What each tag names.
    private(set) var tags: [String: Set<Digest>] = [:]
    /// What names a manifest as its subject, in the order in which it was found.
    private(set) var referrers: [Digest: [Descriptor]] = [:]
    /// The indexes that list a manifest.
    private(set) var indexes: [Digest: [Descriptor]] = [:]
    /// What each index lists.
    private(set) var children: [Digest: [Descriptor]] = [:]

    private var types: [Digest: MediaType] = [:]
    private var bytes = 0
    private var manifests = 0

    /// Walks what `index` lists in the files of a layout.
    ///
    /// - Throws: ``InputError`` when that is more than is read.
    init(_ index: ImageIndex, _ files: LayoutFiles) throws(InputError) {
        try self.init(index, path: files.path) { try? files.blob($0, limit: Manifest.maximumBytes) }
    }

    /// Walks what `index` lists.
    ///
    /// - Parameters:
    ///   - index: what `index.json` holds.
    ///   - path: the folder, for messages.
    ///   - manifest: the bytes of a manifest, `Manifest.maximumBytes` at most; `nil` where they cannot be read.
    /// - Throws: ``InputError`` when that is more than is read.
    init(_ index: ImageIndex, path: String, manifest: (Digest) -> [UInt8]?) throws(InputError) {
        var waiting: [(descriptor: Descriptor, depth: Int)] = []
        for entry in index.manifests {
            if let tag = entry.annotations[Self.tagAnnotation] { tags[tag, default: []].insert(entry.digest) }
            waiting.append((entry, 0))
        }
        var next = 0
        while next < waiting.count {
            let (descriptor, depth) = waiting[next]
            next += 1
            guard descriptors[descriptor.digest] == nil else { continue }
            descriptors[descriptor.digest] = descriptor
            guard depth <= Self.maximumDepth, descriptor.mediaType.isIndex || descriptor.mediaType.isImageManifest
            else { continue }
            waiting += try read(descriptor, path, manifest).map { ($0, depth + 1) }
        }
    }

    /// Everything that may refer to a manifest: by its subject, by the tag that is kept for it, or, in the way of an index,
    /// by listing it.
    func listing(_ subject: Digest, tag: String) -> [Descriptor] {
        var seen: Set<Digest> = []
        let tagged = (tags[tag] ?? []).sorted { $0.description < $1.description }.flatMap { children[$0] ?? [] }
        return ((referrers[subject] ?? []) + tagged + (indexes[subject] ?? []))
            .filter { $0.digest != subject && seen.insert($0.digest).inserted }
            .map { listed in
                var listed = listed
                listed.artifactType = types[listed.digest] ?? listed.artifactType
                return listed
            }
    }

    /// Reads a manifest.
    ///
    /// - Returns: what it lists, where it is an index.
    private mutating func read(
        _ descriptor: Descriptor,
        _ path: String,
        _ manifest: (Digest) -> [UInt8]?
    ) throws(InputError) -> [Descriptor] {
        manifests += 1
        guard let content = manifest(descriptor.digest) else { return [] }
        bytes += content.count
        guard manifests <= Self.maximumManifests, bytes <= Self.maximumBytes else {
            throw InputError(
                "\(path): holds more than \(Self.maximumManifests) manifests, or \(Self.maximumBytes >> 20) MiB of them, "
                    + "which is the most that is read"
            )
        }
        let limits = JSONLimits(maximumBytes: Manifest.maximumBytes)
        guard let json = try? JSONParser(limits: limits).parse(content) else { return [] }
        let type = json["artifactType"]?.string ?? json["config"]?["mediaType"]?.string
        types[descriptor.digest] = type.flatMap { $0.isEmpty ? nil : MediaType($0) }
        if let subject = json["subject"]?["digest"]?.string.flatMap({ try? Digest($0) }) {
            referrers[subject, default: []].append(descriptor)
        }
        guard descriptor.mediaType.isIndex,
            let index = try? ImageIndex(json: json, mediaType: descriptor.mediaType)
        else { return [] }
        children[descriptor.digest] = index.manifests
        for entry in index.manifests { indexes[entry.digest, default: []].append(descriptor) }
        return index.manifests
    }
}
