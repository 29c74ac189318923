public import FoundationEssentials
public import OCIModel
public import OCIRegistry
import Synchronization

/// The registries of each principal, and what was read on its behalf.
public final class PrincipalRegistries: Sendable {
    private struct Entry {
        let registry: KeyringRegistry
        var lastUse: Date
    }

    private let shared: any ImageRegistry
    private let credentialed: any CredentialedRegistries
    private let cache: ContentCache
    private let capacity: Int
    private let mirrors: RegistryMirrors
    private let entries = Mutex<[RegistryPrincipal: Entry]>([:])

    /// How long credentials that nobody uses are kept, in seconds.
    static let idleLife: Double = 300

    /// Creates the registries.
    ///
    /// - Parameters:
    ///   - shared: the registries as the operator itself asks them.
    ///   - credentialed: the registries as those ask who have a credential.
    ///   - cache: keeps what they read; principals do not see each other's content in it.
    ///   - mirrors: where the copies of images are; `shared` and `credentialed` are asked there.
    ///   - capacity: the most principals that are known at the same time.
    public init(
        shared: any ImageRegistry,
        credentialed: any CredentialedRegistries,
        cache: ContentCache = ContentCache(maximumBytes: 16 << 20),
        mirrors: RegistryMirrors = .none,
        capacity: Int = 1024
    ) {
        self.shared = shared
        self.credentialed = credentialed
        self.cache = cache
        self.mirrors = mirrors
        self.capacity = max(1, capacity)
    }

    /// How many principals are known.
    public var count: Int { entries.withLock { $0.count } }

    /// The way to `repositories` with the credentials of `keyring`.
    ///
    /// - Parameters:
    ///   - repositories: what is to be read, named by its origin.
    ///   - keyring: the credentials there are, for these repositories and others.
    ///   - now: the present.
    /// - Returns: a registry that tries each credential that matches, and then asks as the operator; `nil` when none
    ///   matches, so that there is nothing to be kept from others.
    public func access(
        to repositories: Set<RepositoryName>,
        with keyring: RegistryKeyring,
        now: Date
    ) -> ImageAccess? {
        let matching = Dictionary(
            uniqueKeysWithValues: mirrors.asked(repositories).map { ($0, keyring.credentials(for: $0)) }
        )
        let principal = RegistryPrincipal(matching)
        guard principal != .shared else { return nil }
        let registry = entries.withLock { entries in
            if let known = entries[principal] {
                entries[principal]?.lastUse = now
                return known.registry
            }
            makeRoom(&entries, now)
            let registry = KeyringRegistry(matching, registries: credentialed, shared: shared)
            entries[principal] = Entry(registry: registry, lastUse: now)
            return registry
        }
        return ImageAccess(
            registry: mirrors.registry(over: CachingRegistry(registry, cache: cache, principal: principal)),
            principal: principal
        )
    }

    private func makeRoom(_ entries: inout [RegistryPrincipal: Entry], _ now: Date) {
        entries = entries.filter { abs(now.timeIntervalSince($0.value.lastUse)) < Self.idleLife }
        guard entries.count >= capacity else { return }
        let byAge = entries.sorted { $0.value.lastUse < $1.value.lastUse }
        for (principal, _) in byAge.prefix(max(1, capacity / 4)) { entries[principal] = nil }
    }
}
