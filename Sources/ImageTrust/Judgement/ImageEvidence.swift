import FoundationEssentials
import OCIModel
import OCIRegistry

/// The evidence about one image, gathered as it is asked for and at most once: several policies and authorities of one
/// judgement share it. They ask one after the other.
actor ImageEvidence {
    let image: ImageReference
    private let registry: any ImageRegistry
    private let collector: SignatureCollector
    private var resolved: Result<FetchedManifest, RegistryError>?
    private var listings: [Digest: Result<[Descriptor], RegistryError>] = [:]
    private var collections: [Digest: SignatureCollection] = [:]
    private var knownIndexes: [IndexHint: Result<[Descriptor], RegistryError>] = [:]
    private let context: ImageContext
    private let memory: IndexMemory?
    private let tagAge: Duration
    private let now: Date

    /// What can vouch for the image in its stead.
    enum Alternative: Sendable, Hashable {
        /// An index that lists the running platform manifest, where one is found in one of these ways.
        case indexes([IndexHint])
        /// The platform manifests of the running index that could be what runs: all of them must be vouched for.
        case platforms([Descriptor])
        /// Nothing, where worth saying with the reason for that.
        case nothing(because: String?)
    }

    /// A way to an index of the image.
    ///
    /// None of them is believed: an index counts when its bytes list the image.
    enum IndexHint: Sendable, Hashable {
        /// This digest is one.
        case digest(Digest)
        /// The tag leads to one.
        case tag(String)
        /// One is among what refers to the image.
        case referrers
    }

    /// The most platform manifests of one index that are looked at.
    static let maximumPlatforms = 32

    /// The most indexes among what refers to an image that are looked at.
    static let maximumReferringIndexes = 4

    /// Gathers evidence about `image`.
    ///
    /// - Parameters:
    ///   - registry: where it lies.
    ///   - image: the image.
    ///   - context: what is known of it besides its reference.
    ///   - maximumSignatures: the most signatures tried for one manifest.
    ///   - memory: which indexes list it; `nil` to remember nothing.
    ///   - tagAge: how old an answer may be about where a tag leads.
    ///   - now: the present.
    init(
        registry: any ImageRegistry,
        image: ImageReference,
        context: ImageContext = ImageContext(),
        maximumSignatures: Int = ImageJudge.usualMaximumSignatures,
        memory: IndexMemory? = nil,
        tagAge: Duration = .zero,
        now: Date = .distantPast
    ) {
        self.registry = registry
        self.image = image
        self.context = context
        self.memory = memory
        self.tagAge = tagAge
        self.now = now
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
        return own + RunnablePlatforms.entries(of: index, on: context.platform).map(\.digest)
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

    // MARK: - What else may vouch

    /// What else covers the image with its signature: its index, or the platform manifests it lists.
    ///
    /// A signed index covers its platform manifests, because its bytes hold their digests. The reverse holds only for
    /// the platform that runs; while that is unknown, every platform of the index must be signed.
    func alternative() async -> Alternative {
        guard case .success(let fetched) = await resolution() else { return .nothing(because: nil) }
        switch fetched.manifest {
        case .index(let index): return Self.platforms(RunnablePlatforms.entries(of: index, on: context.platform))
        case .image: return .indexes(hints(for: fetched.descriptor))
        }
    }

    /// The ways to an index, the cheapest first.
    private func hints(for running: Descriptor) -> [IndexHint] {
        var hints = context.indexes.filter { $0 != running.digest }.sorted { $0.description < $1.description }
            .prefix(ImageContext.maximumIndexes).map(IndexHint.digest)
        hints += (memory?.memberships(running.digest, in: image.repository) ?? []).map { .digest($0.index.digest) }
        // A reference without digest was resolved by its tag already: the tag leads to this very manifest.
        if let tag = image.tag, image.digest != nil { hints.append(.tag(tag)) }
        hints.append(.referrers)
        return hints
    }

    /// The index that vouched for the image before, if it lists it.
    func indexThatVouched() async -> Descriptor? {
        guard let memory, case .success(let fetched) = await resolution(), case .image = fetched.manifest,
            let digest = memory.vouching(fetched.descriptor.digest, in: image.repository),
            // That it could not be asked for will be told by whoever looks for it again.
            case .success(let found) = await indexes(.digest(digest))
        else { return nil }
        return found.first
    }

    /// Remembers which index vouched for the image; `nil` that the one which did does so no more.
    func remember(vouching index: Digest?) async {
        guard let memory, case .success(let fetched) = await resolution() else { return }
        memory.vouched(index, for: fetched.descriptor.digest, in: image.repository)
    }

    /// The indexes that `hint` leads to and that list the image, by their own bytes.
    func indexes(_ hint: IndexHint) async -> Result<[Descriptor], RegistryError> {
        if let known = knownIndexes[hint] { return known }
        let result: Result<[Descriptor], RegistryError>
        do throws(RegistryError) {
            result = .success(try await findIndexes(hint))
        } catch {
            result = .failure(error)
        }
        knownIndexes[hint] = result
        return result
    }

    private func findIndexes(_ hint: IndexHint) async throws(RegistryError) -> [Descriptor] {
        let running = try await resolution().get().descriptor
        switch hint {
        case .digest(let digest):
            return try await index(digest, listing: running).map { [$0] } ?? []
        case .tag(let tag):
            guard let target = try await target(of: tag), target != running.digest else { return [] }
            return try await index(target, listing: running).map { [$0] } ?? []
        case .referrers:
            return try await referringIndexes(running)
        }
    }

    /// Where a tag leads; `nil` for one that is gone, which changes nothing about the image.
    private func target(of tag: String) async throws(RegistryError) -> Digest? {
        do throws(RegistryError) {
            return try await registry.target(image.repository, of: tag, within: tagAge)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    private func referringIndexes(_ running: Descriptor) async throws(RegistryError) -> [Descriptor] {
        let isOld = memory?.lacksReferringIndex(running.digest, in: image.repository, now: now) ?? false
        guard !isOld || RegistryFreshness.asksAnew else { return [] }
        let listed = try await registry.referrers(image.repository, to: running.digest, artifactType: nil)
        var found: [Descriptor] = []
        for descriptor in listed.filter(\.mediaType.isIndex).prefix(Self.maximumReferringIndexes) {
            if let index = try await index(descriptor.digest, listing: running) { found.append(index) }
        }
        if found.isEmpty { memory?.foundNoReferringIndex(running.digest, in: image.repository, at: now) }
        return found
    }

    /// The index `digest`, if its bytes list `running` for a platform that could be the one it runs on.
    ///
    /// Only its own entries count: what an index lists that it lists is not followed.
    private func index(_ digest: Digest, listing running: Descriptor) async throws(RegistryError) -> Descriptor? {
        let known = memory?.memberships(running.digest, in: image.repository).first {
            $0.index.digest == digest && $0.listed.identifiesSameContent(as: running)
        }
        if let known { return isRunnable(known) ? known.index : nil }
        let fetched: FetchedManifest
        do throws(RegistryError) {
            fetched = try await registry.manifest(image.repository, digest)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        guard fetched.descriptor.digest == digest, digest.matches(fetched.bytes),
            case .index(let index) = fetched.manifest
        else { return nil }
        let entries = index.manifests.filter { $0.identifiesSameContent(as: running) }
        guard !entries.isEmpty else { return nil }
        let membership = IndexMemory.Membership(
            index: fetched.descriptor,
            listed: running,
            platforms: Array(Set(entries.map(\.platform)))
        )
        if membership.platforms.count <= Self.maximumPlatforms {
            memory?.proved(membership, lists: running.digest, in: image.repository)
        }
        return isRunnable(membership) ? membership.index : nil
    }

    private func isRunnable(_ membership: IndexMemory.Membership) -> Bool {
        membership.platforms.contains { RunnablePlatforms.couldRun($0, on: context.platform) }
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
}
