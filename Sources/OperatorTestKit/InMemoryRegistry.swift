public import ImageTrust
import JSONModel
public import OCIModel
public import OCIRegistry
import SigningTestDescriptors
public import SigningTestKit
import Synchronization

/// A registry in memory whose images tests push, sign and take offline.
public final class InMemoryRegistry: ImageRegistry {
    fileprivate struct State {
        var manifests: [Digest: FetchedManifest] = [:]
        var blobs: [Digest: [UInt8]] = [:]
        var referrers: [Digest: [Descriptor]] = [:]
        var tags: [String: Digest] = [:]
        var looksAtTags = 0
        var isDown = false
        var accepted: Set<RegistryCredential>?
        var listings = 0
        var tenants: Set<String> = []
        var held: String?
        var waiting: [AsyncStream<Never>.Continuation] = []
        var watchers: [(waiting: Int, continuation: AsyncStream<Never>.Continuation)] = []

        mutating func tellWatchers() {
            for watcher in watchers where watcher.waiting <= waiting.count { watcher.continuation.finish() }
            watchers.removeAll { $0.waiting <= waiting.count }
        }
    }

    /// The host that its images name.
    public static let host = "registry.example.com"
    private let state = Mutex(State())

    /// Creates an empty registry.
    public init() {}

    /// How often signatures were listed.
    public var listings: Int { state.withLock(\.listings) }

    /// How often it was asked where a tag leads.
    public var looksAtTags: Int { state.withLock(\.looksAtTags) }

    /// Makes a tag lead to a manifest or index; `nil` takes the tag away.
    public func tag(_ name: String, _ target: Descriptor?) { state.withLock { $0.tags[name] = target?.digest } }

    /// Pushes an index of `images`, each for its platform.
    public func push(index images: [(platform: Platform, image: Descriptor)]) throws -> Descriptor {
        let entries = images.map { platform, image in
            var entry = image
            entry.platform = platform
            return entry.json
        }
        return try push(
            manifest: JSONSerializer().bytes([
                "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue), "manifests": .array(entries),
            ]),
            as: .ociIndex
        )
    }

    /// Makes every request fail, as while the registry is down.
    public func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    /// Pushes an image whose content depends on `name` alone.
    public func push(_ name: String) throws -> Descriptor {
        let config = Descriptor(of: Array("config of \(name)".utf8), mediaType: .ociConfig)
        return try push(
            manifest: JSONSerializer().bytes([
                "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
                "layers": [],
            ])
        )
    }

    /// Signs `image` and attaches the signature.
    public func sign(_ image: Descriptor, by chain: TestChain) throws {
        try attach(try TestSignature.sign(image, chain: chain), to: image)
    }

    /// Lists a signature, made elsewhere, among those of an image.
    ///
    /// - Parameters:
    ///   - signature: the signature.
    ///   - image: the image.
    /// - Throws: what reading its manifest throws.
    public func attach(_ signature: TestSignature, to image: Descriptor) throws {
        _ = try push(manifest: signature.manifest)
        state.withLock {
            $0.blobs[Digest.of(signature.envelope)] = signature.envelope
            $0.referrers[image.digest, default: []].append(signature.descriptor)
        }
    }

    /// Takes every signature of `image` away.
    public func removeSignatures(of image: Descriptor) { state.withLock { $0.referrers[image.digest] = nil } }

    private func push(manifest bytes: [UInt8], as mediaType: MediaType = .ociManifest) throws -> Descriptor {
        let descriptor = Descriptor(of: bytes, mediaType: mediaType)
        let manifest = try Manifest(bytes: bytes, contentType: mediaType)
        state.withLock {
            $0.manifests[descriptor.digest] = FetchedManifest(descriptor: descriptor, bytes: bytes, manifest: manifest)
        }
        return descriptor
    }

    /// Makes requests without one of `credentials` fail; `nil` lets everybody in again.
    public func demand(_ credentials: Set<RegistryCredential>?) { state.withLock { $0.accepted = credentials } }

