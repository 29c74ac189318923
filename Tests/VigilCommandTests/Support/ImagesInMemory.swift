import ImageTrust
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Synchronization

/// A registry in memory: what was put into it, nothing else; every repository not put there is unreachable or missing.
final class ImagesInMemory: ImageRegistry {
    private struct Content {
        var manifests: [Digest: FetchedManifest] = [:]
        var blobs: [Digest: [UInt8]] = [:]
        var tags: [String: Digest] = [:]
        var referrers: [Digest: [Descriptor]] = [:]
        var asked: [String] = []
        var waiting: Int = 0
        var largestWaiting: Int = 0
    }

    private let content = Mutex(Content())
    /// Registries that do not answer at all: asking them waits until cancelled.
    let silentHosts: Set<String>
    /// Registries that refuse connections.
    let unreachableHosts: Set<String>

    init(silentHosts: Set<String> = [], unreachableHosts: Set<String> = []) {
        self.silentHosts = silentHosts
        self.unreachableHosts = unreachableHosts
    }

    /// What was asked for by reference, in order.
    var asked: [String] { content.withLock { $0.asked } }

    /// Puts an image under `repository:tag`, signed by each of `chains`.
    @discardableResult
    func push(
        _ name: String,
        signedBy chains: [TestChain] = [],
        alteringSignature: Bool = false,
        annotations: [String: String] = [:]
    ) throws -> Descriptor {
        let reference = try ImageReference(name)
        let config = Array("{\"name\":\"\(name)\"}".utf8)
        let manifest = Array(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\(Digest.of(config))",\
            "size":\(config.count)},"layers":[]}
            """.utf8
        )
        let fetched = try Self.fetched(manifest)
        var signatures: [(TestSignature, FetchedManifest)] = []
        for chain in chains {
            var signature = try TestSignature.sign(
                fetched.descriptor,
                chain: chain,
                request: SigningRequest(fetched.descriptor, annotations: annotations)
            )
            if alteringSignature {
                let envelope = Array(
                    String(decoding: signature.envelope, as: UTF8.self).reversed().map(String.init).joined().utf8
                )
                signature = TestSignature(
                    subject: fetched.descriptor,
                    envelope: envelope,
                    mediaType: MediaType(signature.mediaType)
                )
            }
            signatures.append((signature, try Self.fetched(signature.manifest)))
        }
        content.withLock { content in
            content.tags["\(reference.repository):\(reference.tagOrLatest)"] = fetched.descriptor.digest
            content.manifests[fetched.descriptor.digest] = fetched
            for (signature, manifest) in signatures {
                content.manifests[manifest.descriptor.digest] = manifest
                content.blobs[Digest.of(signature.envelope)] = signature.envelope
                content.referrers[fetched.descriptor.digest, default: []].append(signature.descriptor)
            }
        }
        return fetched.descriptor
    }

    /// Attaches a signature of any shape.
    func attach(_ signature: TestSignature, to subject: Descriptor) throws {
        let manifest = try Self.fetched(signature.manifest)
        content.withLock { content in
            content.manifests[manifest.descriptor.digest] = manifest
            content.blobs[Digest.of(signature.envelope)] = signature.envelope
            content.referrers[subject.digest, default: []].append(signature.descriptor)
        }
    }

    /// Lists `descriptor` as referring to `subject`, whether or not it is there.
    func list(_ descriptor: Descriptor, under subject: Digest) {
        content.withLock { $0.referrers[subject, default: []].append(descriptor) }
    }

    private static func fetched(_ bytes: [UInt8]) throws -> FetchedManifest {
        FetchedManifest(
            descriptor: Descriptor(of: bytes, mediaType: .ociManifest),
            bytes: bytes,
            manifest: try Manifest(bytes: bytes, contentType: .ociManifest)
        )
    }

    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        content.withLock { $0.asked.append(reference.description) }
        try await reach(reference.repository)
        let digest = content.withLock { content in
            reference.digest ?? content.tags["\(reference.repository):\(reference.tagOrLatest)"]
        }
        guard let digest else { throw Self.missing(reference.repository, "\(reference)") }
        return try await manifest(reference.repository, digest)
    }

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        guard let manifest = content.withLock({ $0.manifests[digest] }) else {
            throw Self.missing(repository, digest.short)
        }
        return manifest
    }

    func blob(_ repository: RepositoryName, _ descriptor: Descriptor, limit: Int) async throws(RegistryError) -> [UInt8]
    {
        guard let blob = content.withLock({ $0.blobs[descriptor.digest] }) else {
            throw Self.missing(repository, descriptor.digest.short)
        }
        return blob
    }

    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        content.withLock { $0.referrers[subject] ?? [] }
            .filter { artifactType == nil || $0.artifactType == artifactType }
    }

    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        try await reach(repository)
        guard let digest = content.withLock({ $0.tags["\(repository):\(tag)"] }) else {
            throw Self.missing(repository, tag)
        }
        return digest
    }

    private func reach(_ repository: RepositoryName) async throws(RegistryError) {
        if unreachableHosts.contains(repository.registry) {
            throw RegistryError(
                .unreachable,
                "\(repository.registry) cannot be reached: connection refused",
                host: repository.registry,
                repository: repository.path
            )
        }
        guard silentHosts.contains(repository.registry) else { return }
        content.withLock {
            $0.waiting += 1
            $0.largestWaiting = max($0.largestWaiting, $0.waiting)
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
        continuation.finish()
        content.withLock { $0.waiting -= 1 }
        throw RegistryError(.cancelled, "cancelled", host: repository.registry, repository: repository.path)
    }

    private static func missing(_ repository: RepositoryName, _ what: String) -> RegistryError {
        RegistryError(.notFound, "\(what) does not exist", host: repository.registry, repository: repository.path)
    }
}
