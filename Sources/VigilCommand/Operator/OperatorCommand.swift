import ArgumentParser
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import TrustResources

/// `vigil operator`: watches a cluster and judges what it runs.
struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Watch a cluster, judge every running image, and write the verdicts back.",
        discussion: """
            Runs until SIGTERM. Several replicas may run: one works, the others stand by. The cluster is that of \
            --kubeconfig, else of KUBECONFIG, else of the pod's service account, else of ~/.kube/config.

            Exit status: 0 ended by SIGTERM or SIGINT; 1 leadership lost, a second signal, or another failure; 2 a \
            setting cannot be used.
            """
    )

    @Option(help: "The kubeconfig file to use.")
    var kubeconfig: String?

    @Option(help: "The context of the kubeconfig; its current one by default.")
    var context: String?

    @Option(
        help: "Watch this namespace only. A Role suffices then; ClusterTrustPolicies are not seen."
    )
    var namespace: String?

    @Option(help: "Where /healthz, /readyz and /metrics are served: host:port; port 0 takes a free one.")
    var healthAddress = "0.0.0.0:9581"

    @Flag(help: "Export kube_notary_* too, for dashboards of kube-notary; pods and digests are labels there.")
    var kubeNotaryMetrics = false

    @OptionGroup var election: ElectionOptions

    @Option(help: "How many images are judged at the same time, 1 to 256.")
    var workers = 32

    @Option(
        help: """
            How long the registry's answer about a trusted image is believed, five intervals of its policies at most; \
            0s asks it at every look. Images that are not trusted are asked about at every look.
            """
    )
    var evidenceAge = "5m"

    @Option(
        name: .customLong("kube-api-qps"),
        help: "Requests to the API server a second, at most, in the long run; 0 leaves the limit to the server."
    )
    var kubeAPIRate = 0.0

    @Option(
        name: .customLong("kube-api-burst"),
        help: "Requests to the API server that may leave at once, with --kube-api-qps."
    )
    var kubeAPIBurst = 10

    @Option(help: "Ask this registry over plain HTTP, written as in image references (localhost:5000). Repeatable.")
    var plainHTTPRegistry: [String] = []

    @Option(help: "Trust the certificate authorities of this PEM file for registries, besides the system's.")
    var registryCAFile: String?

    @Option(help: "Take registry credentials from this Docker config.json.")
    var registryConfig: String?

    @Option(
        name: .customLong("revocation-allow-host"),
        help: ArgumentHelp(
            "Ask this host about revocation although it is internal, where a signer's certificate names it. Repeatable.",
            valueName: "host[:port]"
        )
    )
    var revocationHosts: [String] = []

    @Option(help: "trace, debug, info, notice, warning or error.")
    var logLevel = "info"

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let settings = try settings(environment: environment)
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ValidationError(
                "--log-level: \"\(logLevel)\" is no level; use trace, debug, info, notice, warning or error"
            )
        }
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let metrics = OperatorMetrics.registry(logger: Logger(label: "vigil.metrics"))
        do {
            try await OperatorApplication(settings: settings, environment: environment, metrics: metrics).run()
        } catch let error as ClusterConfigurationError {
            throw InputError(error.message)
        } catch let error as InputError {
            throw error
        } catch {
            Logger(label: "vigil.operator").error("ended by a failure", metadata: ["cause": "\(error)"])
            throw ExitCode(1)
        }
    }

    func settings(environment: [String: String]) throws -> OperatorSettings {
        guard let health = ListenAddress(healthAddress) else {
            throw ValidationError("--health-address: \"\(healthAddress)\" is no host:port")
        }
        guard (1...256).contains(workers) else { throw ValidationError("--workers must be between 1 and 256") }
        guard kubeAPIRate >= 0, kubeAPIRate <= 100_000 else {
            throw ValidationError("--kube-api-qps must be between 0 and 100000")
        }
        guard (1...100_000).contains(kubeAPIBurst) else {
            throw ValidationError("--kube-api-burst must be between 1 and 100000")
        }
        let host = environment["POD_NAME"] ?? ProcessInfo.processInfo.hostName
        let identity = election.identity ?? "\(host)_\(UUID().uuidString.lowercased())"
        return OperatorSettings(
            kubeconfig: kubeconfig,
            context: context,
            namespace: namespace,
            health: health,
            exportsKubeNotaryMetrics: kubeNotaryMetrics,
            lease: election.leaderElection
                ? ObjectKey(namespace: election.leaseNamespace, name: election.leaseName) : nil,
            election: try election.configuration(identity: identity),
            workers: workers,
            evidenceAge: try DurationText.value(of: "--evidence-age", evidenceAge, atLeast: .zero),
            requestLimit: kubeAPIRate > 0 ? RequestLimit(perSecond: kubeAPIRate, burst: kubeAPIBurst) : nil,
            registry: try RegistryOptions(
                plainHTTPHosts: plainHTTPRegistry,
                caFile: registryCAFile,
                credentialsFile: registryConfig,
                revocationHosts: revocationHosts,
                environment: environment
            )
        )
    }
}
