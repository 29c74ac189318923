import FoundationEssentials
public import OCIModel
import Synchronization

/// Which indexes list which platform manifests, as far as it was proven by their bytes, and which of them vouched.
///
/// A tag leads to the index of a running platform manifest only until it moves. What an index lists never changes, so an
/// index that was found once is looked at for as long as the image runs. What is held of it is never kept here: signatures
/// come and go.
public final class IndexMemory: Sendable {
    /// An index that lists an image.
    struct Membership: Sendable, Hashable {
        /// The index.
        let index: Descriptor
        /// The image as it is listed, which is also how it was served.
        let listed: Descriptor
        /// The platforms under which it lists the image; `nil` for an entry without one.
        let platforms: [Platform?]
    }

    private struct Key: Hashable {
        let repository: RepositoryName
        let image: Digest
    }

    private struct Entry {
        var memberships: [Membership] = []
        /// The index that vouched last; nothing need be proven of it.
        var vouching: Digest?
        var referrersReadAt: Date?
        var lastUse: UInt64 = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var clock: UInt64 = 0
    }

    /// The most indexes that are remembered of one image; the latest stay.
    static let maximumIndexes = 2
    /// How long it is believed that no index refers to an image, in seconds.
    static let referrersLife: TimeInterval = 600

    private let state = Mutex(State())
    private let capacity: Int

    /// Creates an empty memory.
    ///
    /// - Parameter capacity: the most images of which something is remembered; when full, the quarter that was longest
    ///   unused is forgotten.
    public init(capacity: Int = 20_000) { self.capacity = max(1, capacity) }

    /// Remembers that `index` vouched for `image`, as a status of earlier says.
    ///
    /// A hint: the index counts once its bytes list the image, and its signatures are verified.
    public func suggest(_ index: Digest, for image: Digest, in repository: RepositoryName) {
        guard index != image else { return }
        change(repository, image) { entry in
            // What this process saw itself is known better.
            if entry.vouching == nil, entry.memberships.isEmpty { entry.vouching = index }
        }
    }

    /// The index that vouched last, which may only have been suggested.
    func vouching(_ image: Digest, in repository: RepositoryName) -> Digest? {
        entry(repository, image)?.vouching
    }

    /// The indexes that are known to list `image`, the latest first.
    func memberships(_ image: Digest, in repository: RepositoryName) -> [Membership] {
        entry(repository, image)?.memberships ?? []
    }

    /// Remembers what was proven.
    func proved(_ membership: Membership, lists image: Digest, in repository: RepositoryName) {
        change(repository, image) { entry in
            entry.memberships.removeAll { $0.index.digest == membership.index.digest }
            entry.memberships.insert(membership, at: 0)
            if entry.memberships.count > Self.maximumIndexes { entry.memberships.removeLast() }
        }
    }

    /// Remembers which index vouched, or that none does any more.
    func vouched(_ index: Digest?, for image: Digest, in repository: RepositoryName) {
        change(repository, image) { $0.vouching = index }
    }

    /// Whether what refers to `image` was read lately, and no index was among it.
    func lacksReferringIndex(_ image: Digest, in repository: RepositoryName, now: Date) -> Bool {
        guard let readAt = entry(repository, image)?.referrersReadAt else { return false }
        return abs(now.timeIntervalSince(readAt)) < Self.referrersLife
    }

    /// Remembers that no index refers to `image`.
    func foundNoReferringIndex(_ image: Digest, in repository: RepositoryName, at now: Date) {
        change(repository, image) { $0.referrersReadAt = now }
    }

    private func entry(_ repository: RepositoryName, _ image: Digest) -> Entry? {
        state.withLock { state in
            let key = Key(repository: repository, image: image)
            state.clock &+= 1
            state.entries[key]?.lastUse = state.clock
            return state.entries[key]
        }
    }

    private func change(_ repository: RepositoryName, _ image: Digest, _ body: (inout Entry) -> Void) {
        state.withLock { state in
            let key = Key(repository: repository, image: image)
            if state.entries[key] == nil, state.entries.count >= capacity {
                let byUse = state.entries.sorted { $0.value.lastUse < $1.value.lastUse }
                for (key, _) in byUse.prefix(max(1, capacity / 4)) { state.entries[key] = nil }
            }
            state.clock &+= 1
            var entry = state.entries[key] ?? Entry()
            body(&entry)
            entry.lastUse = state.clock
            state.entries[key] = entry
        }
    }
}
