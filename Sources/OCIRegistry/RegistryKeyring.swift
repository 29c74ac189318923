internal import JSONModel
public import OCIModel

/// The credentials of pull secrets, found as Kubernetes finds them for the node that pulls an image
/// (pkg/credentialprovider/keyring.go, `Lookup`).
///
/// A value that does no I/O. It has no description that shows a secret.
public struct RegistryKeyring: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How a secret writes its credentials; the raw value is the key that holds them.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// The secret's type is `kubernetes.io/dockerconfigjson`: Docker's `config.json`, registries below `auths`.
        case configuration = ".dockerconfigjson"
        /// The secret's type is `kubernetes.io/dockercfg`: registries at the top.
        case legacy = ".dockercfg"
    }

    /// Why a secret's content cannot be used; shows nothing of it.
    public struct Defect: Error, Sendable, Hashable {
        /// The end of a sentence that begins with the secret.
        public let message: String
    }

    private struct Entry: Sendable {
        let pattern: RegistryPattern
        let credential: RegistryCredential
    }

    /// The longest content of a secret that is read: what a Secret can hold.
    public static let maximumBytes = 1 << 20
    /// The most registries of one secret.
    public static let maximumEntries = 1000
    /// The most credentials that are tried for one repository.
    public static let maximumCandidates = 16

    /// In reverse order of the patterns; those of equal patterns in the order in which they were added.
    private var entries: [Entry] = []

    /// Creates an empty keyring.
    public init() {}

    /// Reads the content of one secret.
    ///
    /// - Parameters:
    ///   - bytes: the content.
    ///   - format: how it is written.
    /// - Throws: ``Defect``: it is not strict JSON, or too large, or an entry cannot be used. Nothing of the secret
    ///   counts then, as for the node.
    public init(_ bytes: [UInt8], format: Format) throws(Defect) {
        let root = try Self.root(bytes)
        switch format {
        case .configuration:
            guard let auths = root["auths"]?.object else { throw Defect(message: "has no object \"auths\"") }
            try self.init(registries: auths)
        case .legacy: try self.init(registries: root)
        }
    }

    /// Reads a file in either format: with the name of a member that belongs to Docker's `config.json` it is one, else
    /// registries are at the top.
    ///
    /// Programs that keep credentials are left out; see ``DockerConfigCredentials/init(helpersOf:)``.
    ///
    /// - Parameter bytes: the content.
    /// - Throws: ``Defect``, as for a secret.
    public init(file bytes: [UInt8]) throws(Defect) {
        let root = try Self.root(bytes)
        let isConfiguration = ["auths", "credHelpers", "credsStore"].contains { root[$0] != nil }
        let auths = root["auths"] ?? .object([:])
        guard let registries = isConfiguration ? auths.object : root else {
            throw Defect(message: "has \"auths\" that is no object")
        }
        try self.init(registries: registries)
    }

    private static func root(_ bytes: [UInt8]) throws(Defect) -> [String: JSONValue] {
        guard bytes.count <= maximumBytes else {
            throw Defect(message: "holds more than \(maximumBytes) bytes")
        }
        let limits = JSONLimits(maximumBytes: maximumBytes, maximumDepth: 16, maximumValues: 16 * maximumEntries)
        // What the parser says may quote the content.
        guard let root = try? JSONParser(limits: limits).parse(bytes).object else {
            throw Defect(message: "holds no JSON object, or one with members that occur twice")
        }
        return root
    }

    private init(registries: [String: JSONValue]) throws(Defect) {
        guard registries.count <= Self.maximumEntries else {
            throw Defect(message: "names more than \(Self.maximumEntries) registries")
        }
        for (key, value) in registries.sorted(by: { $0.key < $1.key }) {
            // A key that names no registry is passed over there too.
            guard let pattern = RegistryPattern(key) else { continue }
            do throws(DockerConfigEntry.Defect) {
                guard let credential = try DockerConfigEntry.credential(value) else { continue }
                entries.append(Entry(pattern: pattern, credential: credential))
            } catch {
                throw Defect(message: "has an entry whose \"auth\" is not the base64 form of user:password")
            }
        }
        sort()
    }

    /// Whether it holds no credential.
    public var isEmpty: Bool { entries.isEmpty }

    /// Adds the credentials of another secret; where both have one for the same pattern, those that are here already
    /// come first.
    public mutating func add(_ other: RegistryKeyring) {
        guard !other.isEmpty else { return }
        entries += other.entries
        sort()
    }

    /// The credentials for a repository, in the order in which they are to be tried: the later pattern in the order of
    /// bytes first, so that a longer path goes before a shorter one and a whole name before a `*`; each once, and
    /// ``maximumCandidates`` at most.
    ///
    /// Those of `index.docker.io` count for Docker Hub where nothing else matches.
    public func credentials(for repository: RepositoryName) -> [RegistryCredential] {
        var matching = entries.filter { $0.pattern.matches(repository) }
        if matching.isEmpty, RegistryEndpoint.dockerHubNames.contains(repository.registry.lowercased()) {
            matching = entries.filter(\.pattern.isDockerHub)
        }
        var seen: Set<RegistryCredential> = []
        return Array(matching.map(\.credential).filter { seen.insert($0).inserted }.prefix(Self.maximumCandidates))
    }

    private mutating func sort() {
        // Sorting is stable.
        entries.sort { $1.pattern.text.utf8.lexicographicallyPrecedes($0.pattern.text.utf8) }
    }

    /// How many credentials it holds.
    public var description: String { "a keyring of \(entries.count) credentials" }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
