/// A repository on a registry: `host[:port]/path`, without tag or digest.
public struct RepositoryName: Sendable, Hashable, CustomStringConvertible {
    /// `host[:port]`, as written by the reference; `docker.io` for Docker Hub.
    public let registry: String
    /// The path below the registry, lower case, such as `library/nginx`.
    public let path: String

    /// Reads `host[:port]/path`.
    ///
    /// The first component must be a host: nothing is expanded.
    ///
    /// - Throws: ``OCIError`` with code `invalidReference`.
    public init(_ text: String) throws(OCIError) {
        guard let slash = text.firstIndex(of: "/") else {
            throw OCIError(.invalidReference, "\"\(text.prefix(120))\" has no repository: expected registry/repository")
        }
        try self.init(registry: String(text[..<slash]), path: String(text[text.index(after: slash)...]))
    }

    /// Creates a name from its two parts.
    ///
    /// - Throws: ``OCIError`` with code `invalidReference` when either breaks the grammar
    ///   (distribution-spec, "Pulling manifests"; 255 bytes at most for the whole name).
    public init(registry: String, path: String) throws(OCIError) {
        guard ReferenceGrammar.isRegistry(registry) else {
            throw OCIError(.invalidReference, "\"\(registry.prefix(80))\" is no registry host")
        }
        guard ReferenceGrammar.isRepositoryPath(path), registry.utf8.count + path.utf8.count < 510 else {
            throw OCIError(
                .invalidReference,
                "\"\(path.prefix(120))\" is no repository name: lower-case letters, digits and single separators . _ - / are allowed"
            )
        }
        self.registry = registry
        self.path = path
    }

    /// `host[:port]/path`.
    public var description: String { "\(registry)/\(path)" }
}
