/// What objects say they are: `apiVersion` and `kind`.
public struct GroupVersionKind: Sendable, Hashable, CustomStringConvertible {
    /// The API group; empty for the core group.
    public let group: String
    /// The version, such as `v1`.
    public let version: String
    /// The kind, such as `Pod`.
    public let kind: String

    /// Creates a kind.
    public init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// Reads `group/version` or `version`; `nil` when that or `kind` is empty, or there is more than one `/`.
    public init?(apiVersion: String, kind: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let version = parts.last, (1...2).contains(parts.count), !parts.contains(""), !kind.isEmpty else {
            return nil
        }
        self.init(group: parts.count == 2 ? parts[0] : "", version: version, kind: kind)
    }

    /// `group/version`, or the version alone for the core group.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// `group/version Kind`.
    public var description: String { "\(apiVersion) \(kind)" }
}
