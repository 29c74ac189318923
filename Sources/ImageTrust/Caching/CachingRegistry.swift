public import OCIModel
public import OCIRegistry

/// A registry whose content is asked for once: manifests and blobs are found by digest, listings and tags are asked
/// anew.
///
/// Errors are never remembered. One cache may serve several registries, if each principal is one to it.
public struct CachingRegistry: ImageRegistry {
    private let base: any ImageRegistry
    private let cache: ContentCache
    private let principal: RegistryPrincipal

    /// Puts `cache` in front of `base`.
    ///
    /// - Parameters:
    ///   - base: is asked for what the cache does not hold.
    ///   - cache: keeps what was read.
    ///   - principal: on whose behalf `base` is asked; nobody else finds in the cache what it gave.
    public init(_ base: any ImageRegistry, cache: ContentCache, principal: RegistryPrincipal = .shared) {
        self.principal = principal
        self.base = base
        self.cache = cache
    }

    /// As ``ImageRegistry/resolve(_:)``; a reference with a digest is answered from the cache.
    public func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        if let digest = reference.digest { return try await manifest(reference.repository, digest) }
        let fetched = try await base.resolve(reference)
        remember(fetched, reference.repository)
        return fetched
    }

    /// As ``ImageRegistry/manifest(_:_:)``, from the cache where possible.
    public func manifest(
        _ repository: RepositoryName,
        _ digest: Digest
    ) async throws(RegistryError) -> FetchedManifest {
        if let content = cache.content(.manifest, repository, digest, for: principal),
            let manifest = try? Manifest(bytes: content.bytes, contentType: content.mediaType)
        {
            let descriptor = Descriptor(
                mediaType: content.mediaType,
                digest: digest,
                size: Int64(content.bytes.count)
            )
            return FetchedManifest(descriptor: descriptor, bytes: content.bytes, manifest: manifest)
        }
        let fetched = try await base.manifest(repository, digest)
        remember(fetched, repository)
        return fetched
    }

    /// As ``ImageRegistry/blob(_:_:limit:)``, from the cache where possible.
    public func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        // What the descriptor or the limit does not allow is the registry's to refuse, in its own words.
        if let content = cache.content(.blob, repository, descriptor.digest, for: principal),
            Int64(content.bytes.count) == descriptor.size, content.bytes.count <= limit
        {
            return content.bytes
        }
        let bytes = try await base.blob(repository, descriptor, limit: limit)
        cache.insert(
            CachedContent(mediaType: descriptor.mediaType, bytes: bytes),
            .blob,
            repository,
            descriptor.digest,
            for: principal
        )
        return bytes
    }

    /// As ``ImageRegistry/referrers(_:to:artifactType:)``; never cached, because signatures come and go.
    public func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        try await base.referrers(repository, to: subject, artifactType: artifactType)
    }

    private func remember(_ fetched: FetchedManifest, _ repository: RepositoryName) {
        cache.insert(
            CachedContent(mediaType: fetched.descriptor.mediaType, bytes: fetched.bytes),
            .manifest,
            repository,
            fetched.descriptor.digest,
            for: principal
        )
    }
}
