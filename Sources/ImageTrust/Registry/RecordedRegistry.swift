public import OCIModel
public import OCIRegistry

/// A registry that gives answers which were recorded, and asks nobody.
///
/// What was not asked then cannot be answered now: that is an outage, which never reads as "unsigned".
public struct RecordedRegistry: ImageRegistry {
    private let answers: [RecordingRegistry.Question: RecordingRegistry.Answer]

    /// Creates a registry.
    ///
    /// - Parameter exchanges: what was asked and answered. Manifests and blobs have to match the digests they were asked
    ///   for; of a question that was asked several times the first answer counts.
    public init(_ exchanges: [RecordingRegistry.Exchange]) {
        var answers: [RecordingRegistry.Question: RecordingRegistry.Answer] = [:]
        for exchange in exchanges {
            let question = Self.plain(exchange.question)
            if answers[question] == nil { answers[question] = exchange.answer }
        }
        // What a reference led to is known under its digest as well.
        for exchange in exchanges {
            guard case .resolve(let reference) = exchange.question, case .manifest(let manifest)? = exchange.answer
            else {
                continue
            }
            let question = RecordingRegistry.Question.manifest(reference.repository, manifest.descriptor.digest)
            if answers[question] == nil { answers[question] = exchange.answer }
        }
        self.answers = answers
    }

    /// See ``ImageRegistry/resolve(_:)``.
    public func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        guard case .manifest(let manifest) = try answer(.resolve(reference), reference.repository) else {
            throw Self.missing("the manifest of \(reference)", reference.repository)
        }
        return manifest
    }

    /// See ``ImageRegistry/manifest(_:_:)``.
    public func manifest(
        _ repository: RepositoryName,
        _ digest: Digest
    ) async throws(RegistryError) -> FetchedManifest {
        guard case .manifest(let manifest) = try answer(.manifest(repository, digest), repository) else {
            throw Self.missing("the manifest \(repository)@\(digest)", repository)
        }
        return manifest
    }

    /// See ``ImageRegistry/blob(_:_:limit:)``.
    public func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        guard case .blob(let bytes) = try answer(.blob(repository, descriptor), repository) else {
            throw Self.missing("the blob \(repository)@\(descriptor.digest)", repository)
        }
        guard bytes.count <= limit else {
            throw RegistryError(
                .tooLarge,
                "the recorded blob \(descriptor.digest.short) has more than \(limit) bytes",
                host: repository.registry,
                repository: repository.path
            )
        }
        return bytes
    }

    /// See ``ImageRegistry/referrers(_:to:artifactType:)``.
    public func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        let question = RecordingRegistry.Question.referrers(repository, to: subject, artifactType: artifactType)
        guard case .referrers(let descriptors) = try answer(question, repository) else {
            throw Self.missing("what refers to \(repository)@\(subject)", repository)
        }
        return descriptors
    }

    /// See ``ImageRegistry/target(_:of:within:)``; the manifest that a tag was resolved to answers as well.
    public func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        if case .target(let digest) = try answer(.target(repository, tag: tag), repository) { return digest }
        let tagged = ImageReference(repository: repository, tag: tag)
        if case .manifest(let manifest) = try answer(.resolve(tagged), repository) { return manifest.descriptor.digest }
        throw Self.missing("where \(tagged) leads", repository)
    }

    /// The answer; `nil` when there is none.
    private func answer(
        _ question: RecordingRegistry.Question,
        _ repository: RepositoryName
    ) throws(RegistryError) -> RecordingRegistry.Answer? {
        let answer = answers[Self.plain(question)]
        if case .failure(let error) = answer { throw error }
        return answer
    }

    /// The question without what does not decide about the answer.
    private static func plain(_ question: RecordingRegistry.Question) -> RecordingRegistry.Question {
        guard case .blob(let repository, let descriptor) = question else { return question }
        let plain = Descriptor(mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size)
        return .blob(repository, plain)
    }

    private static func missing(_ what: String, _ repository: RepositoryName) -> RegistryError {
        RegistryError(
            .unreachable,
            "\(what) was not recorded, and nobody is asked",
            host: repository.registry,
            repository: repository.path
        )
    }
}
