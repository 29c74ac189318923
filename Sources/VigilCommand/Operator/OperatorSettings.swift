import ImageTrust
import KubernetesAPI
import KubernetesRuntime
import OCIRegistry
import OutboundHTTP

/// Everything the operator is told from outside, checked: what it watches, where it listens, how it reaches registries.
struct OperatorSettings: Sendable {
    /// The kubeconfig named on the command line.
    var kubeconfig: String?
    /// The context of the kubeconfig.
    var context: String?
    /// The one namespace to watch; `nil` for the whole cluster.
    var namespace: String?
    /// Where health is served.
    var health: ListenAddress
    /// Whether the metrics of kube-notary are exported too.
    var exportsKubeNotaryMetrics = false
    /// The Lease by which the leader is elected; `nil` to run without election.
    var lease: ObjectKey?
    /// This process's name in the election, and the election's pace.
    var election: LeaderElectionConfiguration
    /// This process's name.
    var identity: String { election.identity }
    /// How many images are judged at the same time.
    var workers: Int
    /// How long at most the registry's answer about a trusted image is believed; zero asks at every look.
    var evidenceAge: Duration
    /// The operator's own limit of requests to the API server, watches and the election aside; `nil` for none.
    var requestLimit: RequestLimit?
    /// How registries are reached.
    var registry: RegistryOptions
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

extension RegistryOptions {
    /// The access that the operator's settings describe; reads the files they name.
    ///
    /// - Parameters:
    ///   - plainHTTPHosts: registries asked over plain HTTP, as references write them.
    ///   - caFile: certificate authorities in PEM that are trusted besides the system's.
    ///   - credentialsFile: a Docker `config.json`.
    ///   - revocationHosts: internal hosts that may be asked about revocation, as `host` or `host:port`.
    ///   - environment: the process's environment, for its proxies.
    /// - Throws: ``InputError`` naming what cannot be used.
    init(
        plainHTTPHosts: [String],
        caFile: String?,
        credentialsFile: String?,
        revocationHosts: [String] = [],
        environment: [String: String]
    ) throws(InputError) {
        self.init(plainHTTPHosts: Set(plainHTTPHosts))
        self.revocationHosts = try RevocationAccess.hosts(revocationHosts)
        if let caFile { authoritiesPEM = try BoundedFile.read(caFile, limit: Self.maximumFileBytes) }
        if let credentialsFile {
            let bytes = try BoundedFile.read(credentialsFile, limit: Self.maximumFileBytes)
            do throws(RegistryError) {
                credentials = try DockerConfigCredentials(bytes)
            } catch {
                throw InputError("\(credentialsFile): \(error.message)")
            }
        }
        do throws(OutboundError) {
            proxies = try ProxySettings(environment: environment)
        } catch {
            throw InputError(error.message)
        }
    }

    /// The largest file read here: certificates and credentials are a few KiB.
    private static var maximumFileBytes: Int { 4 << 20 }
}
