import FoundationEssentials
import OutboundHTTP

/// Makes a usable configuration of the entries that a context names.
struct KubeconfigResolver {
    private let document: KubeconfigDocument
    let environment: [String: String]

    init(_ document: KubeconfigDocument, environment: [String: String]) {
        self.document = document
        self.environment = environment
    }

    func configuration(context requested: String?) throws(ClusterConfigurationError) -> ClusterConfiguration {
        guard let name = requested ?? document.currentContext else {
            throw ClusterConfigurationError(
                .noSuchEntry,
                "kubeconfig \(document.path) has no current-context; name one"
            )
        }
        guard let context = document.contexts[name] else {
            let known = document.contexts.keys.sorted().prefix(20).joined(separator: ", ")
            throw ClusterConfigurationError(
                .noSuchEntry,
                "kubeconfig \(document.path) has no context \"\(name)\"; it has: \(known.isEmpty ? "none" : known)"
            )
        }
        guard let clusterName = context.cluster, let cluster = document.clusters[clusterName] else {
            throw ClusterConfigurationError(
                .noSuchEntry,
                "context \"\(name)\" in kubeconfig \(context.file) names the cluster \"\(context.cluster ?? "")\", "
                    + "which is not there"
            )
        }
        var user: KubeconfigDocument.User?
        if let userName = context.user {
            guard let found = document.users[userName] else {
                throw ClusterConfigurationError(
                    .noSuchEntry,
                    "context \"\(name)\" in kubeconfig \(context.file) names the user \"\(userName)\", which is not "
                        + "there"
                )
            }
            user = found
        }
        var configuration = try self.cluster(
            cluster,
            "cluster \"\(clusterName)\" in kubeconfig \(cluster.file)",
            source: "context \"\(name)\" in \(context.file)"
        )
        configuration.namespace = try Self.checked(
            namespace: context.namespace ?? "default",
            from: "context \"\(name)\" in kubeconfig \(context.file)"
        )
        if let user {
            try authenticate(
                &configuration,
                as: user,
                at: cluster,
                "user \"\(context.user ?? "")\" in kubeconfig \(user.file)"
            )
        }
        return configuration
    }

    // MARK: - Cluster

    private func cluster(
        _ cluster: KubeconfigDocument.Cluster,
        _ what: String,
        source: String
    ) throws(ClusterConfigurationError) -> ClusterConfiguration {
        guard let address = cluster.server else {
            throw ClusterConfigurationError(.malformed, "\(what) has no server")
        }
        // As client-go has it: TLS settings without a scheme mean https.
        let hasTLS =
            cluster.certificateAuthority != nil || cluster.certificateAuthorityData != nil
            || cluster.insecureSkipTLSVerify
        let scheme = hasTLS ? "https" : "http"
        let server: OutboundURL
        do throws(OutboundError) {
            let whole = try OutboundURL(address.contains("://") ? address : "\(scheme)://\(address)")
            server = try OutboundURL(scheme: whole.scheme, authority: whole.authority, path: whole.path)
        } catch {
            throw ClusterConfigurationError(.malformed, "\(what): its server cannot be used: \(error)")
        }
        var configuration = ClusterConfiguration(server: server, source: source)
        configuration.certificateAuthority = try Self.fileOrData(
            cluster.certificateAuthority,
            cluster.certificateAuthorityData,
            "certificate-authority",
            what,
            cluster.file
        )
        configuration.certificateFiles.certificateAuthority = Self.path(cluster.certificateAuthority, cluster.file)
        if cluster.insecureSkipTLSVerify, configuration.certificateAuthority != nil {
            throw ClusterConfigurationError(
                .contradictory,
                "\(what) both names a certificate-authority and sets insecure-skip-tls-verify; remove one"
            )
        }
        configuration.isInsecure = cluster.insecureSkipTLSVerify
        configuration.tlsServerName = cluster.tlsServerName
        guard let proxy = cluster.proxyURL else {
            configuration.proxies = try Self.proxies(environment)
            return configuration
        }
        do throws(OutboundError) {
            let server = try ProxyServer(proxy, source: "proxy-url of \(what)")
            configuration.proxies = ProxySettings(http: server, https: server)
            configuration.proxies.includesLoopback = true
        } catch {
            throw ClusterConfigurationError(.malformed, error.message)
        }
        return configuration
    }

    // MARK: - User

