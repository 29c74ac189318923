import OCIModel
import OCIRegistry

/// A registry that is asked by the names of origins, and asks where the mirrors say.
///
/// Content is asked for by digest, so that it does not matter who serves it: of two places the other is asked where one does
/// not have it or is in trouble. Lists of signatures are another matter: what a place that cannot be asked would say is
/// not known, and so there is no list without it.
struct MirroredRegistry: ImageRegistry {
    private let base: any ImageRegistry
    private let mirrors: RegistryMirrors

    init(_ base: any ImageRegistry, mirrors: RegistryMirrors) {
        self.base = base
        self.mirrors = mirrors
    }

    /// What a tag means says the origin, unless the mirror alone is asked: a copy may be behind.
    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        if let digest = reference.digest { return try await manifest(reference.repository, digest) }
        return try await base.resolve(ImageReference(repository: tagged(reference.repository), tag: reference.tag))
    }

    /// As for ``resolve(_:)``.
    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        try await base.target(tagged(repository), of: tag, within: age)
    }

    /// Who is asked about the tags of a repository.
    private func tagged(_ repository: RepositoryName) -> RepositoryName {
        switch mirrors.places(of: repository) {
        case .one(let place): place
        case .both(let origin, _): origin
        }
    }

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        try await content(repository) { (place) async throws(RegistryError) -> FetchedManifest in
            try await base.manifest(place, digest)
        }
    }

    func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        try await content(repository) { (place) async throws(RegistryError) -> [UInt8] in
            try await base.blob(place, descriptor, limit: limit)
        }
    }

    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        switch mirrors.places(of: repository) {
        case .one(let place): return try await base.referrers(place, to: subject, artifactType: artifactType)
        case .both(let origin, let mirror):
            let first = try await listing(origin, subject, artifactType)
            let second = try await listing(mirror, subject, artifactType)
            // Who has neither the image nor anything about it answers with its absence; both do not.
            guard case .failure(let absence) = first, case .failure = second else {
                var seen: Set<Digest> = []
                return [first, second].flatMap { (try? $0.get()) ?? [] }.filter { seen.insert($0.digest).inserted }
            }
            throw absence
        }
    }

    /// What one of two places lists, or that what is asked about is not there.
    ///
    /// - Throws: `RegistryError`: it cannot be known what it lists.
    private func listing(
        _ place: RepositoryName,
        _ subject: Digest,
        _ artifactType: MediaType?
    ) async throws(RegistryError) -> Result<[Descriptor], RegistryError> {
        do throws(RegistryError) {
            return .success(try await base.referrers(place, to: subject, artifactType: artifactType))
        } catch {
            guard error.isAbsence else { throw error }
            return .failure(error)
        }
    }

    /// Asks the mirror, and the origin for what the mirror did not give.
    ///
    /// Only what both say is not there is not there.
    private func content<Answer: Sendable>(
        _ repository: RepositoryName,
        _ ask: (RepositoryName) async throws(RegistryError) -> Answer
    ) async throws(RegistryError) -> Answer {
        switch mirrors.places(of: repository) {
        case .one(let place): return try await ask(place)
        case .both(let origin, let mirror):
            let trouble: RegistryError
            do throws(RegistryError) {
                return try await ask(mirror)
            } catch {
                guard error.code != .cancelled else { throw error }
                trouble = error
            }
            do throws(RegistryError) {
                return try await ask(origin)
            } catch {
                throw error.isAbsence && !trouble.isAbsence ? trouble : error
            }
        }
    }
}
