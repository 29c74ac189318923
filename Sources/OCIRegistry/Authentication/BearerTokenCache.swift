#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a token is good for.
struct TokenKey: Sendable, Hashable {
    let realm: String
    let service: String?
    let scope: String
}

/// A token and the moment until which it is used.
struct BearerToken: Sendable, Hashable {
    let text: String
    let expires: Date
}

/// The tokens at hand and the requests for tokens under way: at most one for each key.
///
/// A value without clock or network: its methods say what is to be done.
struct BearerTokenCache: Sendable {
    /// Names one who waits for a token.
    typealias Ticket = UInt64

    enum Wish: Sendable, Hashable {
        /// Use this token.
        case use(BearerToken)
        /// Ask for a token, then report with ``fetched(_:_:now:)`` or ``failed(_:)``.
        case fetch
        /// Wait: another is asking.
        case wait
    }

    private enum Entry {
        case valid(BearerToken)
        case fetching([Ticket])
    }

    private var entries: [TokenKey: Entry] = [:]
    private var bytes = 0
    private let capacity: Int
    private let maximumBytes: Int

    /// Creates an empty cache for so many tokens, which with their keys have so many bytes at most.
    init(capacity: Int = 1000, maximumBytes: Int = 1 << 20) {
        self.capacity = capacity
        self.maximumBytes = maximumBytes
    }

    /// How many tokens and requests there are.
    var count: Int { entries.count }

    /// What the holder of `ticket`, who wants a token, is to do.
    mutating func wants(_ key: TokenKey, _ ticket: Ticket, now: Date) -> Wish {
        switch entries[key] {
        case .valid(let token) where token.expires > now:
            return .use(token)
        case .fetching(let waiting):
            entries[key] = .fetching(waiting + [ticket])
            return .wait
        default:
            put(.fetching([]), key)
            return .fetch
        }
    }

    /// A token arrived.
    ///
    /// Tokens of other services are of no use any more: a registry has one.
    ///
    /// Returns those who waited for it.
    mutating func fetched(_ key: TokenKey, _ token: BearerToken, now: Date) -> [Ticket] {
        let waiting = waiting(for: key)
        for (other, entry) in entries where other.realm != key.realm {
            if case .valid = entry { put(nil, other) }
        }
        put(.valid(token), key)
        makeRoom(now: now)
        return waiting
    }

    /// No token arrived.
    ///
    /// Returns those who waited for it.
    mutating func failed(_ key: TokenKey) -> [Ticket] {
        let waiting = waiting(for: key)
        put(nil, key)
        return waiting
    }

    /// The registry refused a token for a scope: it is not used again, whichever service gave it.
    ///
    /// A newer one stays.
    mutating func rejected(_ scope: String, token text: String) {
        for (key, entry) in entries where key.scope == scope {
            if case .valid(let token) = entry, token.text == text { put(nil, key) }
        }
    }

    /// One who waited does so no more.
    mutating func gaveUp(_ key: TokenKey, _ ticket: Ticket) {
        guard case .fetching(let waiting) = entries[key] else { return }
        entries[key] = .fetching(waiting.filter { $0 != ticket })
    }

    private func waiting(for key: TokenKey) -> [Ticket] {
        if case .fetching(let waiting) = entries[key] { return waiting }
        return []
    }

    private mutating func put(_ entry: Entry?, _ key: TokenKey) {
        bytes += Self.size(key, entry) - Self.size(key, entries[key])
        entries[key] = entry
    }

    private static func size(_ key: TokenKey, _ entry: Entry?) -> Int {
        guard case .valid(let token) = entry else { return 0 }
        return key.realm.utf8.count + (key.service?.utf8.count ?? 0) + key.scope.utf8.count + token.text.utf8.count
    }

    private mutating func makeRoom(now: Date) {
        guard entries.count > capacity || bytes > maximumBytes else { return }
        var expiries: [(key: TokenKey, expires: Date)] = []
        for (key, entry) in entries {
            guard case .valid(let token) = entry else { continue }
            if token.expires <= now { put(nil, key) } else { expiries.append((key, token.expires)) }
        }
        guard entries.count > capacity || bytes > maximumBytes else { return }
        // The tokens that lapse soonest go, down to nine tenths, so that this is rare.
        for (key, _) in expiries.sorted(by: { $0.expires < $1.expires }) {
            guard entries.count > capacity * 9 / 10 || bytes > maximumBytes / 10 * 9 else { break }
            put(nil, key)
        }
    }
}
