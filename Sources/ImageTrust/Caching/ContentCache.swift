import OCIModel
import OCIRegistry
import Synchronization
import WorkSharing

/// What registries said, kept within a fixed budget of memory; the longest unused goes first.
///
/// Content is on the account of the ``RegistryTenant`` who first asked for it. Where there is no room for all, the accounts
/// that hold most give way, so that a tenant with a registry of its own cannot push out what others need.
///
/// Bytes that matched their digest never change, so they need no expiry; a list of referrers is believed for
/// ``listingLife``. The repository is part of the key: whoever may read one repository must not learn through the cache what
/// lies in another, and for the same reason so is the principal. So is the kind of content: the media type of a manifest is
/// what the registry served it as, that of a blob only what somebody's manifest claims.
public final class ContentCache: Sendable {
    /// How well the cache serves the images of a registry.
    public struct Figures: Sendable, Hashable {
        /// Questions that the cache answered.
        public var hits = 0
        /// Questions that the registry was asked.
        public var misses = 0
        /// Questions that waited for the answer to the same question of another.
        public var shared = 0

        /// Nothing was asked.
        public init() {}
    }

    enum Kind: Hashable {
        case manifest
        case blob
        case listing(MediaType?)
        case target(tag: String)
    }

    private struct Key: Hashable {
        let principal: RegistryPrincipal
        let kind: Kind
        let repository: RepositoryName
        /// `nil` for what a tag names.
        let digest: Digest?
    }

    private struct Entry {
        let content: CachedContent
        /// On whose account it is.
        let tenant: String
        let insertedAt: Duration
        var lastUse: UInt64

        var cost: Int { content.cost + ContentCache.entryOverhead }
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        var evictions = 0
        var clock: UInt64 = 0
        var figures = HostTally(zero: Figures())
    }

    /// What an entry costs besides its bytes: key, descriptor and bookkeeping.
    ///
    /// Without it, tiny content would be free.
    static let entryOverhead = 512

    /// The questions under way, each asked by one for all.
    let flights = SharedWork<RegistryQuestion, Result<RegistryAnswer, RegistryError>, NoMemory>(memory: NoMemory())

    private let state = Mutex(State())
    private let maximumBytes: Int
    private let listingLife: Duration
    private let elapsed: @Sendable () -> Duration

    /// How long a list of referrers is believed unless said otherwise: what is asked about one image on behalf of several
    /// policies and namespaces at about the same time is one question.
    public static let usualListingLife: Duration = .seconds(10)

    /// Creates a cache that holds at most `maximumBytes` of content (default 64 MiB), of which a single entry may take
    /// a quarter.
    ///
    /// Zero caches nothing.
    ///
    /// - Parameters:
    ///   - maximumBytes: the most memory for content, in bytes.
    ///   - listingLife: how long a list of referrers is believed; zero for not at all.
    ///   - clock: measures that.
    public init(
        maximumBytes: Int = 64 << 20,
        listingLife: Duration = .zero,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.maximumBytes = max(0, maximumBytes)
        self.listingLife = listingLife
        elapsed = Self.stopwatch(clock)
    }

    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    // MARK: - Figures

    /// How well it serves the images of each registry.
    public var figures: [String: Figures] { state.withLock { $0.figures.values } }

    /// How much memory its content takes, in bytes.
    public var bytes: Int { state.withLock(\.bytes) }

    /// How many entries had to go to make room for others.
    public var evictions: Int { state.withLock(\.evictions) }

    /// Counts how a question about an image of a registry was answered.
    func count(_ host: String, _ body: (inout Figures) -> Void) { state.withLock { $0.figures.change(host, body) } }

    // MARK: - Content

    func content(
        _ kind: Kind,
        _ repository: RepositoryName,
        _ digest: Digest,
        for principal: RegistryPrincipal
    ) -> CachedContent? {
        var life: Duration?
        if case .listing = kind { life = listingLife }
        return content(Key(principal: principal, kind: kind, repository: repository, digest: digest), within: life)
    }

    /// Where a tag led, `age` ago at most; `nil` when that is not known.
    func target(
        _ repository: RepositoryName,
        _ tag: String,
        for principal: RegistryPrincipal,
        within age: Duration
    ) -> CachedTarget? {
        let key = Key(principal: principal, kind: .target(tag: tag), repository: repository, digest: nil)
        guard case .target(let target)? = content(key, within: age) else { return nil }
        return target
    }

