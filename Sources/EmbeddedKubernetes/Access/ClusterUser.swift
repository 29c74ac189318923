/// Who makes a request: what authentication finds out, and what authorization decides by.
public struct ClusterUser: Sendable, Hashable {
    /// The name: `jane`, `system:serviceaccount:shop:checker`.
    public var name: String
    /// An identifier that outlives renaming; empty when there is none.
    public var uid: String
    /// The groups, the implicit ones (`system:authenticated`) included.
    public var groups: [String]
    /// What else the authenticator knows.
    public var extra: [String: [String]]

    /// Creates a user who is in `groups`, and in `system:authenticated`.
    public init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups.contains(Self.authenticatedGroup) ? groups : groups + [Self.authenticatedGroup]
        self.extra = extra
    }

    static let authenticatedGroup = "system:authenticated"
    static let unauthenticatedGroup = "system:unauthenticated"
    static let mastersGroup = "system:masters"
    static let anonymousName = "system:anonymous"

    /// A member of `system:masters`, whom nothing is refused.
    public static let administrator = ClusterUser(name: "system:admin", groups: [mastersGroup])

    /// Whoever shows no credentials: `system:anonymous` in `system:unauthenticated`.
    public static let anonymous: ClusterUser = {
        var user = ClusterUser(name: anonymousName)
        user.groups = [unauthenticatedGroup]
        return user
    }()

    /// A service account, with the groups that its namespace gives it.
    public static func serviceAccount(_ name: String, namespace: String, uid: String = "") -> ClusterUser {
        ClusterUser(
            name: "\(serviceAccountPrefix)\(namespace):\(name)",
            uid: uid,
            groups: serviceAccountGroups(namespace: namespace)
        )
    }

    private static let serviceAccountPrefix = "system:serviceaccount:"

    static func serviceAccountGroups(namespace: String) -> [String] {
        ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"]
    }

    /// The service account that a user name stands for; `nil` for any other name.
    static func serviceAccount(named user: String) -> (namespace: String, name: String)? {
        guard user.hasPrefix(serviceAccountPrefix) else { return nil }
        let parts = user.dropFirst(serviceAccountPrefix.count).split(
            separator: ":",
            omittingEmptySubsequences: false
        )
        guard parts.count == 2, NameRules.isLabel(parts[0]), NameRules.isSubdomain(String(parts[1])) else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    /// Whether authorization and the rules against escalation let this user pass.
    var isPrivileged: Bool { groups.contains(Self.mastersGroup) }
}
