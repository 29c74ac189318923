import FoundationEssentials
import JSONModel
import OutboundHTTP

extension KubeconfigResolver {
    /// The program of a user, checked; its environment is this process's, overlaid with the entry's own.
    func plugin(
        _ exec: KubeconfigDocument.Exec,
        from file: String,
        at cluster: KubeconfigDocument.Cluster,
        _ configuration: ClusterConfiguration,
        _ what: String
    ) throws(ClusterConfigurationError) -> ExecCredentialPlugin {
        guard let command = exec.command else {
            throw ClusterConfigurationError(.malformed, "\(what) has an exec without a command")
        }
        let version = try Self.version(exec, command, what)
        var plugin = ExecCredentialPlugin(
            // A name is looked for in PATH; a path is meant as seen from the file.
            command: command.contains("/") ? Self.path(command, file) ?? command : command,
            arguments: exec.arguments,
            environment: environment.merging(exec.environment.map { ($0.name, $0.value) }) { _, own in own },
            version: version,
            interactiveMode: try Self.interactiveMode(exec, version, what)
        )
        plugin.installHint = exec.installHint
        if exec.provideClusterInfo { plugin.clusterInfo = Self.clusterInfo(cluster, configuration) }
        return plugin
    }

    private static func version(
        _ exec: KubeconfigDocument.Exec,
        _ command: String,
        _ what: String
    ) throws(ClusterConfigurationError) -> ExecCredentialPlugin.Version {
        guard let text = exec.apiVersion else {
            throw ClusterConfigurationError(.malformed, "\(what) has an exec (\"\(command)\") without an apiVersion")
        }
        guard let version = ExecCredentialPlugin.Version(rawValue: text) else {
            let known = ExecCredentialPlugin.Version.allCases.map(\.rawValue).joined(separator: " and ")
            throw ClusterConfigurationError(
                .unsupported,
                "\(what) has an exec (\"\(command)\") of the apiVersion \"\(text.prefix(64))\"; known are \(known)"
            )
        }
        return version
    }

    private static func interactiveMode(
        _ exec: KubeconfigDocument.Exec,
        _ version: ExecCredentialPlugin.Version,
        _ what: String
    ) throws(ClusterConfigurationError) -> ExecCredentialPlugin.InteractiveMode {
        let known = ExecCredentialPlugin.InteractiveMode.allCases.map(\.rawValue).joined(separator: ", ")
        guard let text = exec.interactiveMode else {
            if version == .v1beta1 { return .ifAvailable }
            throw ClusterConfigurationError(
                .malformed,
                "\(what) has an exec without an interactiveMode, which \(version.rawValue) requires: one of \(known)"
            )
        }
        guard let mode = ExecCredentialPlugin.InteractiveMode(rawValue: text) else {
            throw ClusterConfigurationError(
                .malformed,
                "\(what) has an exec with the interactiveMode \"\(text.prefix(64))\"; it must be one of \(known)"
            )
        }
        return mode
    }

    /// The cluster as a program is told of it (`spec.cluster` of `ExecCredential`).
    private static func clusterInfo(
        _ cluster: KubeconfigDocument.Cluster,
        _ configuration: ClusterConfiguration
    ) -> JSONValue {
        let server = configuration.server
        var members: [String: JSONValue] = [
            "server": .string(server.path == "/" ? String(server.absoluteString.dropLast()) : server.absoluteString)
        ]
        if let name = configuration.tlsServerName { members["tls-server-name"] = .string(name) }
        if configuration.isInsecure { members["insecure-skip-tls-verify"] = true }
        if let authority = configuration.certificateAuthority {
            members["certificate-authority-data"] = .string(Data(authority).base64EncodedString())
        }
        if let proxy = cluster.proxyURL { members["proxy-url"] = .string(proxy) }
        if cluster.disableCompression { members["disable-compression"] = true }
        if let value = cluster.execExtension { members["config"] = value }
        return .object(members)
    }
}
