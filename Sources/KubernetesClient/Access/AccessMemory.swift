internal import Crypto
internal import KubernetesAPI

/// What the API server said of tokens and of their owners, for as long as it is believed; and what has to be asked next.
///
/// Tokens are known by their SHA-256 alone. Whoever shows a token that is good for nothing takes no place of one that is.
struct AccessMemory: Sendable {
    /// What tells tokens apart.
    struct TokenKey: Hashable, Sendable {
        private let digest: [UInt8]

        init(_ token: String) { digest = Array(SHA256.hash(data: Array(token.utf8))) }
    }

    /// What somebody wants to do.
    struct Wish: Hashable, Sendable {
        var user: TokenReview.UserInfo
        var action: AccessAction
    }

    /// How to go on.
    enum Step: Sendable, Hashable {
        case decided(AccessDecision)
        case askAboutToken
        case askAboutWish(Wish)
    }

    private var owners: ExpiringTable<TokenKey, TokenReview.UserInfo>
    private var strangers: ExpiringTable<TokenKey, Void>
    private var allowed: ExpiringTable<Wish, Void>
    private var denied: ExpiringTable<Wish, Void>

    init(_ limits: AccessLimits) {
        owners = ExpiringTable(age: limits.tokenAge, capacity: limits.entries)
        strangers = ExpiringTable(age: limits.deniedAge, capacity: limits.entries)
        allowed = ExpiringTable(age: limits.allowedAge, capacity: limits.entries)
        denied = ExpiringTable(age: limits.deniedAge, capacity: limits.entries)
    }

    /// How many entries there are.
    var count: Int { owners.count + strangers.count + allowed.count + denied.count }

    /// What follows from what is known.
    func step(_ token: TokenKey, _ action: AccessAction, at now: Duration) -> Step {
        if strangers.value(of: token, at: now) != nil { return .decided(.unauthenticated) }
        guard let user = owners.value(of: token, at: now) else { return .askAboutToken }
        let wish = Wish(user: user, action: action)
        let name = user.username ?? ""
        if denied.value(of: wish, at: now) != nil { return .decided(.denied(user: name)) }
        if allowed.value(of: wish, at: now) != nil { return .decided(.allowed(user: name)) }
        return .askAboutWish(wish)
    }

    /// The token belongs to `user`, or, with `nil`, to nobody.
    mutating func learn(_ token: TokenKey, belongsTo user: TokenReview.UserInfo?, at now: Duration) {
        if let user {
            owners.set(user, for: token, at: now)
        } else {
            strangers.set((), for: token, at: now)
        }
    }

    /// Somebody may do what they wish, or not.
    mutating func learn(_ wish: Wish, isAllowed: Bool, at now: Duration) {
        if isAllowed {
            allowed.set((), for: wish, at: now)
        } else {
            denied.set((), for: wish, at: now)
        }
    }
}
