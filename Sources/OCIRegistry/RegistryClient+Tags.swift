public import OCIModel
internal import OutboundHTTP

extension RegistryClient {
    /// Asks where a tag leads at present.
    ///
    /// By HEAD, which transfers no manifest and which registries that count pulls do not count; a registry that does not
    /// answer it with a digest is asked by GET, and only if the manifest changed. The digest is what the registry says:
    /// whoever wants to rest anything on it fetches the manifest by it.
    ///
    /// - Parameters:
    ///   - repository: where the tag is.
    ///   - tag: the tag, of the grammar of references.
    ///   - age: of no matter here: nothing is remembered.
    /// - Returns: the digest of the manifest or index.
    /// - Throws: ``RegistryError``; `notFound` when there is no such tag.
    public func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        let deadline = deadline()
        if let digest = try await announced(repository, tag, by: deadline) { return digest }
        let fetched = try await fetchManifest(
            repository,
            tag,
            subject: "manifest \(tag)",
            limit: Manifest.maximumBytes,
            by: deadline
        )
        return fetched.descriptor.digest
    }

    /// What HEAD says; `nil` where it says nothing that can be used.
    private func announced(
        _ repository: RepositoryName,
        _ tag: String,
        by deadline: Deadline
    ) async throws(RegistryError) -> Digest? {
        let session = try session(for: repository)
        let request = RegistryRequest(
            repository: repository,
            subject: "the digest of \(tag)",
            url: try session.endpoint.url(repository, "manifests/\(tag)"),
            accept: Self.manifestTypes,
            limit: .bytes(Manifest.maximumBytes),
            acceptedStatuses: [405, 501],
            method: .head,
            isManifest: true
        )
        do {
            let response = try await session.fetch(request, by: deadline)
            // One that does not know HEAD is asked in the usual way.
            guard response.status == 200 else { return nil }
            let digests = response.headers.values("docker-content-digest")
            return digests.count == 1 ? digests.first.flatMap { try? Digest($0) } : nil
        } catch {
            guard error.code == .refused || error.code == .malformed else { throw error }
            return nil
        }
    }
}
