import EmbeddedKubernetes
import Foundation
import OperatorTestKit
import Testing

/// A clean API server on which Vigil is installed as people install it, with access control at work.
struct InstalledCluster: Sendable {
    /// A way to install.
    enum Installation: String, Sendable, CaseIterable {
        /// A folder of `config`, by `kubectl apply -k`.
        case `default`, namespaced, namespacedWithReports, secured
        /// The chart, by `helm`: for the whole cluster, or from a namespace of its own for another.
        case chart, chartForOneNamespace

        /// Whether the operator watches every namespace.
        var isClusterWide: Bool { !isNamespaced && self != .chartForOneNamespace }
        /// Whether it is `config/namespaced`.
        var isNamespaced: Bool { self == .namespaced || self == .namespacedWithReports }
        /// Whether `helm` installs it.
        var isRelease: Bool { self == .chart || self == .chartForOneNamespace }
        /// Whether it comes with reports.
        var hasReports: Bool { [.namespacedWithReports, .secured, .chartForOneNamespace].contains(self) }
    }

    /// Why it is never the cluster that `VIGIL_TEST_KUBECONFIG` names.
    static let reason: Comment = "installs Vigil for the whole cluster, and has to be alone in it"

    /// The namespace that the samples are for.
    static let workloads = "shop"

    let installation: Installation
    let workspace: Workspace
    let embedded: EmbeddedCluster
    /// The cluster for its administrator, in ``workloads``.
    let administrator: OperatorCluster
    /// What ``install()`` has made.
    var folder: String {
        "\(workspace.path)/config/\(installation.isNamespaced ? "namespaced" : installation.rawValue)"
    }
    /// Where the operator runs.
    var home: String { installation.isNamespaced ? Self.workloads : "vigil-system" }
    /// The operator as access control knows it.
    var account: String { "system:serviceaccount:\(home):vigil" }

    /// Runs `body` with a cluster on which nothing is installed yet.
    static func with(
        _ installation: Installation,
        allowsWatchList: Bool,
        _ body: @escaping @Sendable (InstalledCluster) async throws -> Void
    ) async throws {
        var configuration = ClusterConfiguration()
        configuration.allowsWatchList = allowsWatchList
        configuration.tokens = ["administrator": .administrator]
        let embedded = EmbeddedCluster(configuration: configuration)
        try await Workspace.with { workspace in
            try await makeCertificate(in: workspace)
            let server = EmbeddedAPIServer(cluster: embedded, tls: try tls(in: workspace))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                let port = try await server.boundPort()
                try workspace.write(server.kubeconfig(port: port, token: "administrator"), to: "administrator.yaml")
                let cluster = InstalledCluster(
                    installation: installation,
                    workspace: workspace,
                    embedded: embedded,
                    administrator: OperatorCluster(
                        kubeconfig: "\(workspace.path)/administrator.yaml",
                        cluster: IntegrationCluster(embedded),
                        namespace: workloads
                    )
                )
                try await cluster.copyManifests()
                try await body(cluster)
                group.cancelAll()
            }
        }
    }

    private static func makeCertificate(in workspace: Workspace) async throws {
        try await workspace.tool(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=kube-apiserver", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "server.key",
                "-out", "server.pem",
            ]
        )
    }

    private static func tls(in workspace: Workspace) throws -> ServerTLS {
        ServerTLS(
            certificateChain: try workspace.read("server.pem"),
            privateKey: try workspace.read("server.key")
        )
    }

    /// Serves the cluster on another port too, for as long as `body` runs; its connections end with it.
    ///
    /// - Parameters:
    ///   - port: the port; 0 takes a free one.
    ///   - body: is given the port.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, and when the port cannot be listened on.
    func serving<Result>(on port: Int = 0, _ body: (Int) async throws -> Result) async throws -> Result {
        let server = EmbeddedAPIServer(cluster: embedded, port: port, tls: try Self.tls(in: workspace))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            return try await body(try await server.boundPort())
        }
    }

    /// The folder of this checkout.
    static let checkout = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    /// The manifests of this checkout, `config/namespaced` for the namespace of the samples as its first lines say.
    private func copyManifests() async throws {
        let copied = try await workspace.run(
            "/bin/cp",
            ["-r", "\(Self.checkout)/config/.", "\(workspace.path)/config"]
        )
        try #require(copied.status == 0, "\(copied.errors)")
        let file = "config/namespaced/kustomization.yaml"
        if installation == .namespacedWithReports {
            let reports = "components:\n- ../components/policy-reports-namespaced\n"
            try workspace.write(try workspace.read(file) + reports, to: file)
        }
        if installation == .secured {
            let secured = "config/secured/kustomization.yaml"
            let components = "- ../components/endpoint-tls\n"
            try workspace.write(
                try workspace.read(secured).replacing(
                    components,
                    with: "\(components)- ../components/policy-reports\n"
                ),
                to: secured
            )
        }
        try workspace.write(
            try workspace.read(file).replacing("namespace: default", with: "namespace: \(Self.workloads)"),
            to: file
        )
    }

    /// Runs `kubectl`, which must succeed, as the administrator.
    @discardableResult
    func kubectl(_ arguments: String...) async throws -> String {
        let path = try #require(KubectlTool.path)
        let outcome = try await workspace.run(path, ["--kubeconfig", administrator.kubeconfig] + arguments)
        try #require(outcome.status == 0, "kubectl \(arguments.joined(separator: " ")): \(outcome.errors)")
        return outcome.output
    }

    /// Installs Vigil, or installs it again.
    func install() async throws {
        if installation.isNamespaced { try await kubectl("apply", "-k", "\(workspace.path)/config/crd") }
        if installation.hasReports {
            try await kubectl("apply", "-f", "\(Self.checkout)/Tests/Fixtures/policy-report/policyreports.yaml")
        }
        guard installation.isRelease else {
            try await kubectl("apply", "-k", folder)
            return
        }
        try await upgradeRelease()
    }

    /// Every object of the installation with its resource version, a line each.
    func versions() async throws -> String {
        guard installation.isRelease else { return try await versions(of: folder) }
        return try await versions(of: try await releaseManifest(), by: "-f")
    }

    /// Every object of a folder, or of a file, with its resource version, a line each.
    func versions(of path: String, by flag: String = "-k") async throws -> String {
        let format = "{range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{\"\\n\"}{end}"
        return try await kubectl("get", flag, path, "-o", "jsonpath=\(format)")
    }

    /// A kubeconfig with this token.
    func kubeconfig(token: String) throws -> String {
        let name = "\(UInt64.random(in: .min ... .max)).yaml"
        let text = try workspace.read("administrator.yaml").replacing(
            "token: \"administrator\"",
            with: "token: \"\(token.trimmingCharacters(in: .whitespacesAndNewlines))\""
        )
        try workspace.write(text, to: name)
        return "\(workspace.path)/\(name)"
    }

    /// A kubeconfig with a token of the operator's own account, for another port than the administrator's where one is given.
    func operatorKubeconfig(port: Int? = nil) async throws -> String {
        let file = try kubeconfig(token: try await kubectl("create", "token", "vigil", "--namespace", home))
        var text = try String(contentsOfFile: file, encoding: .utf8)
        if let port { text.replace(/127\.0\.0\.1:\d+/, with: "127.0.0.1:\(port)") }
        try workspace.write(text, to: "operator.yaml")
        return "\(workspace.path)/operator.yaml"
    }
}
