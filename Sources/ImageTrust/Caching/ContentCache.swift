import OCIModel
import Synchronization

/// Bytes that matched their digest, kept by repository and digest within a fixed budget; the longest unused go first.
///
/// Content under a digest never changes, so entries need no expiry. The repository is part of the key: whoever may read
/// one repository must not learn through the cache what lies in another, and for the same reason so is the principal. So
/// is the kind of content: the media type of a manifest is what the registry served it as, that of a blob only what
/// somebody's manifest claims.
public final class ContentCache: Sendable {
    enum Kind: Hashable {
        case manifest
        case blob
    }

    private struct Key: Hashable {
        let principal: RegistryPrincipal
        let kind: Kind
        let repository: RepositoryName
        let digest: Digest
    }

    private struct Entry {
        let content: CachedContent
        var lastUse: UInt64

        var cost: Int { content.bytes.count + ContentCache.entryOverhead }
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        var clock: UInt64 = 0
    }

    /// What an entry costs besides its bytes: key, descriptor and bookkeeping.
    ///
    /// Without it, tiny content would be free.
    static let entryOverhead = 512

    private let state = Mutex(State())
    private let maximumBytes: Int

    /// Creates a cache that holds at most `maximumBytes` of content (default 64 MiB), of which a single entry may take
    /// a quarter.
    ///
    /// Zero caches nothing.
    public init(maximumBytes: Int = 64 << 20) { self.maximumBytes = max(0, maximumBytes) }

    func content(
        _ kind: Kind,
        _ repository: RepositoryName,
        _ digest: Digest,
        for principal: RegistryPrincipal
    ) -> CachedContent? {
        state.withLock { state in
            let key = Key(principal: principal, kind: kind, repository: repository, digest: digest)
            guard var entry = state.entries[key] else { return nil }
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
        // One large entry must not push out everything else.
        guard content.bytes.count + Self.entryOverhead <= maximumBytes / 4 else { return }
        state.withLock { state in
            state.clock &+= 1
            let entry = Entry(content: content, lastUse: state.clock)
            let key = Key(principal: principal, kind: kind, repository: repository, digest: digest)
            let previous = state.entries.updateValue(entry, forKey: key)
            state.bytes += entry.cost - (previous?.cost ?? 0)
            if state.bytes > maximumBytes { Self.evict(&state, to: maximumBytes / 4 * 3) }
        }
    }

    private static func evict(_ state: inout State, to target: Int) {
        for (key, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard state.bytes > target else { return }
            state.bytes -= entry.cost
            state.entries[key] = nil
        }
    }
}

/// Content with the media type it was served under.
struct CachedContent: Sendable {
    let mediaType: MediaType
    let bytes: [UInt8]
}
