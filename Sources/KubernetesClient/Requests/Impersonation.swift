internal import KubernetesAPI
internal import OutboundHTTP

/// Whom requests act as, where the server allows it (`impersonate` in RBAC).
public struct Impersonation: Sendable, Hashable {
    /// The user's name.
    public var user: String
    /// The user's id; `nil` for none.
    public var uid: String?
    /// The user's groups; without any, the server adds those that it can tell from the name.
    public var groups: [String]
    /// Further attributes: values by key.
    public var extra: [String: [String]]

    /// Creates an impersonation.
    public init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
        self.user = user
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// The header fields, one line for each value.
    var fields: HeaderFields {
        var fields: HeaderFields = ["impersonate-user": user]
        if let uid { fields.append("impersonate-uid", uid) }
        for group in groups { fields.append("impersonate-group", group) }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            for value in values { fields.append("impersonate-extra-\(PercentEncoding.encode(key))", value) }
        }
        return fields
    }

    /// Whether a field names whom to act as.
    static func isField(_ name: String) -> Bool { name.hasPrefix("impersonate-") }
}

extension APIRequest {
    /// Whether it says itself whom it acts as.
    var impersonates: Bool {
        headers.keys.contains(where: Impersonation.isField) || headerLines.contains { Impersonation.isField($0.name) }
    }

    /// Acts as somebody, and as nobody else: whatever it said about that before is gone.
    mutating func act(as impersonation: Impersonation) {
        headers = headers.filter { !Impersonation.isField($0.key) }
        headerLines.removeAll { Impersonation.isField($0.name) }
        headerLines += impersonation.fields.fields.map { HeaderLine($0.name, $0.value) }
    }
}
