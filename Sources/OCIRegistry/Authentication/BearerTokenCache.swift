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
    private let capacity: Int

    init(capacity: Int = 1000) {
        self.capacity = capacity
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
            entries[key] = .fetching([])
            return .fetch
        }
    }

    /// A token arrived.
    ///
    /// Returns those who waited for it.
    mutating func fetched(_ key: TokenKey, _ token: BearerToken, now: Date) -> [Ticket] {
        let waiting = waiting(for: key)
        entries[key] = .valid(token)
        makeRoom(now: now)
        return waiting
    }

    /// No token arrived.
    ///
    /// Returns those who waited for it.
    mutating func failed(_ key: TokenKey) -> [Ticket] {
        let waiting = waiting(for: key)
        entries[key] = nil
        return waiting
    }

    /// The registry refused a token: it is not used again.
    ///
    /// A newer one stays.
    mutating func rejected(_ key: TokenKey, token text: String) {
        if case .valid(let token) = entries[key], token.text == text { entries[key] = nil }
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

    private mutating func makeRoom(now: Date) {
        guard entries.count > capacity else { return }
        var expiries: [(key: TokenKey, expires: Date)] = []
        for (key, entry) in entries {
            guard case .valid(let token) = entry else { continue }
            if token.expires <= now { entries[key] = nil } else { expiries.append((key, token.expires)) }
        }
        // The tokens that lapse soonest go, down to nine tenths, so that this is rare.
        let surplus = entries.count - capacity * 9 / 10
        guard entries.count > capacity else { return }
        for (key, _) in expiries.sorted(by: { $0.expires < $1.expires }).prefix(surplus) { entries[key] = nil }
    }
}
