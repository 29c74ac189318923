public import OCIModel
public import OCIRegistry
import WorkSharing

/// A registry whose content is asked for once: manifests and blobs are found by digest, lists of referrers for as long as
/// the cache believes them; tags are asked anew.
///
/// Whoever wants what another is just asking for waits for that answer, also for an error. Errors are never remembered. One
/// cache may serve several registries, if each principal is one to it.
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
        let answer = try await answer(.tag(reference), of: reference.repository) {
            nil
        } ask: { () async throws(RegistryError) -> RegistryAnswer in
            let fetched = try await base.resolve(reference)
            remember(fetched, reference.repository)
            return .manifest(fetched)
        }
        guard case .manifest(let manifest) = answer else { throw Self.confused(reference.repository) }
        return manifest
    }

    /// As ``ImageRegistry/manifest(_:_:)``, from the cache where possible.
    public func manifest(
        _ repository: RepositoryName,
        _ digest: Digest
    ) async throws(RegistryError) -> FetchedManifest {
        let answer = try await answer(.manifest(repository, digest), of: repository) {
            guard case .bytes(let type, let bytes)? = cache.content(.manifest, repository, digest, for: principal),
                let manifest = try? Manifest(bytes: bytes, contentType: type)
            else { return nil }
            let descriptor = Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
            return .manifest(FetchedManifest(descriptor: descriptor, bytes: bytes, manifest: manifest))
        } ask: { () async throws(RegistryError) -> RegistryAnswer in
            let fetched = try await base.manifest(repository, digest)
            remember(fetched, repository)
            return .manifest(fetched)
        }
        guard case .manifest(let manifest) = answer else { throw Self.confused(repository) }
        return manifest
    }

    /// As ``ImageRegistry/blob(_:_:limit:)``, from the cache where possible.
    public func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        let answer = try await answer(.blob(repository, descriptor, limit: limit), of: repository) {
            // What the descriptor or the limit does not allow is the registry's to refuse, in its own words.
            guard case .bytes(_, let bytes)? = cache.content(.blob, repository, descriptor.digest, for: principal),
                Int64(bytes.count) == descriptor.size, bytes.count <= limit
            else { return nil }
            return .blob(bytes)
        } ask: { () async throws(RegistryError) -> RegistryAnswer in
            let bytes = try await base.blob(repository, descriptor, limit: limit)
            cache.insert(
                .bytes(descriptor.mediaType, bytes),
                .blob,
                repository,
                descriptor.digest,
                for: principal
            )
            return .blob(bytes)
        }
        guard case .blob(let bytes) = answer else { throw Self.confused(repository) }
        return bytes
    }

    /// As ``ImageRegistry/referrers(_:to:artifactType:)``, from the cache where that believes it and the task does not ask
    /// anew (`RegistryFreshness`): signatures come and go.
    public func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        if RegistryFreshness.asksAnew {
            // Not even another's question will do: it may have been asked before.
            let listed = try await base.referrers(repository, to: subject, artifactType: artifactType)
            cache.insert(.listing(listed), .listing(artifactType), repository, subject, for: principal)
            cache.count(repository.registry) { $0.misses += 1 }
            return listed
        }
        let answer = try await answer(.referrers(repository, subject, artifactType), of: repository) {
            guard
                case .listing(let listed)? = cache.content(
                    .listing(artifactType),
                    repository,
                    subject,
                    for: principal
                )
            else { return nil }
            return .referrers(listed)
        } ask: { () async throws(RegistryError) -> RegistryAnswer in
            let listed = try await base.referrers(repository, to: subject, artifactType: artifactType)
            cache.insert(.listing(listed), .listing(artifactType), repository, subject, for: principal)
            return .referrers(listed)
        }
        guard case .referrers(let listed) = answer else { throw Self.confused(repository) }
        return listed
    }

    /// As ``ImageRegistry/target(_:of:within:)``, from the cache where that is young enough and the task does not ask anew.
    ///
    /// That there is no such tag is remembered too.
    public func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        let age = RegistryFreshness.asksAnew ? .zero : age
        let answer = try await answer(.target(repository, tag: tag), of: repository) {
            cache.target(repository, tag, for: principal, within: age).map { .target($0.digest) }
        } ask: { () async throws(RegistryError) -> RegistryAnswer in
            let digest = try await Self.target(base, repository, tag)
            cache.insert(CachedTarget(digest: digest), repository, tag, for: principal)
            return .target(digest)
        }
        guard case .target(let target) = answer else { throw Self.confused(repository) }
        if let target { return target }
        throw RegistryError(
            .notFound,
            "\(repository) has no tag \(tag)",
            host: repository.registry,
            repository: repository.path
        )
    }

    /// Where a tag leads; `nil` for one that is not there.
    private static func target(
        _ base: any ImageRegistry,
        _ repository: RepositoryName,
        _ tag: String
    ) async throws(RegistryError) -> Digest? {
        do throws(RegistryError) {
            return try await base.target(repository, of: tag, within: .zero)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// The answer at hand, the one that another is waiting for, or the registry's.
    private func answer(
        _ subject: RegistryQuestion.Subject,
        of repository: RepositoryName,
        known: () -> RegistryAnswer?,
        ask: () async throws(RegistryError) -> RegistryAnswer
    ) async throws(RegistryError) -> RegistryAnswer {
        if let known = known() {
            cache.count(repository.registry) { $0.hits += 1 }
            return known
        }
        var isMine = false
        let question = RegistryQuestion(principal: principal, subject: subject)
        let result = await cache.flights.value(
            for: question,
            // It may have come meanwhile.
            known: { _ in known().map { .success($0) } },
            make: {
                isMine = true
                do throws(RegistryError) {
                    return .success(try await ask())
                } catch {
                    return .failure(error)
                }
            },
            keep: { _, result in result }
        )
        cache.count(repository.registry) { figures in
            if isMine { figures.misses += 1 } else { figures.shared += 1 }
        }
        guard let result else {
            throw RegistryError(
                .cancelled,
                "\(repository): the request was cancelled",
                host: repository.registry,
                repository: repository.path
            )
        }
        return try result.get()
    }

    private func remember(_ fetched: FetchedManifest, _ repository: RepositoryName) {
        cache.insert(
            .bytes(fetched.descriptor.mediaType, fetched.bytes),
            .manifest,
            repository,
            fetched.descriptor.digest,
            for: principal
        )
    }

    /// The answer to another question, which cannot be: subjects and answers belong together.
    private static func confused(_ repository: RepositoryName) -> RegistryError {
        RegistryError(
            .malformed,
            "\(repository): the answer is to another question",
            host: repository.registry,
            repository: repository.path
        )
    }
}
