import FoundationEssentials
import KubernetesClient
import OutboundHTTP
import Testing

@Suite("Kubeconfig")
struct KubeconfigTests {
    private let ca = "-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\n"

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private func config(
        cluster: String = "{server: \"https://api.example.com:6443\"}",
        user: String = "{token: secret-token}",
        context: String = "{cluster: c, user: u, namespace: shop}",
        current: String = "here"
    ) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: \(current)
        clusters: [{name: c, cluster: \(cluster)}]
        users: [{name: u, user: \(user)}]
        contexts: [{name: here, context: \(context)}]
        """
    }

    private func load(
        _ text: String,
        context: String? = nil,
        environment: [String: String] = [:]
    ) throws -> ClusterConfiguration {
        let folder = try TemporaryFolder()
        return try ClusterConfiguration.load(
            kubeconfig: try folder.write("config", text),
            context: context,
            environment: environment
        )
    }

    /// The error of loading `text`.
    private func failure(_ text: String, context: String? = nil) -> ClusterConfigurationError? {
        do {
            _ = try load(text, context: context)
            return nil
        } catch {
            return error as? ClusterConfigurationError
        }
    }

    @Test("server, namespace and token come from the current context")
    func token() throws {
        let configuration = try load(config())
        #expect(configuration.server.absoluteString == "https://api.example.com:6443/")
        #expect(configuration.namespace == "shop")
        #expect(configuration.credential == .token("secret-token"))
        #expect(!configuration.description.contains("secret-token"))
        #expect(configuration.description.contains("context \"here\""))
    }

    @Test("certificates may be given as data, and files are sought beside the kubeconfig")
    func certificates() throws {
        let folder = try TemporaryFolder()
        try folder.write("pki/ca.crt", ca)
        try folder.write("client.crt", "certificate")
        let path = try folder.write(
            "config",
            config(
                cluster: "{server: 'https://h/prefix?x=1#y', certificate-authority: pki/ca.crt, tls-server-name: name}",
                user: "{client-certificate: client.crt, client-key-data: \(base64("key"))}"
            )
        )
        let configuration = try ClusterConfiguration.load(kubeconfig: path, environment: [:])
        #expect(configuration.certificateAuthority == Array(ca.utf8))
        #expect(configuration.identity?.certificateChainPEM == Array("certificate".utf8))
        #expect(configuration.identity?.privateKeyPEM == Array("key".utf8))
        #expect(configuration.tlsServerName == "name")
        #expect(configuration.server.absoluteString == "https://h/prefix")
        #expect(!configuration.description.contains("key"))
    }

    @Test("tokenFile wins over token, and is sought beside the kubeconfig")
    func tokenFile() throws {
        let folder = try TemporaryFolder()
        try folder.write("token", "from-file\n")
        let path = try folder.write("config", config(user: "{token: initial, tokenFile: token}"))
        let configuration = try ClusterConfiguration.load(kubeconfig: path, environment: [:])
        #expect(configuration.credential == .tokenFile(path: folder.path + "/token"))
    }

    @Test("basic authentication, impersonation, proxy and the insecure flag are read")
    func otherSettings() throws {
        let configuration = try load(
            config(
                cluster: "{server: 'https://h', insecure-skip-tls-verify: true, proxy-url: 'http://u:p@proxy:3128'}",
                user: "{username: me, password: hunter2, as: other, as-groups: [a, b], as-user-extra: {x/y: [z]}}"
            )
        )
        #expect(configuration.credential == .basic(username: "me", password: "hunter2"))
        #expect(configuration.isInsecure)
        #expect(configuration.proxies.https?.host == "proxy")
        #expect(configuration.impersonation["impersonate-user"] == "other")
        #expect(configuration.impersonation.values("impersonate-group") == ["a", "b"])
        #expect(configuration.impersonation["impersonate-extra-x%2Fy"] == "z")
        #expect(!configuration.description.contains("hunter2"))
    }

    @Test("credentials are not attached to a server without TLS")
    func plainHTTP() throws {
        let configuration = try load(config(cluster: "{server: 'http://localhost:8080'}"))
        #expect(configuration.credential == .none)
    }

    @Test("whom to act as is said to a server without TLS too, such as a proxy on this host")
    func plainHTTPImpersonation() throws {
        let cluster = "{server: 'http://localhost:8001'}"
        let user = "{token: secret, as: jane, as-groups: [team-a, team-b]}"
        let configuration = try load(config(cluster: cluster, user: user))
        #expect(configuration.credential == .none)
        #expect(configuration.impersonation["impersonate-user"] == "jane")
        #expect(configuration.impersonation.values("impersonate-group") == ["team-a", "team-b"])
        #expect(failure(config(cluster: cluster, user: "{as-groups: [team-a]}"))?.code == .contradictory)
    }

    @Test("names that YAML 1.1 would read as truth values stay names")
    func yamlNames() throws {
        let text = """
            current-context: no
            clusters: [{name: on, cluster: {server: 'https://h'}}]
            contexts: [{name: no, context: {cluster: on, namespace: yes}}]
            """
        let configuration = try load(text)
        #expect(configuration.namespace == "yes")
        #expect(configuration.credential == .none)
    }

    @Test("of several files the first that names something wins whole; missing ones are passed over")
    func merging() throws {
        let folder = try TemporaryFolder()
        let first = try folder.write(
            "first/config",
            """
            users: [{name: u, user: {token: first}}]
            clusters: [{name: c, cluster: {server: 'https://first', certificate-authority: ca.crt}}]
            """
        )
        try folder.write("first/ca.crt", "first ca")
        let second = try folder.write(
            "second/config",
            config(cluster: "{server: 'https://second', tls-server-name: x}", user: "{token: second}")
        )
        let list = "\(folder.path)/missing:\(first):\(first):\(second)"
        let configuration = try ClusterConfiguration.load(environment: ["KUBECONFIG": list])
        #expect(configuration.server.host == "first")
        #expect(configuration.tlsServerName == nil)
        #expect(configuration.credential == .token("first"))
        #expect(configuration.certificateAuthority == Array("first ca".utf8))
        #expect(configuration.source.contains("second/config"))
    }

    @Test("a broken file of the list is an error that names it, even if another would do")
    func brokenFile() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("good", config())
        let broken = try folder.write("broken", "clusters: [}")
        let error = #expect(throws: ClusterConfigurationError.self) {
            try ClusterConfiguration.load(environment: ["KUBECONFIG": "\(good):\(broken)"])
        }
        #expect(error?.code == .malformed && error?.message.contains(broken) == true)
    }

    @Test("files that do not exist: the one named, and all of the list")
    func missingFiles() throws {
        let explicit = #expect(throws: ClusterConfigurationError.self) {
            try ClusterConfiguration.load(kubeconfig: "/nonexistent/config", environment: ["HOME": "/nonexistent"])
        }
        #expect(explicit?.message.contains("/nonexistent/config") == true)
        let list = #expect(throws: ClusterConfigurationError.self) {
            try ClusterConfiguration.load(environment: ["KUBECONFIG": "/nonexistent/a:/nonexistent/b"])
        }
        #expect(list?.message.contains("/nonexistent/b") == true)
        let nothing = #expect(throws: ClusterConfigurationError.self) {
            try ClusterConfiguration.load(environment: ["HOME": "/nonexistent"])
        }
        #expect(nothing?.code == .notFound && nothing?.message.contains("/nonexistent/.kube/config") == true)
    }

    @Test("another context can be asked for; one that does not exist is an error that lists those that do")
    func contexts() throws {
        let text = config()
        let error = failure(text, context: "there")
        #expect(error?.code == .noSuchEntry && error?.message.contains("it has: here") == true)
        #expect(failure(config(current: "''"))?.code == .noSuchEntry)
        #expect(try load(text, context: "here").namespace == "shop")
    }

    @Test(
        "contradictions and gaps are refused",
        arguments: [
            ("{server: 'https://h', insecure-skip-tls-verify: true, certificate-authority-data: Y2E=}", "{}", "remove"),
            ("{server: 'https://h', certificate-authority: a, certificate-authority-data: Y2E=}", "{}", "remove one"),
            ("{server: 'https://h', certificate-authority: missing.crt}", "{}", "does not exist"),
            ("{server: 'https://h', certificate-authority-data: '%%%'}", "{}", "base64"),
            ("{server: 'https://h', insecure-skip-tls-verify: maybe}", "{}", "neither true nor false"),
            ("{server: 'https://h', proxy-url: 'ftp://x'}", "{}", "proxy"),
            ("{server: 'ftp://h'}", "{}", "server"),
            ("{}", "{}", "no server"),
            ("{server: 'https://h'}", "{client-certificate-data: Y2E=}", "without a key"),
            ("{server: 'https://h'}", "{client-key-data: Y2E=}", "without a certificate"),
            ("{server: 'https://h'}", "{token: t, username: u}", "remove one"),
            ("{server: 'https://h'}", "{token: '  '}", "the token of"),
            ("{server: 'https://h'}", "{token: \"a\\nb\"}", "characters no token has"),
            ("{server: 'https://h'}", "{as-groups: [a]}", "without as"),
            ("{server: 'https://h'}", "{tokenFile: missing}", "does not exist"),
            ("{server: 'https://h'}", "{auth-provider: {name: gcp}}", "auth-provider"),
            ("{server: 'https://h'}", "{as-uid: a}", "without as"),
            ("{server: 'https://h'}", "{as-user-extra: {a: [b]}}", "without as"),
            ("{server: 'https://h'}", "{client-certificate: a, client-certificate-data: Y2E=}", "remove one"),
            ("{server: 'https://h'}", "{client-key: a, client-key-data: Y2E=}", "remove one"),
            ("{server: 'https://h'}", "{client-certificate: missing, client-key: missing}", "does not exist"),
            ("{server: 'https://h'}", "{exec: {command: aws}, auth-provider: {name: gcp}}", "auth-provider"),
        ]
    )
    func contradictions(cluster: String, user: String, hint: String) {
        let error = failure(config(cluster: cluster, user: user))
        #expect(error?.message.contains(hint) == true, "\(String(describing: error))")
    }

    @Test(
        "what is no kubeconfig is refused, without showing its contents",
        arguments: [
            "- secret", "clusters: secret", "users: [{name: u, user: {token: [secret]}}]", "kind: Pod",
            "clusters: [{cluster: {server: secret}}]", "a: [secret", "\u{0}secret", "clusters: [secret]",
            "users: [{name: u, user: {}}, {name: u, user: {token: secret}}]",
        ]
    )
    func malformed(text: String) {
        let error = failure(text)
        #expect(error?.code == .malformed, "\(String(describing: error))")
        #expect(error?.message.contains("secret") == false)
    }

    @Test("aliases to multiplied collections are refused as keys, and soon", .timeLimit(.minutes(5)))
    func laughingKeys() {
        var text = config() + "\nl0: &l0 [x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
            text += "l\(level): &l\(level) [\(aliases)]\n"
        }
        let error = failure(text + "*l9 : 1\n")
        #expect(error?.code == .malformed)
        #expect(error?.message.contains("line 17: a key must be text") == true, "\(String(describing: error))")
    }

    @Test("two documents are refused, and a broken line is named")
    func notOneDocument() {
        #expect(failure(config() + "\n---\n" + config())?.message.contains("there is more than one document") == true)
        #expect(failure("clusters: []\nusers: [\n")?.message.contains("line 3: is no valid YAML") == true)
    }

    @Test("a namespace that is none is refused")
    func namespace() {
        #expect(failure(config(context: "{cluster: c, user: u, namespace: 'a/../b'}"))?.code == .malformed)
    }

    @Test("a file beyond a megabyte is refused unread")
    func tooLarge() {
        #expect(failure(config() + String(repeating: "\n# padding", count: 200_000))?.code == .unreadable)
    }

    @Test("files of certificates are remembered, so that they can be read again")
    func certificateFiles() throws {
        let folder = try TemporaryFolder()
        for name in ["ca.crt", "tls.crt", "tls.key"] { try folder.write(name, name) }
        let path = try folder.write(
            "config",
            config(
                cluster: "{server: h, certificate-authority: ca.crt}",
                user: "{client-certificate: tls.crt, client-key: \(folder.path)/tls.key}"
            )
        )
        let configuration = try ClusterConfiguration.load(kubeconfig: path, environment: [:])
        #expect(configuration.certificateFiles.certificateAuthority == folder.path + "/ca.crt")
        #expect(configuration.certificateFiles.clientCertificate == folder.path + "/tls.crt")
        #expect(configuration.certificateFiles.clientKey == folder.path + "/tls.key")
    }

    @Test("a server without a scheme is https where TLS is configured, else http")
    func scheme() throws {
        #expect(try load(config(cluster: "{server: 'h:1', insecure-skip-tls-verify: true}")).server.scheme == .https)
        #expect(try load(config(cluster: "{server: 'h:1', certificate-authority-data: Y2E=}")).server.scheme == .https)
        #expect(try load(config(cluster: "{server: 'h:1'}")).server.scheme == .http)
    }

    @Test("a proxy of the kubeconfig is used wherever the server is; one of the environment not for this machine")
    func proxies() throws {
        let here = "https://127.0.0.1:6443"
        let own = try load(config(cluster: "{server: '\(here)', proxy-url: 'socks5://localhost:1080'}"))
        #expect(own.proxies.proxy(for: own.server)?.port == 1080)
        let secured = try load(config(cluster: "{server: '\(here)', proxy-url: 'https://user:pass@proxy'}"))
        #expect(secured.proxies.proxy(for: secured.server)?.description == "https://proxy:443")
        let environment = ["HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.0/8"]
        let inherited = try load(config(cluster: "{server: '\(here)'}"), environment: environment)
        #expect(inherited.proxies.proxy(for: inherited.server) == nil)
        let elsewhere = try load(config(cluster: "{server: 'https://192.0.2.1'}"), environment: environment)
        #expect(elsewhere.proxies.proxy(for: elsewhere.server)?.host == "proxy")
        let excepted = try load(config(cluster: "{server: 'https://10.1.2.3'}"), environment: environment)
        #expect(excepted.proxies.proxy(for: excepted.server) == nil)
    }

    @Test("no description shows a secret")
    func descriptions() throws {
        for user in ["{token: hunter2}", "{username: me, password: hunter2}"] {
            let configuration = try load(config(user: user))
            #expect(!"\(configuration) \(configuration.credential)".contains("hunter2"))
        }
    }
}
