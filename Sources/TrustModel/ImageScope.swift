public import OCIModel

/// Which images a policy speaks for: repositories by pattern.
///
/// A pattern is a repository (`registry.example.com/shop/web`), a prefix ending in `/*` (every repository below it, at
/// any depth), or `*` (every image). Comparison is exact and case-sensitive; nothing is matched inside a component.
public struct ImageScope: Sendable, Hashable {
    /// Patterns that speak for an image; empty means every image.
    public let include: [String]
    /// Patterns that take images out again.
    public let exclude: [String]

    /// Creates a scope.
    public init(include: [String] = [], exclude: [String] = []) {
        self.include = include
        self.exclude = exclude
    }

    /// Whether the policy speaks for images of `repository`.
    ///
    /// With no readable repository only a scope without restriction speaks.
    public func contains(_ repository: RepositoryName?) -> Bool {
        guard let repository else { return include.isEmpty || include.contains("*") }
        let name = repository.description
        let isIncluded = include.isEmpty || include.contains { Self.matches(pattern: $0, name) }
        return isIncluded && !exclude.contains { Self.matches(pattern: $0, name) }
    }

    /// Why the policy does not speak for images of `repository`, as a clause for people; `nil` when it does.
    public func silence(about repository: RepositoryName?) -> String? {
        guard !contains(repository) else { return nil }
        guard let repository else { return "the image's reference cannot be read, and its scope is restricted" }
        let name = repository.description
        if let pattern = exclude.first(where: { Self.matches(pattern: $0, name) }) {
            return "its scope excludes \(pattern)"
        }
        let some = include.prefix(8).joined(separator: ", ")
        return "its scope is \(some)\(include.count > 8 ? ", …" : "")"
    }

    private static func matches(pattern: String, _ name: String) -> Bool {
        if pattern == "*" || pattern == name { return true }
        guard pattern.hasSuffix("/*") else { return false }
        return name.hasPrefix(pattern.dropLast())
    }

    /// Why `pattern` is not acceptable; `nil` when it is.
    public static func defect(inPattern pattern: String) -> String? {
        if pattern == "*" { return nil }
        if pattern.isEmpty { return "is empty" }
        let name = pattern.hasSuffix("/*") ? String(pattern.dropLast(2)) : pattern
        if name.contains("*") { return "may have * only alone or as the last component" }
        if !name.contains("/") {
            return ReferenceName.isRegistry(name)
                ? nil : "must start with a registry host, such as docker.io/library/nginx"
        }
        return (try? RepositoryName(name)) == nil
            ? "must be registry/repository in lower case, without tag or digest, optionally ending in /*" : nil
    }
}

private enum ReferenceName {
    /// Whether `host` could be a registry: it parses as one in front of any repository.
    static func isRegistry(_ host: String) -> Bool { (try? RepositoryName(registry: host, path: "x")) != nil }
}
