import ArgumentParser

/// The flags of the operator: one for each setting, and those that say where the file is.
///
/// They are taken as texts, since files and variables are read by the same rules; see ``Setting``.
struct OperatorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Take settings from this file (docs/configuration.md); a change of it takes effect while the operator runs. Also \
            VIGIL_CONFIG.
            """,
            valueName: "file"
        )
    )
    var config: String?

    @Option(
        help: ArgumentHelp(
            """
            The ConfigMap that the file comes from, about which Events are written; the pod without it. Also \
            VIGIL_CONFIG_MAP.
            """,
            valueName: "[namespace/]name"
        )
    )
    var configMap: String?

    @Option(name: .customLong(Setting.kubeconfig.flag), help: Setting.kubeconfig.help)
    var kubeconfig: String?

    @Option(name: .customLong(Setting.context.flag), help: Setting.context.help)
    var context: String?

    @Option(name: .customLong(Setting.namespace.flag), help: Setting.namespace.help)
    var namespace: String?

    @Option(name: .customLong(Setting.listenAddress.flag), help: Setting.listenAddress.help)
    var healthAddress: String?

    @Flag(
        name: .customLong(Setting.requiresToken.flag),
        inversion: .prefixedNo,
        help: Setting.requiresToken.help
    )
    var requireToken: Bool?

    @Option(name: .customLong(Setting.tokenAudiences.flag), help: Setting.tokenAudiences.help)
    var tokenAudiences: [String] = []

    @Option(name: .customLong(Setting.tlsCertificateFile.flag), help: Setting.tlsCertificateFile.help)
    var tlsCertificateFile: String?

    @Option(name: .customLong(Setting.tlsKeyFile.flag), help: Setting.tlsKeyFile.help)
    var tlsKeyFile: String?

    @Flag(
        name: .customLong(Setting.kubeNotaryMetrics.flag),
        inversion: .prefixedNo,
        help: Setting.kubeNotaryMetrics.help
    )
    var kubeNotaryMetrics: Bool?

    @Flag(name: .customLong(Setting.policyReports.flag), inversion: .prefixedNo, help: Setting.policyReports.help)
    var policyReports: Bool?

    @Option(name: .customLong(Setting.leaseNamespace.flag), help: Setting.leaseNamespace.help)
    var leaseNamespace: String?

    @Option(name: .customLong(Setting.leaseName.flag), help: Setting.leaseName.help)
    var leaseName: String?

    @Option(name: .customLong(Setting.identity.flag), help: Setting.identity.help)
    var identity: String?

    @Flag(name: .customLong(Setting.electsLeader.flag), inversion: .prefixedNo, help: Setting.electsLeader.help)
    var leaderElection: Bool?

    @Option(name: .customLong(Setting.leaseDuration.flag), help: Setting.leaseDuration.help)
    var leaseDuration: String?

    @Option(name: .customLong(Setting.renewDeadline.flag), help: Setting.renewDeadline.help)
    var renewDeadline: String?

    @Option(name: .customLong(Setting.retryPeriod.flag), help: Setting.retryPeriod.help)
    var retryPeriod: String?

    @Option(name: .customLong(Setting.workers.flag), help: Setting.workers.help)
    var workers: String?

    @Option(name: .customLong(Setting.evidenceAge.flag), help: Setting.evidenceAge.help)
    var evidenceAge: String?

    @Option(name: .customLong(Setting.requestsPerSecond.flag), help: Setting.requestsPerSecond.help)
    var requestsPerSecond: String?

    @Option(name: .customLong(Setting.requestBurst.flag), help: Setting.requestBurst.help)
    var requestBurst: String?

    @Option(name: .customLong(Setting.registryMirrors.flag), help: Setting.registryMirrors.help)
    var registryMirrors: [String] = []

    @Option(name: .customLong(Setting.registryHosts.flag), help: Setting.registryHosts.help)
    var registryHosts: [String] = []

    @Option(name: .customLong(Setting.plainHTTPRegistries.flag), help: Setting.plainHTTPRegistries.help)
    var plainHTTPRegistries: [String] = []

    @Option(name: .customLong(Setting.registryAuthorityFile.flag), help: Setting.registryAuthorityFile.help)
    var registryAuthorityFile: String?

    @Option(name: .customLong(Setting.registryCredentialsFile.flag), help: Setting.registryCredentialsFile.help)
    var registryCredentialsFile: String?

    @Option(name: .customLong(Setting.revocationHosts.flag), help: Setting.revocationHosts.help)
    var revocationHosts: [String] = []

    @Option(name: .customLong(Setting.azureHosts.flag), help: Setting.azureHosts.help)
    var azureHosts: [String] = []

    @Flag(
        name: .customLong(Setting.azureManagedIdentity.flag),
        inversion: .prefixedNo,
        help: Setting.azureManagedIdentity.help
    )
    var azureManagedIdentity: Bool?

    @Flag(
        name: .customLong(Setting.googleMetadataServer.flag),
        inversion: .prefixedNo,
        help: Setting.googleMetadataServer.help
    )
    var googleMetadataServer: Bool?

    @Option(name: .customLong(Setting.logLevel.flag), help: Setting.logLevel.help)
    var logLevel: String?

    @Option(name: .customLong(Setting.logFormat.flag), help: Setting.logFormat.help)
    var logFormat: String?

    /// What was written after flags, by key of the setting.
    var flags: [String: [String]] {
        let texts: [(Setting, String?)] = [
            (.kubeconfig, kubeconfig), (.context, context), (.namespace, namespace), (.listenAddress, healthAddress),
            (.leaseNamespace, leaseNamespace), (.leaseName, leaseName), (.identity, identity),
            (.leaseDuration, leaseDuration), (.renewDeadline, renewDeadline), (.retryPeriod, retryPeriod),
            (.workers, workers), (.evidenceAge, evidenceAge), (.requestsPerSecond, requestsPerSecond),
            (.requestBurst, requestBurst), (.registryAuthorityFile, registryAuthorityFile),
            (.registryCredentialsFile, registryCredentialsFile), (.logLevel, logLevel), (.logFormat, logFormat),
            (.tlsCertificateFile, tlsCertificateFile), (.tlsKeyFile, tlsKeyFile),
            (.policyReports, policyReports.map { "\($0)" }), (.requiresToken, requireToken.map { "\($0)" }),
            (.kubeNotaryMetrics, kubeNotaryMetrics.map { "\($0)" }), (.electsLeader, leaderElection.map { "\($0)" }),
            (.azureManagedIdentity, azureManagedIdentity.map { "\($0)" }),
            (.googleMetadataServer, googleMetadataServer.map { "\($0)" }),
        ]
        var flags: [String: [String]] = [:]
        for case (let setting, .some(let text)) in texts { flags[setting.key] = [text] }
        if !registryMirrors.isEmpty { flags[Setting.registryMirrors.key] = registryMirrors }
        if !registryHosts.isEmpty { flags[Setting.registryHosts.key] = registryHosts }
        if !plainHTTPRegistries.isEmpty { flags[Setting.plainHTTPRegistries.key] = plainHTTPRegistries }
        if !revocationHosts.isEmpty { flags[Setting.revocationHosts.key] = revocationHosts }
        if !tokenAudiences.isEmpty { flags[Setting.tokenAudiences.key] = tokenAudiences }
        if !azureHosts.isEmpty { flags[Setting.azureHosts.key] = azureHosts }
        return flags
    }

    /// What reads the configuration that these flags and `environment` lead to.
    ///
    /// - Throws: ``ConfigurationProblems`` when a flag or a variable cannot be used.
    func reader(environment: [String: String]) throws(ConfigurationProblems) -> ConfigurationReader {
        ConfigurationReader(
            layers: try ConfigurationLayers(flags: flags, environment: environment),
            path: config ?? Self.variable("VIGIL_CONFIG", environment)
        )
    }

    /// The object that Events about the configuration are about.
    ///
    /// - Parameters:
    ///   - environment: `VIGIL_CONFIG_MAP`, `POD_NAMESPACE`, `POD_NAME` and `POD_UID`.
    ///   - namespace: the operator's own.
    /// - Returns: the ConfigMap that is named, else the pod; `nil` where neither is known.
    func subject(environment: [String: String], namespace: String) -> ConfigurationEvents.Subject? {
        if let named = configMap ?? Self.variable("VIGIL_CONFIG_MAP", environment) {
            let parts = named.split(separator: "/", maxSplits: 1).map(String.init)
            return ConfigurationEvents.Subject(
                kind: .configMap,
                namespace: parts.count == 2 ? parts[0] : Self.variable("POD_NAMESPACE", environment) ?? namespace,
                name: parts.last ?? named
            )
        }
        return Self.variable("POD_NAME", environment).map { name in
            ConfigurationEvents.Subject(
                kind: .pod,
                namespace: Self.variable("POD_NAMESPACE", environment) ?? namespace,
                name: name,
                uid: Self.variable("POD_UID", environment)
            )
        }
    }

    private static func variable(_ name: String, _ environment: [String: String]) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
