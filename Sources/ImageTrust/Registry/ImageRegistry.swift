public import OCIModel
public import OCIRegistry

/// What judging an image needs of a registry.
///
/// Every answer's bytes already match the digest they were asked for.
public protocol ImageRegistry: Sendable {
    /// Finds the manifest that `reference` names, by digest where it has one, else by tag.
    ///
    /// - Throws: `RegistryError`.
    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest

    /// Fetches the manifest `digest` of `repository`.
    ///
    /// - Throws: `RegistryError`; code `digestMismatch` when other bytes were served.
    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest

    /// Fetches a blob and compares it with its descriptor.
    ///
    /// - Parameters:
    ///   - repository: where the blob lies.
    ///   - descriptor: what is expected.
    ///   - limit: the most bytes accepted, whatever the descriptor claims.
    /// - Returns: bytes that match the descriptor's digest and size.
    /// - Throws: `RegistryError`.
    func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8]

    /// Lists the artifacts of `artifactType` (`nil`: of every type) that refer to `subject`.
    ///
    /// - Throws: `RegistryError`.
    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor]

    /// Asks where `tag` leads; the digest is the registry's word, and bytes are fetched by it before anything rests on it.
    ///
    /// - Parameters:
    ///   - repository: where the tag is.
    ///   - tag: the tag.
    ///   - age: how old an answer may be that somebody remembers.
    /// - Returns: the digest of the manifest or index.
    /// - Throws: `RegistryError`; code `notFound` when there is no such tag.
    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest
}
