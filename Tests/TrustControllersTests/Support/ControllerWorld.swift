import CloudServices
import EmbeddedKubernetes
import FoundationEssentials
import ImageTrust
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OperatorTestKit
import ServiceLifecycle
import SigningTestKit
import Synchronization
import TestTiming
import Testing
import TrustControllers

/// A namespace in a cluster, a registry, and the operator's controllers at work between them.
struct ControllerWorld: ImageScene {
    /// How long something may take to happen before a test gives up on it.
    var patience = Duration.seconds(60)
    let cluster: IntegrationCluster
    let namespace: String
    let registry: InMemoryRegistry
    let chain: TestChain
    /// The present of the controllers; runs on by itself from the start of the scene.
    let time: WorldTime

    /// Whether the controllers see the whole cluster rather than ``namespace`` alone.
    let seesCluster: Bool
    /// What the controllers may do; `nil`: everything.
    let rights: ServiceAccountRights?
    /// Measures the delays of the controllers.
    let clock: any Clock<Duration>
    /// Whether the controllers keep reports.
    let writesPolicyReports: Bool
    /// The vault that the controllers read.
    let vault: VaultScene
    /// What the controllers log.
    let log = LogRecord()

    /// Runs `body` while the controllers run.
    ///
    /// They watch only a namespace of the test's own, unless `seesCluster` says otherwise: then they watch every namespace,
    /// but are shown only those whose names begin with that of the test's (``OwnNamespacesTransport``), so that tests can
    /// share a cluster. They may do everything, unless `rights` names an installation whose rights alone they have. On a
    /// `ManualClock` they do nothing but what an event tells them to do at once, or within a moment. With `faults` the
    /// stand-in is not always what a server should be; without `streamsLists` it is one that cannot stream lists.
    static func run(
        seesCluster: Bool = false,
        rights: ServiceAccountRights.Installation? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        writesPolicyReports: Bool = false,
        faults: FaultPlan? = nil,
        streamsLists: Bool = true,
        _ body: @escaping @Sendable (ControllerWorld) async throws -> Void
    ) async throws {
        var configuration = EmbeddedKubernetes.ClusterConfiguration()
        configuration.faults = faults
        configuration.allowsWatchList = streamsLists
        try await IntegrationCluster.with(configuration) { cluster in
            try await cluster.withNamespace("vigil-test") { namespace in
                var granted: ServiceAccountRights?
                if let rights { granted = try await .grant(rights, in: namespace, by: cluster.client) }
                let world = ControllerWorld(
                    cluster: cluster,
                    namespace: namespace,
                    registry: InMemoryRegistry(),
                    chain: try TestChain.make(),
                    time: WorldTime(),
                    seesCluster: seesCluster,
                    rights: granted,
                    clock: clock,
                    writesPolicyReports: writesPolicyReports,
                    vault: VaultScene(now: Self.start)
                )
                do {
                    try await world.whileControllersRun { try await body(world) }
                } catch {
                    await granted?.revoke()
                    throw error
                }
                await granted?.revoke()
            }
        }
    }

    var client: APIClient { cluster.client }

    /// The controllers' way to the server.
    private var operatorClient: APIClient {
        let client = rights?.client ?? cluster.client
        guard seesCluster else { return client }
        return APIClient(
            transport: OwnNamespacesTransport(base: client.transport, own: namespace),
            userAgent: client.userAgent
        )
    }

    private func whileControllersRun(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let logger = log.logger
        let client = operatorClient
        let view = ClusterView(client: client, namespace: seesCluster ? nil : namespace, logger: logger)
        let events = EventRecorder(
            client: client,
            reportingController: "vigil.dev/operator",
            reportingInstance: "test",
            logger: logger
        )
        let time = self.time
        let controllers = TrustControllerSet(
            TrustControllerSet.Dependencies(
                client: client,
                view: view,
                judgements: SharedJudgements(
                    judge: ImageJudge(
                        registry: CachingRegistry(registry, cache: ContentCache()),
                        memory: FindingMemory(),
                        indexes: IndexMemory()
                    )
                ),
                registries: PrincipalRegistries(
                    shared: CachingRegistry(registry, cache: ContentCache()),
                    credentialed: registry
                ),
                vaults: KeyVaults(
                    .success(try vault.client { time.now }),
                    access: AzureAccess(),
                    now: { time.now }
                ),
                events: events,
                writesPolicyReports: writesPolicyReports,
                now: { time.now },
                spread: { 0.5 },
                logger: logger
            ),
            workers: 4,
            clock: clock
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in view.services + controllers.services + [events] {
                group.addTask { try await service.run() }
            }
            if let clock = clock as? ManualClock { group.addTask { try await clock.passMoments() } }
            group.addTask {
                try await body()
                throw Finished()
            }
            do {
                try await group.next()
            } catch is Finished {}
            group.cancelAll()
        }
    }

    private struct Finished: Error {}
}

/// A wall clock that starts at a fixed date and can be put forward.
final class WorldTime: Sendable {
    private let offset = Mutex(Duration.zero)
    private let began = ContinuousClock.now

    /// The present.
    var now: Date {
        let elapsed = (ContinuousClock.now - began) + offset.withLock(\.self)
        let parts = elapsed.components
        return ControllerWorld.start + Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
    }

    /// Puts the clock forward.
    func advance(by duration: Duration) { offset.withLock { $0 += duration } }
}

extension ManualClock {
    /// Lets what is due within 60 ms come due, as often as there is something: keys that wait until a cache shows one's own
    /// write.
    func passMoments() async throws {
        while !Task.isCancelled {
            let deadline = await nextDeadline(within: .milliseconds(60))
            try await Task.sleep(for: .milliseconds(20))
            advance(to: deadline)
        }
    }
}
