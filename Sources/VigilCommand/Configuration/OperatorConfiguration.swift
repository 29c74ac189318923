import ImageTrust
import KubernetesRuntime
import Logging

/// Everything that can be set on the operator, as one value; ``Setting/all`` says how each is called and what it may be.
struct OperatorConfiguration: Sendable, Hashable {
    /// The least that is logged.
    var logLevel = Logger.Level.info
    /// How a line of the log is written.
    var logFormat = LogFormat.text
    /// The one namespace to watch; `nil` for the whole cluster.
    var namespace: String?
    /// How many images are judged at the same time.
    var workers = 32
    /// How long at most the registry's answer about a trusted image is believed; zero asks at every look.
    var evidenceAge = Duration.seconds(300)
    /// Registries that are asked over plain HTTP, as references write them.
    var plainHTTPRegistries: [String] = []
    /// Places with copies of images, `FROM=TO=EVIDENCE`.
    var registryMirrors: [String] = []
    /// What is particular about connections to registries, as ``RegistryHost`` reads it.
    var registryHosts: [String] = []
    /// A PEM file with certificate authorities that registries may use besides the system's.
    var registryAuthorityFile: String?
    /// A file with credentials for registries, written as a pull secret is.
    var registryCredentialsFile: String?
    /// Internal hosts that may be asked about revocation, `host` or `host:port`.
    var revocationHosts: [String] = []
    /// Hosts that count as Azure's, `host` or `host:port`.
    var azureHosts: [String] = []
    /// Whether Azure's metadata service is asked for tokens for its registries.
    var usesAzureManagedIdentity = false
    /// Whether Google's metadata server is asked for tokens for its registries.
    var usesGoogleMetadataServer = false
    /// Whether the metrics of kube-notary are exported too.
    var exportsKubeNotaryMetrics = false
    /// Whether a `PolicyReport` is kept for every verification.
    var writesPolicyReports = false
    /// Where health and metrics are served, `host:port`.
    var listenAddress = "0.0.0.0:9581"
    /// Whether everything but health asks for a bearer token.
    var requiresToken = false
    /// For whom such a token must have been made; empty for the API server.
    var tokenAudiences: [String] = []
    /// A PEM file with the certificate that is served with, and those above it.
    var tlsCertificateFile: String?
    /// A PEM file with its private key.
    var tlsKeyFile: String?
    /// The kubeconfig; `nil` for the usual search.
    var kubeconfig: String?
    /// The context of the kubeconfig; `nil` for its current one.
    var context: String?
    /// Requests to the API server a second; zero for no limit of the operator's own.
    var requestsPerSecond = 0.0
    /// Requests to the API server that may leave at once, where there is a limit.
    var requestBurst = 10
    /// Whether a leader is elected.
    var electsLeader = true
    /// The namespace of the Lease; `nil` for the operator's own.
    var leaseNamespace: String?
    /// The name of the Lease.
    var leaseName = "vigil"
    /// How long a standby waits for a leader that is silent.
    var leaseDuration = Duration.seconds(15)
    /// How long a leader that cannot renew goes on writing.
    var renewDeadline = Duration.seconds(10)
    /// The pace of renewals and of attempts to lead.
    var retryPeriod = Duration.seconds(2)
    /// This process's name in the election; `nil` for host name and a random part.
    var identity: String?

    /// The election of a process that is called `identity`.
    ///
    /// - Throws: `LeaderElectionError` when the durations contradict each other.
    func election(identity: String) throws(LeaderElectionError) -> LeaderElectionConfiguration {
        try LeaderElectionConfiguration(
            identity: identity,
            leaseDuration: leaseDuration,
            renewDeadline: renewDeadline,
            retryPeriod: retryPeriod
        )
    }

    /// The places with copies of images.
    ///
    /// - Throws: `RegistryMirrors.Defect` when they contradict each other.
    var mirrors: RegistryMirrors {
        get throws(RegistryMirrors.Defect) { try RegistryMirrors(registryMirrors.compactMap { RegistryMirror($0) }) }
    }

    /// What is particular about connections to registries.
    var hosts: [RegistryHost] { registryHosts.compactMap { try? RegistryHost($0) } }

    /// Why ``hosts`` contradict each other or other settings, as a sentence; `nil` where they do not.
    private var hostContradiction: String? {
        var seen: Set<String> = []
        for host in hosts {
            guard seen.insert(host.registry).inserted else { return "\(host.registry) has two entries; write one" }
            if !host.files.isEmpty, plainHTTPRegistries.contains(host.registry) {
                return
                    "\(host.registry) has certificates, which need TLS, and stands in \(Setting.plainHTTPRegistries.key)"
            }
        }
        return nil
    }

    /// What is wrong with settings that are right each by itself: which they are, and why they cannot be.
    var contradiction: (settings: [Setting], message: String)? {
        if (tlsCertificateFile == nil) != (tlsKeyFile == nil) {
            return ([.tlsCertificateFile, .tlsKeyFile], "a certificate and its key are named together, or neither is")
        }
        if !tokenAudiences.isEmpty, !requiresToken {
            return ([.tokenAudiences, .requiresToken], "audiences say nothing where no token is asked for")
        }
        do throws(RegistryMirrors.Defect) {
            _ = try mirrors
        } catch {
            return ([.registryMirrors], error.message)
        }
        if let hostContradiction { return ([.registryHosts], hostContradiction) }
        do throws(LeaderElectionError) {
            _ = try election(identity: "any")
            return nil
        } catch {
            return ([.leaseDuration, .renewDeadline, .retryPeriod], error.message)
        }
    }
}
