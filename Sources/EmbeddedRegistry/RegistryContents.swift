internal import JSONModel
internal import OCIModel

/// What a registry holds, and the rules by which it takes more (distribution-spec, "Push").
struct RegistryContents: Sendable {
    struct StoredManifest: Sendable {
        var descriptor: Descriptor
        var bytes: [UInt8]
        var subject: Digest?
    }

    struct Repository: Sendable {
        var blobs: [Digest: [UInt8]] = [:]
        var manifests: [Digest: StoredManifest] = [:]
        /// The manifests that refer to each subject, in the order they came.
        var referrers: [Digest: [Digest]] = [:]
        /// What a tag means; with several digests, each reading moves on to the next.
        var tags: [String: [Digest]] = [:]

        mutating func put(_ manifest: StoredManifest) {
            let digest = manifest.descriptor.digest
            guard manifests.updateValue(manifest, forKey: digest) == nil, let subject = manifest.subject else { return }
            referrers[subject, default: []].append(digest)
        }
    }

    struct Refusal: Error {
        let status: Int
        let code: String
        let message: String
    }

    private(set) var repositories: [String: Repository] = [:]
    private var uploads: [String: (repository: String, bytes: [UInt8])] = [:]
    private var uploadCount = 0

    mutating func putBlob(_ bytes: [UInt8], _ repository: String, expecting digest: Digest? = nil) throws(Refusal)
        -> Digest
    {
        let actual = Digest.of(bytes, algorithm: digest?.algorithm ?? .sha256)
        if let digest, digest != actual {
            throw Refusal(status: 400, code: "DIGEST_INVALID", message: "the content has the digest \(actual)")
        }
        repositories[repository, default: Repository()].blobs[actual] = bytes
        return actual
    }

    mutating func putManifest(
        _ bytes: [UInt8],
        mediaType: MediaType,
        _ repository: String,
        tag: String? = nil,
        expecting digest: Digest? = nil
    ) throws(Refusal) -> StoredManifest {
        let parsed: Manifest
        do {
            parsed = try Manifest(bytes: bytes, contentType: mediaType)
        } catch {
            throw Refusal(status: 400, code: "MANIFEST_INVALID", message: error.message)
        }
        var descriptor = Descriptor(of: bytes, mediaType: mediaType, algorithm: digest?.algorithm ?? .sha256)
        if let digest, digest != descriptor.digest {
            throw Refusal(status: 400, code: "DIGEST_INVALID", message: "it has the digest \(descriptor.digest)")
        }
        try Self.checkReferences(of: parsed, in: repositories[repository] ?? Repository())
        let json = try? JSONParser().parse(bytes)
        let subject = json?["subject"]?["digest"]?.string.flatMap { try? Digest($0) }
        if case .image(let image) = parsed {
            descriptor.artifactType = image.artifactType
            descriptor.annotations = image.annotations
        } else {
            descriptor.artifactType = json?["artifactType"]?.string.map { MediaType($0) }
        }
        let manifest = StoredManifest(descriptor: descriptor, bytes: bytes, subject: subject)
        repositories[repository, default: Repository()].put(manifest)
        if let tag { repositories[repository]?.tags[tag] = [descriptor.digest] }
        return manifest
    }

    private static func checkReferences(of manifest: Manifest, in repository: Repository) throws(Refusal) {
        let isComplete =
            switch manifest {
            case .image(let image): ([image.config] + image.layers).allSatisfy { repository.blobs[$0.digest] != nil }
            case .index(let index): index.manifests.allSatisfy { repository.manifests[$0.digest] != nil }
            }
        guard isComplete else {
            throw Refusal(
                status: 400,
                code: "MANIFEST_BLOB_UNKNOWN",
                message: "it names content that was not pushed before"
            )
        }
    }

    mutating func setTag(_ tag: String, _ repository: String, to digests: [Digest]) {
        repositories[repository, default: Repository()].tags[tag] = digests
    }

    mutating func deleteManifest(_ digest: Digest, _ repository: String) -> Bool {
        guard let removed = repositories[repository]?.manifests.removeValue(forKey: digest) else { return false }
        if let subject = removed.subject { repositories[repository]?.referrers[subject]?.removeAll { $0 == digest } }
        for (tag, digests) in repositories[repository]?.tags ?? [:] where digests.contains(digest) {
            repositories[repository]?.tags[tag] = nil
        }
        return true
    }

    /// The manifest of a tag or digest.
    ///
    /// A tag with several meanings moves on.
    mutating func manifest(_ reference: String, _ repository: String) throws(Refusal) -> StoredManifest {
        guard let held = repositories[repository] else { throw Self.nameUnknown(repository) }
        var digest = try? Digest(reference)
        if digest == nil, let meanings = held.tags[reference] {
            digest = meanings.first
            repositories[repository]?.tags[reference] = Array(meanings.dropFirst() + meanings.prefix(1))
        }
        guard let digest, let manifest = held.manifests[digest] else {
            throw Refusal(status: 404, code: "MANIFEST_UNKNOWN", message: "no manifest \(reference)")
        }
        return manifest
    }

    func blob(_ digest: String, _ repository: String) throws(Refusal) -> [UInt8] {
        guard let held = repositories[repository] else { throw Self.nameUnknown(repository) }
        guard let digest = try? Digest(digest) else {
            throw Refusal(status: 400, code: "DIGEST_INVALID", message: "not a digest")
        }
        guard let bytes = held.blobs[digest] else {
            throw Refusal(status: 404, code: "BLOB_UNKNOWN", message: "no blob \(digest)")
        }
        return bytes
    }

    func referrers(_ digest: Digest, _ repository: String) -> [Descriptor] {
        guard let held = repositories[repository] else { return [] }
        return held.referrers[digest, default: []].compactMap { held.manifests[$0]?.descriptor }
    }

    // MARK: Uploads

    mutating func beginUpload(_ repository: String) -> String {
        uploadCount += 1
        let id = "upload-\(uploadCount)"
        uploads[id] = (repository, [])
        return id
    }

    mutating func appendUpload(_ id: String, _ repository: String, _ bytes: [UInt8]) throws(Refusal) -> Int {
        guard var upload = uploads[id], upload.repository == repository else { throw Self.uploadUnknown(id) }
        guard upload.bytes.count + bytes.count <= 64 << 20 else {
            throw Refusal(status: 413, code: "SIZE_INVALID", message: "64 MiB are accepted")
        }
        upload.bytes += bytes
        uploads[id] = upload
        return upload.bytes.count
    }

    mutating func finishUpload(_ id: String, _ repository: String, digest: Digest) throws(Refusal) {
        guard let upload = uploads.removeValue(forKey: id), upload.repository == repository else {
            throw Self.uploadUnknown(id)
        }
        _ = try putBlob(upload.bytes, repository, expecting: digest)
    }

    private static func uploadUnknown(_ id: String) -> Refusal {
        Refusal(status: 404, code: "BLOB_UPLOAD_UNKNOWN", message: "no upload \(id)")
    }

    static func nameUnknown(_ repository: String) -> Refusal {
        Refusal(status: 404, code: "NAME_UNKNOWN", message: "no repository \(repository)")
    }
}
