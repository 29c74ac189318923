import Logging

extension Setting {
    /// Every setting there is, in the order in which people read of them.
    static let all: [Setting] = [
        logLevel, logFormat, namespace, workers, evidenceAge, registryMirrors, registryHosts,
        plainHTTPRegistries, registryAuthorityFile, registryCredentialsFile, revocationHosts, azureHosts,
        azureManagedIdentity, googleMetadataServer, kubeNotaryMetrics, policyReports,
        listenAddress, requiresToken, tokenAudiences, tlsCertificateFile, tlsKeyFile, kubeconfig, context,
        requestsPerSecond, requestBurst, electsLeader, leaseNamespace, leaseName, leaseDuration, renewDeadline,
        retryPeriod, identity,
    ]

    /// By their keys.
    static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The groups of the file.
    static let groups = Set(all.compactMap { $0.key.split(separator: ".").dropLast().first.map(String.init) })

    private static let pace: SettingKind = .duration(.milliseconds(10) ... .seconds(24 * 3600))

    static let logLevel = Setting(
        "log.level",
        flag: "log-level",
        \.logLevel,
        .choice(["trace", "debug", "info", "notice", "warning", "error"]),
        .live,
        "The least that is logged: trace, debug, info, notice, warning or error."
    )
    static let logFormat = Setting(
        "log.format",
        flag: "log-format",
        \.logFormat,
        .choice(LogFormat.allCases.map(\.rawValue)),
        .live,
        "How a line of the log is written: text or json."
    )
    static let namespace = Setting(
        "watch.namespace",
        flag: "namespace",
        \.namespace,
        .text(.namespaceOrNothing),
        .restart,
        default: "every namespace",
        "Watch this namespace only. A Role suffices then; ClusterTrustPolicies are not seen."
    )
    static let workers = Setting(
        "workers",
        flag: "workers",
        \.workers,
        .integer(1...256),
        .restart,
        "How many images are judged at the same time, 1 to 256."
    )
    static let evidenceAge = Setting(
        "evidenceAge",
        flag: "evidence-age",
        \.evidenceAge,
        .duration(.zero ... .seconds(24 * 3600)),
        .live,
        """
        How long the registry's answer about a trusted image is believed, five intervals of its policies at most; 0s asks \
        it at every look. Images that are not trusted are asked about at every look.
        """
    )
    static let registryMirrors = Setting(
        "registry.mirrors",
        flag: "registry-mirror",
        \.registryMirrors,
        .list(.mirror),
        .restart,
        """
        Know images at a mirror by the names of their origin, and ask for them and their signatures at the origin, at the \
        mirror, or at both: FROM=TO=EVIDENCE, in the file {from: …, to: …, evidence: origin, mirror or both}. Repeatable.
        """
    )
    static let registryHosts = Setting(
        "registry.hosts",
        flag: "registry-host",
        \.registryHosts,
        .list(.registryHost),
        .live,
        """
        Ask this registry over connections of its own: HOST;ca=FILE;clientCertificate=FILE;clientKey=FILE;proxy=URL or \
        HOST;plainHTTP=true;proxy=URL, in the file {host: …, ca: …, clientCertificate: …, clientKey: …, plainHTTP: …, \
        proxy: …, tokenService: …}. The proxy direct is none; tokenService is another host that is given its \
        credentials. Repeatable.
        """
    )
    static let plainHTTPRegistries = Setting(
        "registry.plainHTTP",
        flag: "plain-http-registry",
        \.plainHTTPRegistries,
        .list(.registry),
        .live,
        "Ask this registry over plain HTTP, written as in image references (localhost:5000). Repeatable."
    )
    static let registryAuthorityFile = Setting(
        "registry.caFile",
        flag: "registry-ca-file",
        \.registryAuthorityFile,
        .text(.anything),
        .live,
        "Trust the certificate authorities of this PEM file for registries, besides the system's."
    )
    static let registryCredentialsFile = Setting(
        "registry.credentialsFile",
        flag: "registry-config",
        \.registryCredentialsFile,
        .text(.anything),
        .live,
        "Take registry credentials from this file, written as a pull secret is (.dockerconfigjson or .dockercfg)."
    )
    static let revocationHosts = Setting(
        "revocation.allowHosts",
        flag: "revocation-allow-host",
        \.revocationHosts,
        .list(.revocationHost),
        .live,
        "Ask this host about revocation although it is internal, where a signer's certificate names it. Repeatable."
    )
    static let azureHosts = Setting(
        "azure.allowHosts",
        flag: "azure-allow-host",
        \.azureHosts,
        .list(.azureHost),
        .restart,
        """
        Count this host as one of Azure's, which are given tokens of the operator's identity, where a policy names it as a \
        vault. Repeatable.
        """
    )
    static let azureManagedIdentity = Setting(
        "azure.managedIdentity",
        flag: "azure-managed-identity",
        \.usesAzureManagedIdentity,
        .toggle,
        .restart,
        """
        Ask Azure's metadata service for tokens for registries of Azure, as the identity of this machine (AKS's kubelet \
        identity, or the one that AZURE_CLIENT_ID names), where the pod has no workload identity.
        """
    )
    static let googleMetadataServer = Setting(
        "google.metadataServer",
        flag: "google-metadata-server",
        \.usesGoogleMetadataServer,
        .toggle,
        .restart,
        """
        Ask Google's metadata server for tokens for *.pkg.dev and gcr.io, as whom it knows this pod (GKE) or this machine, \
        where GOOGLE_APPLICATION_CREDENTIALS names nobody.
        """
    )
    static let kubeNotaryMetrics = Setting(
        "metrics.kubeNotary",
        flag: "kube-notary-metrics",
        \.exportsKubeNotaryMetrics,
        .toggle,
        .live,
        "Export kube_notary_* too, for dashboards of kube-notary; pods and digests are labels there."
    )
    static let policyReports = Setting(
        "reports.policyReports",
        flag: "policy-reports",
        \.writesPolicyReports,
        .toggle,
        .restart,
        "Keep a PolicyReport (wgpolicyk8s.io/v1alpha2) for every ImageVerification, where that kind is installed."
    )
    static let listenAddress = Setting(
        "health.address",
        flag: "health-address",
        \.listenAddress,
        .text(.listenAddress),
        .restart,
        "Where /healthz, /readyz and /metrics are served: host:port; port 0 takes a free one."
    )
    static let requiresToken = Setting(
        "endpoints.requireToken",
        flag: "require-token",
        \.requiresToken,
        .toggle,
        .restart,
        """
        Ask for a bearer token, whose owner may get the path, at everything but /healthz, /livez and /readyz; the API server \
        is asked about it (TokenReview, SubjectAccessReview).
        """
    )
    static let tokenAudiences = Setting(
        "endpoints.tokenAudiences",
        flag: "token-audience",
        \.tokenAudiences,
        .list(.audience),
        .restart,
        default: "the API server's own",
        "Take tokens only that were made for this audience, with --require-token. Repeatable."
    )
    static let tlsCertificateFile = Setting(
        "endpoints.tlsCertificateFile",
        flag: "tls-cert-file",
        \.tlsCertificateFile,
        .text(.anything),
        .restart,
        """
        Serve in TLS, probes too, with the certificate of this PEM file and those above it. A changed content of the file \
        is taken while the operator runs.
        """
    )
    static let tlsKeyFile = Setting(
        "endpoints.tlsKeyFile",
        flag: "tls-private-key-file",
        \.tlsKeyFile,
        .text(.anything),
        .restart,
        "The private key of --tls-cert-file, PEM."
    )
    static let kubeconfig = Setting(
        "kubernetes.kubeconfig",
        flag: "kubeconfig",
        \.kubeconfig,
        .text(.anything),
        .restart,
        "The kubeconfig file to use."
    )
    static let context = Setting(
        "kubernetes.context",
        flag: "context",
        \.context,
        .text(.anything),
        .restart,
        "The context of the kubeconfig; its current one by default."
    )
    static let requestsPerSecond = Setting(
        "kubernetes.qps",
        flag: "kube-api-qps",
        \.requestsPerSecond,
        .number(0...100_000),
        .restart,
        "Requests to the API server a second, at most, in the long run; 0 leaves the limit to the server."
    )
    static let requestBurst = Setting(
        "kubernetes.burst",
        flag: "kube-api-burst",
        \.requestBurst,
        .integer(1...100_000),
        .restart,
        "Requests to the API server that may leave at once, with --kube-api-qps."
    )
    static let electsLeader = Setting(
        "leaderElection.enabled",
        flag: "leader-election",
        \.electsLeader,
        .toggle,
        .restart,
        "Elect a leader before working. Without it, run a single replica."
    )
    static let leaseNamespace = Setting(
        "leaderElection.leaseNamespace",
        flag: "lease-namespace",
        \.leaseNamespace,
        .text(.namespaceOrNothing),
        .restart,
        default: "the operator's own",
        "The namespace of the Lease."
    )
    static let leaseName = Setting(
        "leaderElection.leaseName",
        flag: "lease-name",
        \.leaseName,
        .text(.objectName),
        .restart,
        "The name of the Lease. Operators that watch the same must share it."
    )
    static let leaseDuration = Setting(
        "leaderElection.leaseDuration",
        flag: "lease-duration",
        \.leaseDuration,
        pace,
        .restart,
        "How long a standby waits for a leader that is silent before it takes over."
    )
    static let renewDeadline = Setting(
        "leaderElection.renewDeadline",
        flag: "renew-deadline",
        \.renewDeadline,
        pace,
        .restart,
        "How long a leader that cannot renew its lease goes on writing; less than --lease-duration."
    )
    static let retryPeriod = Setting(
        "leaderElection.retryPeriod",
        flag: "retry-period",
        \.retryPeriod,
        pace,
        .restart,
        "The pace of renewals and of attempts to lead; less than --renew-deadline / 1.2."
    )
    static let identity = Setting(
        "leaderElection.identity",
        flag: "identity",
        \.identity,
        .text(.anything),
        .notInFile,
        default: "host name and a random part",
        "This process's name in the election, never that of another."
    )
}
