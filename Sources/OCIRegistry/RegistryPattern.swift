internal import OCIModel

/// The key of an entry of a pull secret: the registries and repositories that its credential is for.
///
/// The rules are those of Kubernetes (pkg/credentialprovider/keyring.go, `Add` and `URLsMatch`): the scheme counts for
/// nothing, `/v1/` and `/v2/` behind the host stand for the host, each label of the host may hold `*`, which never
/// reaches over a dot, the ports must be equal, and the path is a prefix of the repository's, letter by letter.
struct RegistryPattern: Sendable, Hashable {
    /// Host and path, by which patterns are ordered.
    let text: String
    private let labels: [String]
    private let port: String
    /// Empty, or beginning with `/`.
    private let path: String

    /// The longest key that is read.
    static let maximumLength = 1024

    /// Reads a key; `nil` for one that names no registry.
    init?(_ key: String) {
        guard key.utf8.count <= Self.maximumLength else { return nil }
        var rest = Substring(key)
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            break
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash].lowercased()
        guard !authority.isEmpty, authority.utf8.allSatisfy(Self.isHostByte) else { return nil }
        guard !rest.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) else { return nil }
        var path = String(rest[slash...])
        for version in ["/v1", "/v2"] where path == version || path.hasPrefix("\(version)/") {
            path = String(path.dropFirst(version.count))
            break
        }
        if path == "/" { path = "" }
        let (host, port) = Self.split(authority)
        self.text = authority + path
        self.labels = host
        self.port = port
        self.path = path
    }

    /// Whether it is a name of Docker Hub and nothing more.
    var isDockerHub: Bool { path.isEmpty && RegistryEndpoint.dockerHubNames.contains(text) }

    /// Whether it is for `repository`.
    func matches(_ repository: RepositoryName) -> Bool {
        let (host, port) = Self.split(repository.registry.lowercased())
        guard port == self.port, host.count == labels.count, "/\(repository.path)".hasPrefix(path) else { return false }
        return zip(labels, host).allSatisfy { Self.matches($0, $1) }
    }

    /// The labels and the port of `host[:port]`.
    private static func split(_ authority: String) -> ([String], String) {
        if authority.hasPrefix("[") {
            guard let end = authority.lastIndex(of: "]") else { return ([authority], "") }
            let rest = authority[authority.index(after: end)...]
            return ([String(authority[...end])], rest.hasPrefix(":") ? String(rest.dropFirst()) : "")
        }
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let labels = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return (labels, parts.count == 2 ? String(parts[1]) : "")
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A: true
        default: "-._*:[]".utf8.contains(byte)
        }
    }

    /// Whether a label matches a pattern whose `*` stands for any text, in time that is bounded by the product of their
    /// lengths.
    private static func matches(_ pattern: String, _ label: String) -> Bool {
        let (pattern, label) = (Array(pattern.utf8), Array(label.utf8))
        var (at, position) = (0, 0)
        var retry: (at: Int, position: Int)?
        while position < label.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                retry = (at + 1, position)
                at += 1
            } else if at < pattern.count, pattern[at] == label[position] {
                (at, position) = (at + 1, position + 1)
            } else if let star = retry {
                retry = (star.at, star.position + 1)
                (at, position) = (star.at, star.position + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
