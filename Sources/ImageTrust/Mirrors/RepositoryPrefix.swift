import OCIModel

/// A registry, or the repositories of one whose names begin with the same components: `docker.io/library`.
public struct RepositoryPrefix: Sendable, Hashable, CustomStringConvertible {
    /// `host[:port]`, as references write it.
    public let registry: String
    /// The first components of the names; empty for all of the registry.
    public let path: String

    /// Reads `host[:port][/path]`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let path = parts.count == 2 ? parts[1] : nil
        guard let first = parts.first, (try? RepositoryName(registry: first, path: path ?? "x")) != nil else {
            return nil
        }
        registry = first
        self.path = path ?? ""
    }

    /// What follows the prefix in a repository's name, without the separator; `nil` where it is not below the prefix.
    func rest(of repository: RepositoryName) -> Substring? {
        guard repository.registry == registry else { return nil }
        guard !path.isEmpty else { return repository.path[...] }
        guard repository.path.hasPrefix(path) else { return nil }
        let rest = repository.path.dropFirst(path.count)
        return rest.isEmpty ? rest : rest.hasPrefix("/") ? rest.dropFirst() : nil
    }

    /// The repository whose name has `rest` behind the prefix; `nil` where that is no name.
    func repository(_ rest: Substring) -> RepositoryName? {
        let path = [self.path, String(rest)].filter { !$0.isEmpty }.joined(separator: "/")
        return try? RepositoryName(registry: registry, path: path)
    }

    /// Whether some repository is below both.
    func overlaps(_ other: RepositoryPrefix) -> Bool {
        guard registry == other.registry else { return false }
        let (short, long) = path.count <= other.path.count ? (path, other.path) : (other.path, path)
        return short.isEmpty || long == short || long.hasPrefix("\(short)/")
    }

    /// `host[:port][/path]`.
    public var description: String { path.isEmpty ? registry : "\(registry)/\(path)" }
}
