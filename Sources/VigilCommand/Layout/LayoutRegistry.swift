import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry

/// An OCI image layout on disk in the place of a registry: images and their signatures where there is none.
///
/// Every byte is compared with its digest as a registry's would be. There is one repository in it, whatever that is called.
struct LayoutRegistry: ImageRegistry {
    /// The version of layouts that is read (image-spec, image-layout.md, "oci-layout file").
    static let version = "1.0.0"
    /// The largest `oci-layout` file, in bytes.
    static let maximumMarkerBytes = 4096

    private let files: LayoutFiles
    private let graph: LayoutGraph

    /// Reads what a layout holds.
    ///
    /// - Parameter path: the folder.
    /// - Throws: ``InputError`` when it is no layout, or holds more than is read.
    init(_ path: String) throws(InputError) {
        files = LayoutFiles(path: path)
        let marker = try Self.json(files, "oci-layout", limit: Self.maximumMarkerBytes)
        guard marker["imageLayoutVersion"]?.string == Self.version else {
            throw InputError("\(path): is no image layout of version \(Self.version), the only one that is read")
        }
        let json = try Self.json(files, "index.json", limit: Manifest.maximumBytes)
        do {
            graph = try LayoutGraph(try ImageIndex(json: json, mediaType: .ociIndex), files)
        } catch let error as OCIError {
            throw InputError("\(path)/index.json: \(error.message)")
        } catch {
            throw (error as? InputError) ?? InputError("\(path)/index.json: cannot be read")
        }
    }

    private static func json(_ files: LayoutFiles, _ name: String, limit: Int) throws(InputError) -> JSONValue {
        let bytes: [UInt8]
        do throws(LayoutFiles.Failure) {
            bytes = try files.read(name, limit: limit)
        } catch {
            throw InputError("\(files.path): is no image layout: \(name) \(words(error))")
        }
        do throws(JSONError) {
            return try JSONParser(limits: JSONLimits(maximumBytes: limit)).parse(bytes)
        } catch {
            throw InputError("\(files.path)/\(name): is no valid JSON: \(error)")
        }
    }

    private static func words(_ failure: LayoutFiles.Failure) -> String {
        switch failure {
        case .missing: "is missing"
        case .tooLarge(let limit): "is larger than \(limit) bytes, which is the most that is read"
        case .unreadable(let cause): "cannot be read: \(cause)"
        }
    }

    /// The digest that is meant where neither tag nor digest is named: that of the only tag.
    ///
    /// - Throws: ``InputError`` that names the tags there are.
    func onlyImage() throws(InputError) -> Digest {
        let tagged = Set(graph.tags.values.flatMap(\.self))
        if tagged.count == 1, let digest = tagged.first { return digest }
        let some = graph.tags.keys.sorted().prefix(8).map { String($0.prefix(128)) }.joined(separator: ", ")
        throw InputError(
            "\(files.path): "
                + (some.isEmpty
                    ? "names no image by a tag; write \(files.path)@digest"
                    : "names more than one image; write \(files.path):tag, of \(some)")
        )
    }

    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        if let digest = reference.digest { return try await manifest(reference.repository, digest) }
        let digest = try await target(reference.repository, of: reference.tagOrLatest, within: .zero)
        return try await manifest(reference.repository, digest)
    }

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        let bytes = try content(repository, digest, limit: Manifest.maximumBytes)
        do throws(OCIError) {
            let listed = graph.descriptors[digest]?.mediaType
            let mediaType = if let listed { listed } else { try Self.mediaType(of: bytes) }
            let manifest = try Manifest(bytes: bytes, contentType: mediaType)
            let descriptor = Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
            return FetchedManifest(descriptor: descriptor, bytes: bytes, manifest: manifest)
        } catch {
            throw failure(repository, .malformed, "manifest \(digest.short): \(error.message)")
        }
    }

    /// What a manifest that nothing lists calls itself.
    private static func mediaType(of bytes: [UInt8]) throws(OCIError) -> MediaType {
        let limits = JSONLimits(maximumBytes: Manifest.maximumBytes)
        guard let type = (try? JSONParser(limits: limits).parse(bytes))?["mediaType"]?.string else {
            throw OCIError(.invalidManifest, "nothing says what it is: no index lists it, and it names no media type")
        }
        return MediaType(type)
    }

    func blob(_ repository: RepositoryName, _ descriptor: Descriptor, limit: Int) async throws(RegistryError) -> [UInt8]
    {
        guard descriptor.size <= limit else {
            throw failure(
                repository,
                .tooLarge,
                "blob \(descriptor.digest.short) is said to have \(descriptor.size) bytes"
            )
        }
        let bytes = try content(repository, descriptor.digest, limit: limit)
        guard Int64(bytes.count) == descriptor.size else {
            throw failure(
                repository,
                .digestMismatch,
                "blob \(descriptor.digest.short) has \(bytes.count) bytes where \(descriptor.size) were announced"
            )
        }
        return bytes
    }

    /// What refers to a manifest, by subject or by the tag that is kept for it, and, asked for every type, the indexes that
    /// list it.
    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        graph.listing(subject, tag: RegistryClient.referrersTag(for: subject))
            .filter { artifactType == nil || $0.artifactType == artifactType }
    }

    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        guard let named = graph.tags[tag], let digest = named.first else {
            throw failure(repository, .notFound, "there is no tag \(tag)")
        }
        guard named.count == 1 else {
            throw failure(repository, .malformed, "the tag \(tag) names \(named.count) manifests")
        }
        return digest
    }

    /// The bytes of a blob, which match its digest.
    private func content(_ repository: RepositoryName, _ digest: Digest, limit: Int) throws(RegistryError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(LayoutFiles.Failure) {
            bytes = try files.blob(digest, limit: limit)
        } catch {
            let code: RegistryError.Code =
                switch error {
                case .missing: .notFound
                case .tooLarge: .tooLarge
                case .unreadable: .unreachable
                }
            throw failure(repository, code, "blob \(digest.short) \(Self.words(error))")
        }
        guard digest.matches(bytes) else {
            throw failure(repository, .digestMismatch, "blob \(digest.short) has another content than its digest says")
        }
        return bytes
    }

    private func failure(
        _ repository: RepositoryName,
        _ code: RegistryError.Code,
        _ cause: String
    ) -> RegistryError {
        RegistryError(code, "\(files.path): \(cause)", host: repository.registry, repository: repository.path)
    }
}
