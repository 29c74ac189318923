import NotaryVerification
import OCIModel
import OCIRegistry
import TrustModel

/// Gathers the Notary Project signatures of a manifest from its repository.
struct SignatureCollector: Sendable {
    /// The largest envelope fetched, in bytes.
    ///
    /// notation accepts 32 MiB; real ones have a few KiB.
    static let maximumEnvelopeBytes = 4 << 20
    /// How many candidates are fetched side by side.
    static let parallelFetches = 4
    /// After so many candidates that could not be asked for, the registry is left alone.
    static let maximumOutages = 8

    let registry: any ImageRegistry
    /// The most candidates tried for one manifest.
    let maximumSignatures: Int

    /// Lists what may be signatures that refer to `subject`, each once.
    ///
    /// - Throws: `RegistryError` when the listing could not be had.
    func candidates(
        _ repository: RepositoryName,
        subject: Descriptor
    ) async throws(RegistryError) -> [Descriptor] {
        let listed = try await registry.referrers(
            repository,
            to: subject.digest,
            artifactType: .notarySignature
        )
        var seen: Set<Digest> = []
        return listed.filter { seen.insert($0.digest).inserted }
    }

    /// Fetches the candidates that refer to `subject`.
    ///
    /// One bad candidate never hides another: it is recorded and the rest is fetched all the same.
    func collect(
        _ candidates: [Descriptor],
        in repository: RepositoryName,
        subject: Descriptor
    ) async -> SignatureCollection {
        var collection = SignatureCollection()
        collection.isTruncated = candidates.count > maximumSignatures
        let tried = Array(candidates.prefix(maximumSignatures))
        await withTaskGroup(of: (Int, Candidate).self) { group in
            var next = 0
            var outages = 0
            var results: [(Int, Candidate)] = []
            while true {
                while next < tried.count, next - results.count < Self.parallelFetches, outages < Self.maximumOutages {
                    let (index, descriptor) = (next, tried[next])
                    group.addTask { (index, await fetch(repository, descriptor, subject: subject)) }
                    next += 1
                }
                guard let result = await group.next() else { break }
                if case .unreachable = result.1 { outages += 1 }
                results.append(result)
            }
            for (_, candidate) in results.sorted(by: { $0.0 < $1.0 }) { collection.add(candidate) }
        }
        return collection
    }

    private func fetch(
        _ repository: RepositoryName,
        _ listed: Descriptor,
        subject: Descriptor
    ) async -> Candidate {
        do throws(RegistryError) {
            let fetched = try await registry.manifest(repository, listed.digest)
            let layer: Descriptor
            switch SignatureManifest.envelope(in: fetched, subject: subject) {
            case .envelope(let descriptor): layer = descriptor
            case .otherArtifact: return .otherArtifact
            case .malformed(let message):
                return .unreadable(
                    UnreadableSignature(manifest: listed.digest, reason: .evidenceMalformed, message: message)
                )
            }
            let bytes = try await registry.blob(repository, layer, limit: Self.maximumEnvelopeBytes)
            return .signature(
                SignatureEvidence(manifestDigest: listed.digest, mediaType: layer.mediaType, envelope: bytes)
            )
        } catch {
            return Self.candidate(listed.digest, failedWith: error)
        }
    }

    /// Bytes that are wrong or missing speak against the candidate; a registry that cannot be asked speaks of nothing.
    private static func candidate(_ manifest: Digest, failedWith error: RegistryError) -> Candidate {
        switch error.code {
        case .digestMismatch:
            .unreadable(
                UnreadableSignature(
                    manifest: manifest,
                    reason: .signatureInvalid,
                    message: "signature \(manifest.short) was altered in the registry: \(error.message)"
                )
            )
        case .notFound, .repositoryNotFound, .tooLarge, .malformed:
            .unreadable(
                UnreadableSignature(
                    manifest: manifest,
                    reason: .evidenceMalformed,
                    message: "signature \(manifest.short) cannot be fetched: \(error.message)"
                )
            )
        default: .unreachable(error)
        }
    }

    enum Candidate: Sendable {
        case signature(SignatureEvidence)
        case unreadable(UnreadableSignature)
        case unreachable(RegistryError)
        case otherArtifact
    }
}

extension SignatureCollection {
    fileprivate mutating func add(_ candidate: SignatureCollector.Candidate) {
        switch candidate {
        case .signature(let signature): signatures.append(signature)
        case .unreadable(let candidate): unreadable.append(candidate)
        case .unreachable(let error): unreachable.append(error)
        case .otherArtifact: break
        }
    }
}
