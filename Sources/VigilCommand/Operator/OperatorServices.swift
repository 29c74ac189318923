import FoundationEssentials
import ImageTrust
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import Metrics
import ServiceLifecycle
import Synchronization
import TrustControllers

/// The operator between ways to a cluster and a registry: what it sees, the election, and what the leader does.
///
/// Where those ways lead, and whose clock runs, is the caller's affair: the program gives it HTTP and the system's
/// clock, tests a network and a time of their own.
struct OperatorServices: Sendable {
    /// What the operator is given.
    struct Surroundings: Sendable {
        /// The way to the cluster.
        var transport: any APITransport
        /// The way of requests about the Lease, which other traffic cannot delay.
        var election: any APITransport
        /// Where images are.
        var registry: any ImageRegistry
        /// The same for pods with credentials of their own; `nil` to read all images as the operator alone.
        var credentialed: (any CredentialedRegistries)?
        /// Keeps what is read with their credentials.
        var credentialedCache = ContentCache(maximumBytes: 16 << 20)
        /// Where it is asked whether certificates were revoked; `nil` to ask nobody.
        var revocation: (any RevocationSource)?
        /// The configuration that people are told about, and where; `nil` to tell nobody.
        var configuration: ToldConfiguration?
        /// Where certificates in vaults are read; `nil` where they are not.
        var vaults: (any CertificateVaults)?
        /// Measures delays and decides the election.
        var clock: any Clock<Duration> = ContinuousClock()
        /// The present, for what people read and for the validity of certificates.
        var wallClock: @Sendable () -> Date = { Date() }
        /// Decides what is left to chance.
        var seed: UInt64 = .random(in: .min ... .max)
        /// Called at once when the lease is lost.
        var leadershipLost: @Sendable () -> Void
        var logger: Logger
        /// Where metrics go; `nil` takes the process's.
        var metricsFactory: (any MetricsFactory)?
    }

    /// A configuration, and the object that Events about it are about.
    struct ToldConfiguration: Sendable {
        var state: ConfigurationState
        var subject: ConfigurationEvents.Subject
    }

    /// Who it is, and what it watches.
    struct Role: Sendable {
        /// Its name in the election, and the election's pace.
        var election: LeaderElectionConfiguration
        var userAgent: String
        /// The one namespace to watch; `nil` for the whole cluster.
        var namespace: String?
        /// The Lease by which the leader is elected; `nil` to work without election.
        var lease: ObjectKey?
        var workers: Int
        /// How long at most the registry's answer about a trusted image is believed.
        var evidenceAge: @Sendable () -> Duration = { .seconds(300) }
        /// Whether a `PolicyReport` is kept for every verification.
        var writesPolicyReports = false
        /// Where the copies of images are.
        var mirrors = RegistryMirrors.none
        /// One limit for what the operator reads and writes; the election's requests do not wait for either.
        var throttle: RequestThrottle?
        /// Its name.
        var identity: String { election.identity }
    }

    /// What it sees.
    let view: ClusterView
    /// The election; `nil` without.
    let elector: LeaderElector?
    /// The services in the order in which they begin.
    ///
    /// Ended in reverse: the leader's work and its lease first, what it reads from next.
    let all: [any Service]

    /// Puts the operator together.
    init(_ role: Role, _ surroundings: Surroundings) {
        view = ClusterView(
            client: Self.client(surroundings.transport, role, surroundings, throttle: role.throttle),
            namespace: role.namespace,
            clock: surroundings.clock,
            seed: surroundings.seed &+ 4,
            logger: surroundings.logger,
            metricsFactory: surroundings.metricsFactory
        )
        let work = WorkWhileLeading(role: role, view: view, surroundings: surroundings)
        let transport = surroundings.transport
        guard let lease = role.lease else {
            elector = nil
            all = view.services + [UnelectedWork(body: { try await work.run(transport) })]
            return
        }
        let gate = GateBox()
        let elector = LeaderElector(
            client: Self.client(surroundings.election, role, surroundings),
            lease: lease,
            configuration: role.election,
            clock: surroundings.clock,
            wallClock: surroundings.wallClock,
            seed: surroundings.seed,
            logger: surroundings.logger,
            metricsFactory: surroundings.metricsFactory,
            leadershipLost: surroundings.leadershipLost,
            whileLeading: { try await work.run(gate.gated(transport)) }
        )
        gate.set(elector.gate)
        self.elector = elector
        all = view.services + [elector]
    }

    /// A client over one of the operator's ways to the cluster.
    static func client(
        _ transport: any APITransport,
        _ role: Role,
        _ surroundings: Surroundings,
        throttle: RequestThrottle? = nil
    ) -> APIClient {
        let chance = Mutex(SplitMix64(seed: surroundings.seed &+ 5))
        return APIClient(
            transport: transport,
            userAgent: role.userAgent,
            throttle: throttle,
            clock: surroundings.clock,
            spread: { chance.withLock { Double.random(in: 0..<1, using: &$0) } },
            metricsFactory: surroundings.metricsFactory
        )
    }
}
