public import OCIModel
internal import OutboundHTTP

extension RegistryClient {
    /// Fetches the blob a descriptor speaks of, whole and checked: exactly its size, exactly its digest.
    ///
    /// - Parameters:
    ///   - repository: where it is.
    ///   - descriptor: what is wanted.
    ///   - limit: the largest accepted blob, in bytes.
    /// - Returns: the bytes the digest speaks of.
    /// - Throws: ``RegistryError``; `tooLarge` when the descriptor announces more than `limit` (nothing is fetched
    ///   then), `digestMismatch` when size or digest differ.
    public func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        let session = try session(for: repository)
        let request = RegistryRequest(
            repository: repository,
            subject: "blob \(descriptor.digest.short)",
            url: try session.endpoint.url(repository, "blobs/\(descriptor.digest)"),
            limit: .bytes(Int(clamping: descriptor.size))
        )
        guard descriptor.size >= 0, descriptor.size <= limit else {
            throw RegistryError(
                .tooLarge,
                "\(request.sentence): it is said to have \(descriptor.size) bytes; \(limit) are accepted",
                asking: request
            )
        }
        let response: OutboundResponse
        do {
            response = try await session.fetch(request, by: deadline())
        } catch {
            guard error.code == .tooLarge else { throw error }
            throw RegistryError(
                .digestMismatch,
                "\(request.sentence): the registry sent more than the \(descriptor.size) bytes that were announced",
                asking: request
            )
        }
        guard response.body.count == Int(descriptor.size) else {
            throw RegistryError(
                .digestMismatch,
                "\(request.sentence): the registry sent \(response.body.count) bytes where \(descriptor.size) were "
                    + "announced",
                asking: request
            )
        }
        guard descriptor.digest.matches(response.body) else {
            let actual = Digest.of(response.body, algorithm: descriptor.digest.algorithm)
            throw RegistryError(
                .digestMismatch,
                "\(request.sentence): the registry sent \(actual) where \(descriptor.digest) was expected",
                asking: request
            )
        }
        return response.body
    }
}
