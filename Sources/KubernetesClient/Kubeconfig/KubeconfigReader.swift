import BoundedYAML
import FoundationEssentials
import Yams

/// Reads kubeconfig YAML.
///
/// Scalars are taken as the text that was written, so a name such as `no` stays a name.
struct KubeconfigReader {
    static let maximumBytes = 1 << 20
    /// Ten thousand clusters, each with its user and context, have fewer lines.
    private static let maximumValues = 200_000

    private let path: String

    /// Reads the file at `path`.
    static func read(_ path: String) throws(ClusterConfigurationError) -> KubeconfigDocument {
        let bytes: [UInt8]
        do throws(LocalFile.Failure) {
            bytes = try LocalFile.read(path, limit: maximumBytes)
        } catch {
            switch error {
            case .missing: throw ClusterConfigurationError(.notFound, "kubeconfig \(path) does not exist")
            case .unreadable(let cause):
                throw ClusterConfigurationError(.unreadable, "kubeconfig \(path) cannot be read: \(cause)")
            }
        }
        return try KubeconfigReader(path: path).document(bytes)
    }

    /// Reads bytes that came from `path`.
    static func read(_ bytes: [UInt8], path: String) throws(ClusterConfigurationError) -> KubeconfigDocument {
        try KubeconfigReader(path: path).document(bytes)
    }

    private func document(_ bytes: [UInt8]) throws(ClusterConfigurationError) -> KubeconfigDocument {
        guard bytes.count <= Self.maximumBytes else { throw malformed("is larger than \(Self.maximumBytes) bytes") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw malformed("is not UTF-8") }
        let root = try root(text)
        var document = KubeconfigDocument(path: path)
        guard let root, !Self.isNull(root) else { return document }
        let top = try mapping(root, "the document")
        try expect(top, "apiVersion", "v1")
        try expect(top, "kind", "Config")
        document.currentContext = try string(top, "current-context")
        document.clusters = try entries(top, "clusters", "cluster") { node, name throws(ClusterConfigurationError) in
            try cluster(node, "cluster \"\(name)\"")
        }
        document.users = try entries(top, "users", "user") { node, name throws(ClusterConfigurationError) in
            try user(node, "user \"\(name)\"")
        }
        document.contexts = try entries(top, "contexts", "context") { node, name throws(ClusterConfigurationError) in
            KubeconfigDocument.Context(
                file: path,
                cluster: try string(node, "cluster"),
                user: try string(node, "user"),
                namespace: try string(node, "namespace")
            )
        }
        return document
    }

    private func root(_ text: String) throws(ClusterConfigurationError) -> Node? {
        var root: Node?
        do throws(YAMLProblem) {
            try YAMLComposer(maximumValues: Self.maximumValues, maximumDocuments: 1).compose(text) { root = $0 }
        } catch {
            let line = error.line.map { ", line \($0)" } ?? ""
            throw ClusterConfigurationError(.malformed, "kubeconfig \(path)\(line): \(error.message)")
        }
        return root
    }

    // MARK: - Entries

    private func cluster(
        _ node: Node.Mapping,
        _ what: String
    ) throws(ClusterConfigurationError) -> KubeconfigDocument.Cluster {
        var cluster = KubeconfigDocument.Cluster(file: path)
        cluster.server = try string(node, "server")
        cluster.tlsServerName = try string(node, "tls-server-name")
        cluster.insecureSkipTLSVerify = try bool(node, "insecure-skip-tls-verify", what)
        cluster.certificateAuthority = try string(node, "certificate-authority")
        cluster.certificateAuthorityData = try base64(node, "certificate-authority-data", what)
        cluster.proxyURL = try string(node, "proxy-url")
        cluster.disableCompression = try bool(node, "disable-compression", what)
        cluster.execExtension = try execExtension(node, what)
        return cluster
    }