    private func authenticate(
        _ configuration: inout ClusterConfiguration,
        as user: KubeconfigDocument.User,
        at cluster: KubeconfigDocument.Cluster,
        _ what: String
    ) throws(ClusterConfigurationError) {
        let certificate = try Self.fileOrData(
            user.clientCertificate,
            user.clientCertificateData,
            "client-certificate",
            what,
            user.file
        )
        let key = try Self.fileOrData(user.clientKey, user.clientKeyData, "client-key", what, user.file)
        let hasToken = user.token != nil || user.tokenFile != nil
        let hasBasic = user.username != nil || user.password != nil
        if hasToken, hasBasic {
            throw ClusterConfigurationError(
                .contradictory,
                "\(what) has both a token and a user name or password; remove one"
            )
        }
        guard (certificate == nil) == (key == nil) else {
            throw ClusterConfigurationError(
                .contradictory,
                "\(what) has a client "
                    + (certificate == nil ? "key without a certificate" : "certificate without a key")
            )
        }
        if let provider = user.authProvider {
            throw ClusterConfigurationError(
                .unsupported,
                "\(what) uses the auth-provider \"\(provider)\", which Kubernetes has removed; use a token"
            )
        }
        let plugin = try user.exec.map { exec throws(ClusterConfigurationError) in
            try self.plugin(exec, from: user.file, at: cluster, configuration, what)
        }
        // No secret: whom to act as is said to a proxy on this host too.
        configuration.impersonation = try Self.impersonation(user.impersonation, what)
        // Credentials never travel in the clear.
        guard configuration.server.scheme == .https else { return }
        if let certificate, let key {
            configuration.identity = TLSSettings.ClientIdentity(certificateChainPEM: certificate, privateKeyPEM: key)
        }
        configuration.certificateFiles.clientCertificate = Self.path(user.clientCertificate, user.file)
        configuration.certificateFiles.clientKey = Self.path(user.clientKey, user.file)
        configuration.credential = try Self.credential(of: user, what)
        // What the file holds itself is used first, as in client-go.
        if let plugin, configuration.credential == .none, configuration.identity == nil {
            configuration.credential = .exec(plugin)
        }
    }

    private static func credential(
        of user: KubeconfigDocument.User,
        _ what: String
    ) throws(ClusterConfigurationError) -> ClusterConfiguration.Credential {
        if let file = user.tokenFile {
            let path = LocalFile.resolve(file, against: LocalFile.folder(of: user.file))
            _ = try TokenFile.read(path)
            return .tokenFile(path: path)
        }
        if let token = user.token { return .token(try TokenFile.checked(token, "the token of \(what)")) }
        if user.username != nil || user.password != nil {
            return .basic(username: user.username ?? "", password: user.password ?? "")
        }
        return .none
    }

    private static func impersonation(
        _ impersonation: KubeconfigDocument.Impersonation,
        _ what: String
    ) throws(ClusterConfigurationError) -> HeaderFields {
        guard let user = impersonation.user else {
            guard impersonation == KubeconfigDocument.Impersonation() else {
                throw ClusterConfigurationError(
                    .contradictory,
                    "\(what) has as-uid, as-groups or as-user-extra without as"
                )
            }
            return HeaderFields()
        }
        return Impersonation(
            user: user,
            uid: impersonation.uid,
            groups: impersonation.groups,
            extra: impersonation.extra
        ).fields
    }

    // MARK: - Common

    static func checked(
        namespace: String,
        from source: String
    ) throws(ClusterConfigurationError) -> String {
        let bytes = Array(namespace.utf8)
        let isLabel =
            (1...63).contains(bytes.count) && bytes.first != 0x2D && bytes.last != 0x2D
            && bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        guard isLabel else {
            throw ClusterConfigurationError(
                .malformed,
                "\(source) names a namespace that is none: \"\(namespace.prefix(64))\""
            )
        }
        return namespace
    }

    static func proxies(_ environment: [String: String]) throws(ClusterConfigurationError) -> ProxySettings {
        do throws(OutboundError) {
            return try ProxySettings(environment: environment)
        } catch {
            throw ClusterConfigurationError(.malformed, error.message)
        }
    }

    static func file(_ path: String, _ what: String) throws(ClusterConfigurationError) -> [UInt8] {
        do throws(LocalFile.Failure) {
            return try LocalFile.read(path, limit: CertificateFiles.maximumBytes)
        } catch {
            switch error {
            case .missing: throw ClusterConfigurationError(.unreadable, "\(what): \(path) does not exist")
            case .unreadable(let cause):
                throw ClusterConfigurationError(.unreadable, "\(what): \(path) cannot be read: \(cause)")
            }
        }
    }

    private static func fileOrData(
        _ path: String?,
        _ data: [UInt8]?,
        _ key: String,
        _ what: String,
        _ origin: String
    ) throws(ClusterConfigurationError) -> [UInt8]? {
        guard let path = Self.path(path, origin) else { return data }
        guard data == nil else {
            throw ClusterConfigurationError(.contradictory, "\(what) has both \(key) and \(key)-data; remove one")
        }
        return try file(path, "\(key) of \(what)")
    }

    /// A path of a kubeconfig, as seen from that file.
    static func path(_ path: String?, _ origin: String) -> String? {
        path.map { LocalFile.resolve($0, against: LocalFile.folder(of: origin)) }
    }
}
