public import ImageTrust
import JSONModel
public import OCIModel
public import OCIRegistry
public import SigningTestKit
import Synchronization

/// A registry in memory whose images tests push, sign and take offline.
public final class InMemoryRegistry: ImageRegistry {
    private struct State {
        var manifests: [Digest: FetchedManifest] = [:]
        var blobs: [Digest: [UInt8]] = [:]
        var referrers: [Digest: [Descriptor]] = [:]
        var isDown = false
        var listings = 0
    }

    /// The host that its images name.
    public static let host = "registry.example.com"
    private let state = Mutex(State())

    /// Creates an empty registry.
    public init() {}

    /// How often signatures were listed.
    public var listings: Int { state.withLock(\.listings) }

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
        let signature = try TestSignature.sign(image, chain: chain)
        _ = try push(manifest: signature.manifest)
        state.withLock {
            $0.blobs[Digest.of(signature.envelope)] = signature.envelope
            $0.referrers[image.digest, default: []].append(signature.descriptor)
        }
    }

    private func push(manifest bytes: [UInt8]) throws -> Descriptor {
        let descriptor = Descriptor(of: bytes, mediaType: .ociManifest)
        let manifest = try Manifest(bytes: bytes, contentType: .ociManifest)
        state.withLock {
            $0.manifests[descriptor.digest] = FetchedManifest(descriptor: descriptor, bytes: bytes, manifest: manifest)
        }
        return descriptor
    }

    private func answer<Answer: Sendable>(
        _ repository: RepositoryName,
        _ read: (inout State) -> Answer?
    ) throws(RegistryError) -> Answer {
        let (isDown, answer) = state.withLock { state in (state.isDown, state.isDown ? nil : read(&state)) }
        if let answer { return answer }
        throw RegistryError(
            isDown ? .unreachable : .notFound,
            isDown ? "\(Self.host) refuses connections" : "\(repository) has no such content",
            host: Self.host,
            repository: repository.path
        )
    }

    /// The manifest of an image that was pushed.
    public func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        try answer(reference.repository) { state in reference.digest.flatMap { state.manifests[$0] } }
    }

    /// A manifest that was pushed.
    public func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest
    {
        try answer(repository) { $0.manifests[digest] }
    }

    /// A blob that was pushed.
    public func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        try answer(repository) { $0.blobs[descriptor.digest] }
    }

    /// The signatures of an image.
    public func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        try answer(repository) { state in
            state.listings += 1
            return state.referrers[subject] ?? []
        }
    }
}