    private func user(
        _ node: Node.Mapping,
        _ what: String
    ) throws(ClusterConfigurationError) -> KubeconfigDocument.User {
        var user = KubeconfigDocument.User(file: path)
        user.clientCertificate = try string(node, "client-certificate")
        user.clientCertificateData = try base64(node, "client-certificate-data", what)
        user.clientKey = try string(node, "client-key")
        user.clientKeyData = try base64(node, "client-key-data", what)
        user.token = try string(node, "token")
        user.tokenFile = try string(node, "tokenFile")
        user.username = try string(node, "username")
        user.password = try string(node, "password")
        user.impersonation.user = try string(node, "as")
        user.impersonation.uid = try string(node, "as-uid")
        user.impersonation.groups = try strings(node["as-groups"], "\(what): as-groups")
        if let extra = node["as-user-extra"], !Self.isNull(extra) {
            for (key, values) in try mapping(extra, "\(what): as-user-extra") {
                guard let key = key.scalar?.string else { throw malformed("has a key in \(what) that is no text") }
                user.impersonation.extra[key] = try strings(values, "\(what): as-user-extra")
            }
        }
        if let exec = node["exec"], !Self.isNull(exec) {
            user.exec = try self.exec(try mapping(exec, "\(what): exec"), what)
        }
        if let provider = node["auth-provider"], !Self.isNull(provider) {
            user.authProvider = try string(try mapping(provider, "\(what): auth-provider"), "name") ?? ""
        }
        return user
    }

    private func entries<Entry>(
        _ top: Node.Mapping,
        _ list: String,
        _ member: String,
        _ read: (Node.Mapping, String) throws(ClusterConfigurationError) -> Entry
    ) throws(ClusterConfigurationError) -> [String: Entry] {
        guard let node = top[list], !Self.isNull(node) else { return [:] }
        guard let items = node.sequence else { throw malformed("says something else than a list under \(list)") }
        var result: [String: Entry] = [:]
        for item in items {
            let item = try mapping(item, "an entry of \(list)")
            guard let name = try string(item, "name") else { throw malformed("has an entry of \(list) without a name") }
            guard result[name] == nil else { throw malformed("has two entries \"\(name)\" in \(list)") }
            let body = item[member].flatMap { Self.isNull($0) ? nil : $0 } ?? Node.mapping(Node.Mapping([]))
            result[name] = try read(try mapping(body, "\(member) \"\(name)\""), name)
        }
        return result
    }

    // MARK: - Values

    func malformed(_ cause: String) -> ClusterConfigurationError {
        ClusterConfigurationError(.malformed, "kubeconfig \(path) \(cause)")
    }

    static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    func mapping(_ node: Node, _ what: String) throws(ClusterConfigurationError) -> Node.Mapping {
        guard let mapping = node.mapping else { throw malformed("says something else than keys and values in \(what)") }
        return mapping
    }

    /// The text under `key`; `nil` when it is absent, null or empty.
    func string(_ node: Node.Mapping, _ key: String) throws(ClusterConfigurationError) -> String? {
        guard let value = node[key], !Self.isNull(value) else { return nil }
        guard let scalar = value.scalar else { throw malformed("says something else than a text under \(key)") }
        return scalar.string.isEmpty ? nil : scalar.string
    }

    func strings(_ node: Node?, _ what: String) throws(ClusterConfigurationError) -> [String] {
        guard let node, !Self.isNull(node) else { return [] }
        guard let items = node.sequence else { throw malformed("says something else than a list in \(what)") }
        var result: [String] = []
        for item in items {
            guard let text = item.scalar?.string else { throw malformed("has an item in \(what) that is no text") }
            result.append(text)
        }
        return result
    }

    func bool(_ node: Node.Mapping, _ key: String, _ what: String) throws(ClusterConfigurationError) -> Bool {
        switch try string(node, key)?.lowercased() {
        case nil, "false": return false
        case "true": return true
        default: throw malformed("says neither true nor false under \(key) of \(what)")
        }
    }

    private func base64(
        _ node: Node.Mapping,
        _ key: String,
        _ what: String
    ) throws(ClusterConfigurationError) -> [UInt8]? {
        guard let text = try string(node, key) else { return nil }
        guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }), !data.isEmpty else {
            throw malformed("has no valid base64 under \(key) of \(what)")
        }
        return Array(data)
    }

    private func expect(_ top: Node.Mapping, _ key: String, _ value: String) throws(ClusterConfigurationError) {
        guard let found = try string(top, key), found != value else { return }
        throw malformed("has \(key) \"\(found.prefix(64))\" instead of \"\(value)\": it is no kubeconfig")
    }
}
