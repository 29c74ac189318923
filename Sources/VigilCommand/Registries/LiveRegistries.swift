import FoundationEssentials
import ImageTrust
import NotaryVerification
import OCIModel
import OCIRegistry
import Synchronization

/// Registries whose options may change while they are asked.
///
/// A request that is under way goes on as it began; the next one is made with the new options. What was opened for the old
/// ones is closed by ``sweep()`` when its last request has ended.
final class LiveRegistries: Sendable {
    /// What was opened for one set of options, and how many requests use it.
    private struct Generation {
        let open: OpenRegistries
        var uses = 0
    }

    private struct State {
        var number = 0
        var generations: [Int: Generation]

        /// Takes those away that nobody will use again.
        mutating func takeUnused() -> [OpenRegistries] {
            let unused = generations.filter { $0.key != number && $0.value.uses == 0 }
            for key in unused.keys { generations[key] = nil }
            return unused.values.map(\.open)
        }
    }

    /// The right to use what was opened, from ``begin()`` to ``end(_:)``.
    struct Use: Sendable {
        fileprivate let number: Int
        let services: ImageServices
    }

    private let opener: any RegistryOpener
    private let state: Mutex<State>

    /// Opens registries with their first options.
    ///
    /// - Throws: ``InputError`` when the options cannot be used.
    init(_ opener: any RegistryOpener, _ options: RegistryOptions) throws(InputError) {
        self.opener = opener
        state = Mutex(State(generations: [0: Generation(open: try opener.open(options))]))
    }

    /// Runs `body` with registries that are closed afterwards, whatever happens.
    static func with<Result>(
        _ opener: any RegistryOpener,
        _ options: RegistryOptions,
        _ body: (LiveRegistries) async throws -> Result
    ) async throws -> Result {
        let registries = try LiveRegistries(opener, options)
        do {
            let result = try await body(registries)
            await registries.close()
            return result
        } catch {
            await registries.close()
            throw error
        }
    }

    /// The services, which always are those of the latest options.
    var services: ImageServices {
        var services = ImageServices(
            registry: LiveRegistry(registries: self) { $0.registry },
            credentialed: LiveCredentials(registries: self),
            revocation: LiveRevocation(registries: self)
        )
        // It tells those who ask with a credential apart, whatever the options are.
        if let cache = current?.credentialedCache { services.credentialedCache = cache }
        return services
    }

    /// What is asked of registries, and what is kept of the answers, as of the latest options.
    var figures: RegistryFigures? { current?.figures }

    private var current: ImageServices? { state.withLock { $0.generations[$0.number]?.open.services } }

    /// Has every request from now on made with `options`.
    ///
    /// - Throws: ``InputError`` when the options cannot be used; then everything stays as it was.
    func change(to options: RegistryOptions) throws(InputError) {
        let open = try opener.open(options)
        state.withLock { state in
            state.number += 1
            state.generations[state.number] = Generation(open: open)
        }
    }

    /// Closes what was opened for earlier options and is not used any more.
    func sweep() async {
        for open in state.withLock({ $0.takeUnused() }) { await open.close() }
    }

    /// Closes everything.
    private func close() async {
        let all = state.withLock { state in
            defer { state.generations = [:] }
            return state.generations.values.map(\.open)
        }
        for open in all { await open.close() }
    }

    // MARK: - Use

    /// Begins a request; `nil` when everything is closed.
    func begin() -> Use? {
        state.withLock { state in
            guard let generation = state.generations[state.number] else { return nil }
            state.generations[state.number]?.uses += 1
            return Use(number: state.number, services: generation.open.services)
        }
    }

    /// Ends a request.
    func end(_ use: Use) { state.withLock { $0.generations[use.number]?.uses -= 1 } }

    /// Begins a request for something in `repository`.
    ///
    /// - Throws: `RegistryError` when everything is closed.
    func begin(_ repository: RepositoryName) throws(RegistryError) -> Use {
        if let use = begin() { return use }
        throw RegistryError(
            .unreachable,
            "\(repository): the connections to registries are closed",
            host: repository.registry,
            repository: repository.path
        )
    }
}

/// A registry of the services that are open at the moment of each request.
private struct LiveRegistry: ImageRegistry {
    let registries: LiveRegistries
    let choose: @Sendable (ImageServices) -> any ImageRegistry

    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        let use = try registries.begin(reference.repository)
        defer { registries.end(use) }
        return try await choose(use.services).resolve(reference)
    }

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        let use = try registries.begin(repository)
        defer { registries.end(use) }
        return try await choose(use.services).manifest(repository, digest)
    }

    func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        let use = try registries.begin(repository)
        defer { registries.end(use) }
        return try await choose(use.services).blob(repository, descriptor, limit: limit)
    }

    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        let use = try registries.begin(repository)
        defer { registries.end(use) }
        return try await choose(use.services).referrers(repository, to: subject, artifactType: artifactType)
    }

    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        let use = try registries.begin(repository)
        defer { registries.end(use) }
        return try await choose(use.services).target(repository, of: tag, within: age)
    }
}

private struct LiveCredentials: CredentialedRegistries {
    let registries: LiveRegistries

    func registry(at host: String, with credential: RegistryCredential) -> any ImageRegistry {
        LiveRegistry(registries: registries) { services in
            // Where nobody has credentials of their own, everybody asks as the operator.
            services.credentialed?.registry(at: host, with: credential) ?? services.registry
        }
    }
}

private struct LiveRevocation: RevocationSource {
    let registries: LiveRegistries

    func answer(to request: RevocationRequest, for lookup: RevocationLookup, now: Date) async -> RevocationAnswer {
        guard let use = registries.begin() else { return .failure("the connections are closed") }
        defer { registries.end(use) }
        guard let source = use.services.revocation else { return .failure("nobody is asked about revocation") }
        return await source.answer(to: request, for: lookup, now: now)
    }
}
