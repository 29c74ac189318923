/// How people and pods name an image: a repository with a tag, a digest, or both.
///
/// Short names are expanded as container runtimes do: `nginx` is `docker.io/library/nginx`, and a first component is a
/// registry only if it contains a dot or a colon or is `localhost`. A missing tag stays missing; ``tagOrLatest`` says
/// what a runtime would pull.
public struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    /// Where the image lives.
    public let repository: RepositoryName
    /// The tag, if one was written.
    ///
    /// Context, never identity.
    public let tag: String?
    /// The digest, if one was written.
    public let digest: Digest?

    /// Creates a reference from its parts.
    public init(repository: RepositoryName, tag: String? = nil, digest: Digest? = nil) {
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Reads a reference of at most 4 KiB.
    ///
    /// - Throws: ``OCIError`` with code `invalidReference` or `invalidDigest`.
    public init(_ text: String) throws(OCIError) {
        guard !text.isEmpty else { throw OCIError(.invalidReference, "the image reference is empty") }
        guard text.utf8.count <= 4096 else {
            throw OCIError(.invalidReference, "the image reference is longer than 4096 bytes")
        }
        guard !text.contains("://") else {
            throw OCIError(
                .invalidReference,
                "\"\(text.prefix(120))\" is a URL; write an image reference without a scheme"
            )
        }
        var name = Substring(text)
        var digest: Digest?
        if let at = name.firstIndex(of: "@") {
            digest = try Digest(String(name[name.index(after: at)...]))
            name = name[..<at]
        }
        var tag: String?
        let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
        if let colon = name[lastSlash...].lastIndex(of: ":") {
            let written = name[name.index(after: colon)...]
            guard ReferenceGrammar.isTag(written) else {
                throw OCIError(.invalidReference, "\"\(written.prefix(140))\" is no tag in \"\(text.prefix(200))\"")
            }
            tag = String(written)
            name = name[..<colon]
        }
        self.init(repository: try Self.expand(name), tag: tag, digest: digest)
    }

    /// The registry and the repository as somebody wrote them, without tag and digest, if a registry was written.
    ///
    /// Policies of notation compare names as they are written: `docker.io/nginx`, `docker.io/library/nginx` and
    /// `index.docker.io/library/nginx` are three of them, and one repository.
    ///
    /// - Parameter text: a reference, as for ``init(_:)``.
    /// - Returns: the name; `nil` where a registry would have to be added.
    public static func writtenName(_ text: String) -> String? {
        var name = text.prefix { $0 != "@" }
        guard let slash = name.firstIndex(of: "/"), isRegistry(name[..<slash]) else { return nil }
        let lastSlash = name.lastIndex(of: "/") ?? slash
        if let colon = name[lastSlash...].lastIndex(of: ":") { name = name[..<colon] }
        return String(name)
    }

    private static func isRegistry(_ first: Substring) -> Bool {
        first.contains(".") || first.contains(":") || first == "localhost"
    }

    private static func expand(_ name: Substring) throws(OCIError) -> RepositoryName {
        let defaultRegistry = "docker.io"
        guard let slash = name.firstIndex(of: "/") else {
            return try RepositoryName(registry: defaultRegistry, path: "library/\(name)")
        }
        let first = name[..<slash]
        let rest = String(name[name.index(after: slash)...])
        guard isRegistry(first) else {
            return try RepositoryName(registry: defaultRegistry, path: String(name))
        }
        guard first == "docker.io" || first == "index.docker.io" else {
            return try RepositoryName(registry: String(first), path: rest)
        }
        return try RepositoryName(registry: defaultRegistry, path: rest.contains("/") ? rest : "library/\(rest)")
    }

    /// The tag a runtime would pull when no digest is given.
    public var tagOrLatest: String { tag ?? "latest" }

    /// The same repository and tag, pinned to `digest`.
    public func pinned(to digest: Digest) -> ImageReference {
        ImageReference(repository: repository, tag: tag, digest: digest)
    }

    /// `host/path[:tag][@digest]`, fully expanded.
    public var description: String {
        let tagText = tag.map { ":\($0)" } ?? ""
        let digestText = digest.map { "@\($0)" } ?? ""
        return "\(repository)\(tagText)\(digestText)"
    }
}