    /// What is kept under `key`, if it is younger than `life`.
    private func content(_ key: Key, within life: Duration?) -> CachedContent? {
        let now = elapsed()
        return state.withLock { state in
            guard var entry = state.entries[key] else { return nil }
            // Where a tag led is taken by those who want it less fresh.
            if let life, now - entry.insertedAt >= life {
                if case .target = key.kind { return nil }
                state.entries[key] = nil
                state.bytes -= entry.cost
                return nil
            }
            state.clock &+= 1
            entry.lastUse = state.clock
            state.entries[key] = entry
            return entry.content
        }
    }

    func insert(
        _ content: CachedContent,
        _ kind: Kind,
        _ repository: RepositoryName,
        _ digest: Digest,
        for principal: RegistryPrincipal
    ) {
        if case .listing = kind, listingLife <= .zero { return }
        insert(content, Key(principal: principal, kind: kind, repository: repository, digest: digest))
    }

    /// Keeps where a tag leads.
    func insert(
        _ target: CachedTarget,
        _ repository: RepositoryName,
        _ tag: String,
        for principal: RegistryPrincipal
    ) {
        let key = Key(principal: principal, kind: .target(tag: tag), repository: repository, digest: nil)
        insert(.target(target), key)
    }

    private func insert(_ content: CachedContent, _ key: Key) {
        // One large entry must not push out everything else.
        guard content.cost + Self.entryOverhead <= maximumBytes / 4 else { return }
        let now = elapsed()
        let tenant = RegistryTenant.name
        state.withLock { state in
            state.clock &+= 1
            let entry = Entry(content: content, tenant: tenant, insertedAt: now, lastUse: state.clock)
            let previous = state.entries.updateValue(entry, forKey: key)
            state.bytes += entry.cost - (previous?.cost ?? 0)
            if state.bytes > maximumBytes { Self.evict(&state, to: maximumBytes / 4 * 3) }
        }
    }

    /// Removes what was unused longest from the accounts that hold most, until `target` bytes are left.
    private static func evict(_ state: inout State, to target: Int) {
        var accounts: [String: Int] = [:]
        for entry in state.entries.values { accounts[entry.tenant, default: 0] += entry.cost }
        let share = fairShare(of: target, among: Array(accounts.values))
        for (key, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard let held = accounts[entry.tenant], held > share else { continue }
            accounts[entry.tenant] = held - entry.cost
            state.bytes -= entry.cost
            state.entries[key] = nil
            state.evictions += 1
        }
    }

    /// The most that an account may keep so that all together keep `total` (max-min fairness).
    static func fairShare(of total: Int, among accounts: [Int]) -> Int {
        var (rest, count) = (total, accounts.count)
        for held in accounts.sorted() {
            let share = rest / count
            if held > share { return share }
            rest -= held
            count -= 1
        }
        return total
    }
}

/// What a cache holds.
enum CachedContent: Sendable {
    /// Bytes with the media type that they were served under.
    case bytes(MediaType, [UInt8])
    /// What refers to a manifest.
    case listing([Descriptor])
    /// Where a tag leads.
    case target(CachedTarget)

    /// About how much memory it takes.
    fileprivate var cost: Int {
        switch self {
        case .bytes(_, let bytes): bytes.count
        case .target: 0
        // Media types, digest, and annotations, which a listing may hold many of.
        case .listing(let descriptors):
            descriptors.reduce(0) { sum, descriptor in
                sum + 512 + descriptor.annotations.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 64 }
            }
        }
    }
}

/// A question that several may ask a registry at the same time.
struct RegistryQuestion: Hashable, Sendable {
    enum Subject: Hashable, Sendable {
        case tag(ImageReference)
        case manifest(RepositoryName, Digest)
        case blob(RepositoryName, Descriptor, limit: Int)
        case referrers(RepositoryName, Digest, MediaType?)
        case target(RepositoryName, tag: String)
    }

    let principal: RegistryPrincipal
    let subject: Subject
}

/// What a registry says.
enum RegistryAnswer: Sendable {
    case manifest(FetchedManifest)
    case blob([UInt8])
    case referrers([Descriptor])
    /// Where a tag leads; `nil` for one that is not there.
    case target(Digest?)
}

/// Where a tag leads.
struct CachedTarget: Sendable, Hashable {
    /// What it names; `nil` for a tag that is not there.
    let digest: Digest?
}

/// Nothing to remember.
struct NoMemory: Sendable {}
