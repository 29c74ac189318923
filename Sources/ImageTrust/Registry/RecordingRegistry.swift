public import OCIModel
public import OCIRegistry
import Synchronization

/// Passes every question on to another registry, and keeps it with the answer.
public final class RecordingRegistry: ImageRegistry {
    /// What was asked.
    public enum Question: Sendable, Hashable {
        /// The manifest that a reference names.
        case resolve(ImageReference)
        /// A manifest by its digest.
        case manifest(RepositoryName, Digest)
        /// A blob.
        case blob(RepositoryName, Descriptor)
        /// What refers to a manifest, of one type or of every type.
        case referrers(RepositoryName, to: Digest, artifactType: MediaType?)
        /// Where a tag leads.
        case target(RepositoryName, tag: String)
    }

    /// What came back.
    public enum Answer: Sendable, Hashable {
        case manifest(FetchedManifest)
        case blob([UInt8])
        case referrers([Descriptor])
        case target(Digest)
        case failure(RegistryError)
    }

    /// A question and its answer.
    public struct Exchange: Sendable, Hashable {
        /// What was asked.
        public let question: Question
        /// What came back; `nil` while nothing has.
        public internal(set) var answer: Answer?
    }

    private let base: any ImageRegistry
    private let kept = Mutex<[Exchange]>([])

    /// Creates a recorder in front of `base`.
    public init(_ base: any ImageRegistry) { self.base = base }

    /// What was asked so far, in the order in which it was.
    public var exchanges: [Exchange] { kept.withLock(\.self) }

    /// See ``ImageRegistry/resolve(_:)``.
    public func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        let base = base
        return try await record(.resolve(reference), Answer.manifest) { () async throws(RegistryError) in
            try await base.resolve(reference)
        }
    }

    /// See ``ImageRegistry/manifest(_:_:)``.
    public func manifest(
        _ repository: RepositoryName,
        _ digest: Digest
    ) async throws(RegistryError) -> FetchedManifest {
        let base = base
        return try await record(.manifest(repository, digest), Answer.manifest) { () async throws(RegistryError) in
            try await base.manifest(repository, digest)
        }
    }

    /// See ``ImageRegistry/blob(_:_:limit:)``.
    public func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        let base = base
        return try await record(.blob(repository, descriptor), Answer.blob) { () async throws(RegistryError) in
            try await base.blob(repository, descriptor, limit: limit)
        }
    }

    /// See ``ImageRegistry/referrers(_:to:artifactType:)``.
    public func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        let base = base
        let question = Question.referrers(repository, to: subject, artifactType: artifactType)
        return try await record(question, Answer.referrers) { () async throws(RegistryError) in
            try await base.referrers(repository, to: subject, artifactType: artifactType)
        }
    }

    /// See ``ImageRegistry/target(_:of:within:)``.
    public func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        let base = base
        return try await record(.target(repository, tag: tag), Answer.target) { () async throws(RegistryError) in
            try await base.target(repository, of: tag, within: age)
        }
    }

    private func record<Value>(
        _ question: Question,
        _ answer: (Value) -> Answer,
        _ ask: () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        let index = kept.withLock { kept in
            kept.append(Exchange(question: question))
            return kept.count - 1
        }
        do throws(RegistryError) {
            let value = try await ask()
            let recorded = answer(value)
            kept.withLock { $0[index].answer = recorded }
            return value
        } catch {
            kept.withLock { $0[index].answer = .failure(error) }
            throw error
        }
    }
}