    /// On whose accounts it was asked (``RegistryTenant``).
    public var tenants: Set<String> { state.withLock(\.tenants) }

    /// How many requests wait because their tenant is held.
    public var waiting: Int { state.withLock(\.waiting.count) }

    /// Lets requests of `tenant`, and of nobody else, wait until the next call; `nil` lets all go on.
    public func hold(_ tenant: String?) {
        let released = state.withLock { state in
            state.held = tenant
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in released { continuation.finish() }
    }

    /// Returns once so many requests wait because their tenant is held.
    public func waitForHeld(_ count: Int) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        state.withLock { state in
            state.watchers.append((count, continuation))
            state.tellWatchers()
        }
        for await _ in stream {}
    }

    fileprivate func enter() async {
        let tenant = RegistryTenant.name
        let wait = state.withLock { state -> AsyncStream<Never>? in
            state.tenants.insert(tenant)
            guard state.held == tenant else { return nil }
            let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
            state.waiting.append(continuation)
            state.tellWatchers()
            return stream
        }
        if let wait { for await _ in wait {} }
    }

    fileprivate func answer<Answer: Sendable>(
        _ repository: RepositoryName,
        as credential: RegistryCredential?,
        _ read: (inout State) -> Answer?
    ) async throws(RegistryError) -> Answer {
        await enter()
        let (refusal, answer) = state.withLock { state -> (RegistryError.Code?, Answer?) in
            if state.isDown { return (.unreachable, nil) }
            if let accepted = state.accepted, !(credential.map(accepted.contains) ?? false) {
                return (.unauthorized, nil)
            }
            return (nil, read(&state))
        }
        if let answer { return answer }
        let message =
            switch refusal {
            case .unreachable: "\(Self.host) refuses connections"
            case .unauthorized:
                "\(repository): the registry refused \(credential?.description ?? "an anonymous request")"
            default: "\(repository) has no such content"
            }
        throw RegistryError(refusal ?? .notFound, message, host: Self.host, repository: repository.path)
    }

    /// The manifest of an image that was pushed.
    public func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        try await InMemoryRegistryView(registry: self, credential: nil).resolve(reference)
    }

    /// A manifest that was pushed.
    public func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest
    {
        try await InMemoryRegistryView(registry: self, credential: nil).manifest(repository, digest)
    }

    /// A blob that was pushed.
    public func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        try await InMemoryRegistryView(registry: self, credential: nil).blob(repository, descriptor, limit: limit)
    }

    /// The signatures of an image.
    public func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        try await InMemoryRegistryView(registry: self, credential: nil)
            .referrers(repository, to: subject, artifactType: artifactType)
    }

    /// Where a tag leads.
    public func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        try await InMemoryRegistryView(registry: self, credential: nil).target(repository, of: tag, within: age)
    }
}

extension InMemoryRegistry: CredentialedRegistries {
    /// The registry as whoever has `credential` sees it.
    public func registry(at host: String, with credential: RegistryCredential) -> any ImageRegistry {
        InMemoryRegistryView(registry: self, credential: credential)
    }
}

/// A registry in memory as somebody sees it.
private struct InMemoryRegistryView: ImageRegistry {
    let registry: InMemoryRegistry
    let credential: RegistryCredential?

    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        try await registry.answer(reference.repository, as: credential) { state in
            (reference.digest ?? state.tags[reference.tagOrLatest]).flatMap { state.manifests[$0] }
        }
    }

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        try await registry.answer(repository, as: credential) { $0.manifests[digest] }
    }

    func blob(_ repository: RepositoryName, _ descriptor: Descriptor, limit: Int) async throws(RegistryError) -> [UInt8]
    {
        try await registry.answer(repository, as: credential) { $0.blobs[descriptor.digest] }
    }

    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        try await registry.answer(repository, as: credential) { state in
            state.listings += 1
            return state.referrers[subject] ?? []
        }
    }

    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        try await registry.answer(repository, as: credential) { state in
            state.looksAtTags += 1
            return state.tags[tag]
        }
    }
}
