import ImageTrust
import OCIModel
import OCIRegistry

/// A registry that does as another does, but for what it does itself.
protocol ForwardingRegistry: ImageRegistry {
    var base: ScriptedRegistry { get }
}

extension ForwardingRegistry {
    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        try await base.resolve(reference)
    }

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        try await base.manifest(repository, digest)
    }

    func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        try await base.blob(repository, descriptor, limit: limit)
    }

    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        try await base.referrers(repository, to: subject, artifactType: artifactType)
    }

    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        try await base.target(repository, of: tag, within: age)
    }
}
