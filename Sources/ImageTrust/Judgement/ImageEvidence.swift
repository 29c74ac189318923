import OCIModel
import OCIRegistry

/// The evidence about one image, gathered as it is asked for and at most once: several policies and authorities of one
/// judgement share it. They ask one after the other.
actor ImageEvidence {
    let image: ImageReference
    let platform: Platform?
    private let registry: any ImageRegistry
    private let collector: SignatureCollector
    private var resolved: Result<FetchedManifest, RegistryError>?
    private var listings: [Digest: Result<[Descriptor], RegistryError>] = [:]
    private var collections: [Digest: SignatureCollection] = [:]
    private var knownAlternative: Result<Alternative, RegistryError>?

    /// What can vouch for the image in its stead.
    enum Alternative: Sendable, Hashable {
        /// The index that lists the running platform manifest.
        case index(Descriptor)
        /// The platform manifests of the running index that could be what runs: all of them must be vouched for.
        case platforms([Descriptor])
        /// Nothing, where worth saying with the reason for that.
        case nothing(because: String?)
    }

    /// The most platform manifests of one index that are looked at.
    static let maximumPlatforms = 32

    init(
        registry: any ImageRegistry,
        image: ImageReference,
        platform: Platform?,
        maximumSignatures: Int = ImageJudge.usualMaximumSignatures
    ) {
        self.registry = registry
        self.image = image
        self.platform = platform
        collector = SignatureCollector(registry: registry, maximumSignatures: maximumSignatures)
    }

    /// The most signatures tried for one manifest.
    nonisolated var maximumSignatures: Int { collector.maximumSignatures }

    /// The manifest or index that the reference means.
    func resolution() async -> Result<FetchedManifest, RegistryError> {
        if let resolved { return resolved }
        let result: Result<FetchedManifest, RegistryError>
        do throws(RegistryError) {
            result = .success(try await resolve())
        } catch {
            result = .failure(error)
        }
        resolved = result
        return result
    }

    private func resolve() async throws(RegistryError) -> FetchedManifest {
        let fetched = try await registry.resolve(image)
        // One digest flows through everything, and it is the one that was asked for (CVE-2023-33959).
        if let digest = image.digest, fetched.descriptor.digest != digest {
            throw RegistryError(
                .digestMismatch,
                "\(image.repository) gave \(fetched.descriptor.digest) when asked for \(digest)",
                host: image.repository.registry,
                repository: image.repository.path
            )
        }
        return fetched
    }

    /// The digests that run when the image does: its own under every algorithm, so that a decision holds however the
    /// image is referred to, and those of the platform manifests it lists.
    func runningDigests(_ resolved: FetchedManifest) -> [Digest] {
        let own = Digest.Algorithm.allCases.map { Digest.of(resolved.bytes, algorithm: $0) }
        guard case .index(let index) = resolved.manifest else { return own }
        return own + RunnablePlatforms.entries(of: index, on: platform).map(\.digest)
    }

    /// What the registry lists as signatures that refer to `subject`.
    func candidates(for subject: Descriptor) async -> Result<[Descriptor], RegistryError> {
        if let known = listings[subject.digest] { return known }
        let result: Result<[Descriptor], RegistryError>
        do throws(RegistryError) {
            result = .success(try await collector.candidates(image.repository, subject: subject))
        } catch {
            result = .failure(error)
        }
        listings[subject.digest] = result
        return result
    }

    /// The content of the `candidates` for signatures that refer to `subject`.
    func signatures(among candidates: [Descriptor], of subject: Descriptor) async -> SignatureCollection {
        if let known = collections[subject.digest] { return known }
        let collection = await collector.collect(candidates, in: image.repository, subject: subject)
        collections[subject.digest] = collection
        return collection
    }

    /// What else covers the image with its signature: its index, or the platform manifests it lists.
    ///
    /// A signed index covers its platform manifests, because its bytes hold their digests. The reverse holds only for
    /// the platform that runs; while that is unknown, every platform of the index must be signed.
    func alternative() async -> Result<Alternative, RegistryError> {
        if let knownAlternative { return knownAlternative }
        let result: Result<Alternative, RegistryError>
        do throws(RegistryError) {
            result = .success(try await findAlternative())
        } catch {
            result = .failure(error)
        }
        knownAlternative = result
        return result
    }

    private func findAlternative() async throws(RegistryError) -> Alternative {
        guard case .success(let fetched) = await resolution() else { return .nothing(because: nil) }
        switch fetched.manifest {
        case .index(let index): return Self.platforms(RunnablePlatforms.entries(of: index, on: platform))
        case .image:
            // A reference without digest was resolved by its tag already: the tag leads to this very manifest.
            guard let tag = image.tag, image.digest != nil else { return .nothing(because: nil) }
            return try await index(tagged: tag, listing: fetched.descriptor)
        }
    }

    private static func platforms(_ entries: [Descriptor]) -> Alternative {
        guard !entries.isEmpty else { return .nothing(because: nil) }
        guard entries.count <= maximumPlatforms else {
            return .nothing(
                because: "the index lists \(entries.count) manifests, of which at most \(maximumPlatforms) "
                    + "are looked at"
            )
        }
        guard entries.allSatisfy(\.mediaType.isImageManifest) else {
            return .nothing(because: "the index lists more than image manifests, so that these cannot vouch for it")
        }
        return .platforms(entries)
    }

    private func index(tagged tag: String, listing descriptor: Descriptor) async throws(RegistryError) -> Alternative {
        let tagged: FetchedManifest
        do throws(RegistryError) {
            tagged = try await registry.resolve(ImageReference(repository: image.repository, tag: tag))
        } catch {
            // The tag is only a hint to an index; that it is gone changes nothing about the image.
            if error.code == .notFound { return .nothing(because: nil) }
            throw error
        }
        guard tagged.descriptor.digest != descriptor.digest, case .index(let index) = tagged.manifest,
            index.manifests.contains(where: { $0.identifiesSameContent(as: descriptor) })
        else { return .nothing(because: nil) }
        return .index(tagged.descriptor)
    }
}
