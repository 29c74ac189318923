import FoundationEssentials
import ImageTrust
import KubernetesAPI
import KubernetesRuntime
import OperatorEndpoints
import OutboundHTTP

/// Everything the operator is told from outside that holds as long as it runs, checked; and how registries are asked first.
struct OperatorSettings: Sendable {
    /// The kubeconfig that was named.
    var kubeconfig: String?
    /// The context of the kubeconfig.
    var context: String?
    /// The one namespace to watch; `nil` for the whole cluster.
    var namespace: String?
    /// Where health is served.
    var health: ListenAddress
    /// What is served with in TLS; `nil` for plain HTTP.
    var certificate: ServingCertificate.Pair?
    /// For whom the tokens must have been made that everything but health asks for; `nil` asks for none.
    var tokenAudiences: [String]?
    /// The Lease by which the leader is elected; `nil` to run without election.
    var lease: ObjectKey?
    /// This process's name in the election, and the election's pace.
    var election: LeaderElectionConfiguration
    /// This process's name.
    var identity: String { election.identity }
    /// Whether a `PolicyReport` is kept for every verification.
    var writesPolicyReports: Bool
    /// How many images are judged at the same time.
    var workers: Int
    /// The operator's own limit of requests to the API server, watches and the election aside; `nil` for none.
    var requestLimit: RequestLimit?
    /// Which requests go through a proxy.
    var proxies: ProxySettings
    /// How registries are reached at the start.
    var registry: RegistryOptions
    /// How vaults are reached.
    var vaults = VaultOptions()
    /// Where the copies of images are.
    var mirrors: RegistryMirrors
    /// Whom registries of clouds are asked as.
    var clouds: CloudIdentities

    /// What follows from a configuration that was read.
    ///
    /// - Parameters:
    ///   - read: the configuration and the files it names.
    ///   - environment: the process's environment, for its proxies and the pod's name.
    /// - Throws: ``InputError`` naming what cannot be used.
    init(_ read: ReadConfiguration, environment: [String: String]) throws(InputError) {
        let configuration = read.configuration
        guard let health = ListenAddress(configuration.listenAddress) else {
            throw InputError("\(Setting.listenAddress.key): \"\(configuration.listenAddress)\" is no host:port")
        }
        self.health = health
        certificate = try read.servingCertificate()
        tokenAudiences = configuration.requiresToken ? configuration.tokenAudiences : nil
        kubeconfig = configuration.kubeconfig
        context = configuration.context
        namespace = configuration.namespace
        workers = configuration.workers
        writesPolicyReports = configuration.writesPolicyReports
        if configuration.electsLeader {
            lease = ObjectKey(namespace: configuration.leaseNamespace, name: configuration.leaseName)
        }
        let host = environment["POD_NAME"] ?? ProcessInfo.processInfo.hostName
        let name = configuration.identity ?? "\(host)_\(UUID().uuidString.lowercased())"
        do throws(LeaderElectionError) {
            election = try configuration.election(identity: name)
        } catch {
            throw InputError(error.message)
        }
        if configuration.requestsPerSecond > 0 {
            requestLimit = RequestLimit(
                perSecond: configuration.requestsPerSecond,
                burst: configuration.requestBurst
            )
        }
        do throws(OutboundError) {
            proxies = try ProxySettings(environment: environment)
        } catch {
            throw InputError(error.message)
        }
        do throws(RegistryMirrors.Defect) {
            mirrors = try configuration.mirrors
        } catch {
            throw InputError(error.message)
        }
        clouds = CloudIdentities(
            environment: environment,
            usesAzureManagedIdentity: configuration.usesAzureManagedIdentity,
            usesGoogleMetadataServer: configuration.usesGoogleMetadataServer
        )
        registry = try read.registryOptions(proxies: proxies)
        vaults = VaultOptions(
            access: try VaultOptions.access(configuration.azureHosts),
            authoritiesPEM: registry.authoritiesPEM,
            proxies: proxies
        )
    }
}

/// How fast the operator asks the API server.
struct RequestLimit: Sendable, Hashable {
    /// Requests a second, in the long run.
    var perSecond: Double
    /// Requests that may leave at once.
    var burst: Int
}

/// A host and port to listen on.
struct ListenAddress: Sendable, Hashable {
    let host: String
    let port: Int

    /// Reads `host:port`, `[IPv6]:port` or `:port` (every address).
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host.isEmpty ? "0.0.0.0" : host
        self.port = port
    }
}
