public import OCIModel
public import OCIRegistry
import Synchronization

/// A registry that is asked with one credential after the other, until one is let in, and at last as the operator itself.
///
/// Which one was let in is remembered for each repository. A registry in trouble is asked once: only what a credential can
/// change leads to the next.
public final class KeyringRegistry: ImageRegistry {
    private let credentials: @Sendable (RepositoryName) -> [RegistryCredential]
    /// Which credentials they are, in words.
    private let provenance: String
    private let registries: any CredentialedRegistries
    private let shared: any ImageRegistry
    /// Which of the credentials was let in; their number stands for the operator itself.
    private let working = Mutex<[RepositoryName: Int]>([:])

    /// The most repositories of which it is remembered who was let in.
    static let maximumMemory = 4096

    /// Creates a registry for the credentials of a workload.
    init(
        _ credentials: [RepositoryName: [RegistryCredential]],
        registries: any CredentialedRegistries,
        shared: any ImageRegistry
    ) {
        self.credentials = { credentials[$0] ?? [] }
        self.registries = registries
        self.shared = shared
        provenance = "each credential of the pull secrets, and the operator's own"
    }

    /// Creates a registry for credentials of the operator itself.
    ///
    /// - Parameters:
    ///   - keyring: the credentials, of which every one that matches is tried.
    ///   - registries: the registries as those ask who have a credential.
    ///   - shared: the registries as they are asked when none of these is let in.
    public init(_ keyring: RegistryKeyring, registries: any CredentialedRegistries, shared: any ImageRegistry) {
        credentials = { keyring.credentials(for: $0) }
        self.registries = registries
        self.shared = shared
        provenance = "each credential of the operator's file, and none of them"
    }

    /// See `ImageRegistry`.
    public func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        try await attempt(reference.repository) { (registry, _) async throws(RegistryError) -> FetchedManifest in
            try await registry.resolve(reference)
        }
    }

    /// See `ImageRegistry`.
    public func manifest(
        _ repository: RepositoryName,
        _ digest: Digest
    ) async throws(RegistryError) -> FetchedManifest {
        try await attempt(repository) { (registry, _) async throws(RegistryError) -> FetchedManifest in
            try await registry.manifest(repository, digest)
        }
    }

    /// See `ImageRegistry`.
    public func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        try await attempt(repository) { (registry, _) async throws(RegistryError) -> [UInt8] in
            try await registry.blob(repository, descriptor, limit: limit)
        }
    }

    /// See `ImageRegistry`.
    public func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        try await attempt(repository) { (registry, isKnown) async throws(RegistryError) -> [Descriptor] in
            let found = try await registry.referrers(repository, to: subject, artifactType: artifactType)
            // Some registries say "nothing there" to those who may not look: an empty list counts only when it is told
            // to somebody who can read the repository, not to whoever comes after a credential that is refused.
            if found.isEmpty, !isKnown { _ = try await registry.manifest(repository, subject) }
            return found
        }
    }

    /// See `ImageRegistry`.
    public func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        try await attempt(repository) { (registry, _) async throws(RegistryError) -> Digest in
            try await registry.target(repository, of: tag, within: age)
        }
    }

    private func attempt<Answer: Sendable>(
        _ repository: RepositoryName,
        _ ask: (_ registry: any ImageRegistry, _ isKnown: Bool) async throws(RegistryError) -> Answer
    ) async throws(RegistryError) -> Answer {
        let candidates = credentials(repository)
        let known = working.withLock { $0[repository] }
        let order = [known].compactMap(\.self) + (0...candidates.count).filter { $0 != known }
        var refusals: [RegistryError] = []
        for index in order {
            let registry =
                index < candidates.count
                ? registries.registry(at: repository.registry, with: candidates[index]) : shared
            do throws(RegistryError) {
                let answer = try await ask(registry, candidates.isEmpty || index == known)
                if !candidates.isEmpty, index != known { remember(index, for: repository) }
                return answer
            } catch {
                // To whom the repository is known to be open, what is not found is not there.
                guard Self.isRefusal(error), index != known || !error.isAbsence else { throw error }
                refusals.append(error)
            }
        }
        working.withLock { $0[repository] = nil }
        throw combined(refusals, repository)
    }

    private func remember(_ index: Int, for repository: RepositoryName) {
        working.withLock { working in
            // Whoever creates pods decides which repositories there are.
            if working.count >= Self.maximumMemory { working = [:] }
            working[repository] = index
        }
    }

    /// Whether another credential may lead to another answer; many registries say "not found" to strangers.
    private static func isRefusal(_ error: RegistryError) -> Bool {
        switch error.code {
        case .unauthorized, .forbidden, .credentialsUnavailable: true
        default: error.isAbsence
        }
    }

    /// What all refusals come to: the first that is about credentials, else the first.
    private func combined(_ refusals: [RegistryError], _ repository: RepositoryName) -> RegistryError {
        guard let telling = refusals.first(where: { !$0.isAbsence }) ?? refusals.first else {
            return RegistryError(
                .credentialsUnavailable,
                "\(repository): there is nobody to ask as",
                host: repository.registry,
                repository: repository.path
            )
        }
        guard refusals.count > 1 else { return telling }
        return RegistryError(
            telling.code,
            "\(telling.message); \(refusals.count) ways to ask were tried: \(provenance)",
            host: telling.host,
            repository: telling.repository
        )
    }
}
