public import OCIModel
internal import OutboundHTTP

extension RegistryClient {
    /// Fetches the manifest a reference means: by its digest, or else by its tag (`latest` when it has neither).
    ///
    /// - Returns: the manifest; its descriptor's digest was computed over the bytes.
    /// - Throws: ``RegistryError``: `digestMismatch` when the bytes do not have the digest of the reference or of the
    ///   registry's own `Docker-Content-Digest`; `notFound`, `repositoryNotFound`, `malformed` and the others.
    public func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        if let digest = reference.digest { return try await manifest(reference.repository, digest) }
        let tag = reference.tagOrLatest
        return try await fetchManifest(
            reference.repository,
            tag,
            subject: "manifest \(tag)",
            limit: Manifest.maximumBytes,
            by: deadline()
        )
    }

    /// Fetches a manifest by its digest.
    ///
    /// - Throws: ``RegistryError``; `digestMismatch` when the bytes have another digest.
    public func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest
    {
        let fetched = try await fetchManifest(
            repository,
            digest.description,
            subject: "manifest \(digest.short)",
            digest: digest,
            limit: Manifest.maximumBytes,
            by: deadline()
        )
        return fetched
    }

    /// Fetches the manifest a descriptor speaks of.
    ///
    /// - Throws: ``RegistryError``; `digestMismatch` when digest or size differ, `malformed` when the media type does,
    ///   `tooLarge` when the descriptor announces more than 4 MiB (nothing is fetched then).
    public func manifest(
        _ repository: RepositoryName,
        _ descriptor: Descriptor
    ) async throws(RegistryError) -> FetchedManifest {
        let subject = "manifest \(descriptor.digest.short)"
        func failure(_ code: RegistryError.Code, _ cause: String) -> RegistryError {
            RegistryError(
                code,
                "cannot fetch \(subject) of \(repository): \(cause)",
                host: repository.registry,
                repository: repository.path
            )
        }
        guard descriptor.size <= Manifest.maximumBytes else {
            throw failure(
                .tooLarge,
                "it is said to have \(descriptor.size) bytes; \(Manifest.maximumBytes) are accepted"
            )
        }
        let fetched = try await fetchManifest(
            repository,
            descriptor.digest.description,
            subject: subject,
            digest: descriptor.digest,
            limit: Manifest.maximumBytes,
            by: deadline()
        )
        guard fetched.descriptor.size == descriptor.size else {
            throw failure(
                .digestMismatch,
                "it has \(fetched.descriptor.size) bytes where \(descriptor.size) were announced"
            )
        }
        guard fetched.descriptor.mediaType == descriptor.mediaType else {
            throw failure(
                .malformed,
                "it is of type \(fetched.descriptor.mediaType) where \(descriptor.mediaType) was announced"
            )
        }
        return fetched
    }

    static let manifestTypes: [MediaType] = [.ociManifest, .ociIndex, .dockerManifest, .dockerManifestList]

    /// Fetches `manifests/<name>` and checks it against `digest`, or against what the registry says the digest is.
    func fetchManifest(
        _ repository: RepositoryName,
        _ name: String,
        subject: String,
        digest: Digest? = nil,
        limit: Int,
        by deadline: Deadline
    ) async throws(RegistryError) -> FetchedManifest {
        let session = try session(for: repository)
        let request = RegistryRequest(
            repository: repository,
            subject: subject,
            url: try session.endpoint.url(repository, "manifests/\(name)"),
            accept: Self.manifestTypes,
            limit: .bytes(limit),
            isManifest: true,
            isChangeable: digest == nil
        )
        let response = try await session.fetch(request, by: deadline)
        do {
            return try Self.check(response, against: digest, request)
        } catch {
            session.forget(request)
            throw error
        }
    }

    private static func check(
        _ response: OutboundResponse,
        against digest: Digest?,
        _ request: RegistryRequest
    ) throws(RegistryError) -> FetchedManifest {
        var expected = digest
        if expected == nil, let announced = response.headers.values("docker-content-digest").first {
            do {
                expected = try Digest(announced)
            } catch {
                throw RegistryError(
                    .malformed,
                    "\(request.sentence): the registry announced a digest that is none",
                    asking: request
                )
            }
        }
        if let expected, !expected.matches(response.body) {
            let actual = Digest.of(response.body, algorithm: expected.algorithm)
            throw RegistryError(
                .digestMismatch,
                "\(request.sentence): the registry sent \(actual) where \(expected) was expected",
                asking: request
            )
        }
        guard let contentType = response.contentType else {
            throw RegistryError(
                .malformed,
                "\(request.sentence): the registry sent it without a Content-Type",
                asking: request
            )
        }
        let manifest: Manifest
        do {
            manifest = try Manifest(bytes: response.body, contentType: contentType)
        } catch {
            throw RegistryError(.malformed, "\(request.sentence): \(error.message)", asking: request)
        }
        let descriptor = Descriptor(
            of: response.body,
            mediaType: contentType,
            algorithm: digest?.algorithm ?? .sha256
        )
        return FetchedManifest(descriptor: descriptor, bytes: response.body, manifest: manifest)
    }
}

extension OutboundResponse {
    /// The media type of `Content-Type`, without parameters; `nil` when there is none, or more than one.
    var contentType: MediaType? {
        let values = headers.values("content-type")
        guard values.count == 1, let value = values.first else { return nil }
        let type = value.utf8.prefix { $0 != UInt8(ascii: ";") }
            .filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        return type.isEmpty ? nil : MediaType(String(decoding: type, as: UTF8.self))
    }
}
