import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Synchronization

/// A registry in memory that does as it is told and writes down what it is asked.
final class ScriptedRegistry: ImageRegistry {
    /// One question.
    enum Call: Hashable, Sendable {
        /// By reference, written out.
        case resolve(String)
        case manifest(Digest)
        case blob(Digest)
        case referrers(Digest)
        case tag(String)
    }

    private struct State {
        var manifests: [Digest: FetchedManifest] = [:]
        var tags: [String: Digest] = [:]
        var blobs: [Digest: [UInt8]] = [:]
        var referrers: [Digest: [Descriptor]] = [:]
        var failures: [Call: RegistryError.Code] = [:]
        var calls: [Call] = []
        var hook: (@Sendable (Call) async -> Void)?
    }

    static let host = "registry.example.com"
    private let state = Mutex(State())

    // MARK: What it holds

    /// Stores a manifest of whatever kind, also under `tag`, and returns its descriptor.
    @discardableResult
    func push(
        _ bytes: [UInt8],
        as mediaType: MediaType,
        tag: String? = nil,
        algorithm: Digest.Algorithm = .sha256
    ) throws -> Descriptor {
        let descriptor = Descriptor(of: bytes, mediaType: mediaType, algorithm: algorithm)
        let manifest = try Manifest(bytes: bytes, contentType: mediaType)
        state.withLock {
            $0.manifests[descriptor.digest] = FetchedManifest(descriptor: descriptor, bytes: bytes, manifest: manifest)
            if let tag { $0.tags[tag] = descriptor.digest }
        }
        return descriptor
    }

    /// Stores a signature and lists it as a referrer of `subject`.
    func attach(_ signature: TestSignature, to subject: Descriptor) throws {
        try push(signature.manifest, as: .ociManifest)
        put(signature.envelope)
        list(signature.descriptor, under: subject.digest)
    }

    func put(_ blob: [UInt8]) { state.withLock { $0.blobs[Digest.of(blob)] = blob } }

    func list(_ referrer: Descriptor, under subject: Digest) {
        state.withLock { $0.referrers[subject, default: []].append(referrer) }
    }

    func hasReferrers(_ subject: Digest) -> Bool { state.withLock { $0.referrers[subject]?.isEmpty == false } }

    func unlist(_ subject: Digest) { state.withLock { $0.referrers[subject] = nil } }

    /// Makes a tag lead to what was pushed.
    func tag(_ tag: String, _ target: Descriptor) { state.withLock { $0.tags[tag] = target.digest } }

    func untag(_ tag: String) { state.withLock { $0.tags[tag] = nil } }

    // MARK: What it does

    /// Fails whenever it is asked this; `nil` makes it well again.
    func fail(_ call: Call, _ code: RegistryError.Code?) { state.withLock { $0.failures[call] = code } }

    /// Runs before each answer.
    func onCall(_ hook: (@Sendable (Call) async -> Void)?) { state.withLock { $0.hook = hook } }

    /// Everything it was asked, in order.
    var calls: [Call] { state.withLock { $0.calls } }

    func forgetCalls() { state.withLock { $0.calls = [] } }

    private func enter(_ call: Call) async throws(RegistryError) {
        let hook = state.withLock { state in
            state.calls.append(call)
            return state.hook
        }
        await hook?(call)
        if Task.isCancelled { throw Self.error(.cancelled) }
        if let code = state.withLock({ $0.failures[call] }) { throw Self.error(code) }
    }

    private static func error(_ code: RegistryError.Code) -> RegistryError {
        RegistryError(code, "scripted \(code.rawValue)", host: host, repository: "shop/web")
    }

    private func stored<Value: Sendable>(
        _ find: @Sendable (borrowing State) -> Value?
    ) throws(RegistryError) -> Value {
        guard let value = state.withLock({ find($0) }) else { throw Self.error(.notFound) }
        return value
    }

    // MARK: ImageRegistry

    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        try await enter(.resolve(reference.description))
        return try stored { state in
            (reference.digest ?? state.tags[reference.tagOrLatest]).flatMap { state.manifests[$0] }
        }
    }

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        try await enter(.manifest(digest))
        return try stored { $0.manifests[digest] }
    }

    func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        try await enter(.blob(descriptor.digest))
        guard descriptor.size <= limit else { throw Self.error(.tooLarge) }
        let bytes = try stored { $0.blobs[descriptor.digest] }
        guard Int64(bytes.count) == descriptor.size else { throw Self.error(.digestMismatch) }
        return bytes
    }

    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        try await enter(.referrers(subject))
        let listed = state.withLock { $0.referrers[subject] ?? [] }
        return listed.filter { artifactType == nil || $0.artifactType == artifactType }
    }

    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        try await enter(.tag(tag))
        return try stored { $0.tags[tag] }
    }
}
