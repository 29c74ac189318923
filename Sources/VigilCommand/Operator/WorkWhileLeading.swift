import FoundationEssentials
import ImageTrust
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import ServiceLifecycle
import Synchronization
import TrustControllers

/// What only the leader does: the controllers, and the Events they report.
struct WorkWhileLeading: Sendable {
    let role: OperatorServices.Role
    let view: ClusterView
    let surroundings: OperatorServices.Surroundings

    /// Runs the controllers until cancelled or asked to shut down gracefully.
    ///
    /// - Parameter transport: the way for writes, closed as soon as leadership ends.
    /// - Throws: `ControllerError` when the caches are not filled in time; `CancellationError`.
    func run(_ transport: any APITransport) async throws {
        let client = OperatorServices.client(transport, role, surroundings, throttle: role.throttle)
        let events = EventRecorder(
            client: client,
            reportingController: "vigil.dev/operator",
            reportingInstance: role.identity,
            clock: surroundings.clock,
            wallClock: surroundings.wallClock,
            seed: surroundings.seed &+ 1,
            logger: surroundings.logger,
            metricsFactory: surroundings.metricsFactory
        )
        let chance = Mutex(SplitMix64(seed: surroundings.seed &+ 2))
        let controllers = TrustControllerSet(
            TrustControllerSet.Dependencies(
                client: client,
                view: view,
                judgements: SharedJudgements(
                    judge: ImageJudge(
                        registry: role.mirrors.registry(over: surroundings.registry),
                        memory: FindingMemory(),
                        indexes: IndexMemory(),
                        revocation: surroundings.revocation,
                        clock: surroundings.clock
                    ),
                    clock: surroundings.clock,
                    metricsFactory: surroundings.metricsFactory
                ),
                registries: surroundings.credentialed.map {
                    PrincipalRegistries(
                        shared: surroundings.registry,
                        credentialed: $0,
                        cache: surroundings.credentialedCache,
                        mirrors: role.mirrors
                    )
                },
                mirrors: role.mirrors,
                vaults: surroundings.vaults,
                events: events,
                writesPolicyReports: role.writesPolicyReports,
                evidenceAge: role.evidenceAge,
                now: surroundings.wallClock,
                spread: { chance.withLock { Double.random(in: 0..<1, using: &$0) } },
                seed: surroundings.seed &+ 3,
                logger: surroundings.logger,
                metricsFactory: surroundings.metricsFactory
            ),
            workers: role.workers,
            clock: surroundings.clock
        )
        let telling = surroundings.configuration.map {
            ConfigurationEvents(
                state: $0.state,
                subject: $0.subject,
                client: client,
                events: events,
                logger: surroundings.logger
            )
        }
        // Ended in reverse: the recorder last, so that what the controllers still report is written.
        let group = ServiceGroup(
            configuration: .init(
                services: ([events] + [telling].compactMap(\.self) + controllers.services)
                    .map { .init(service: $0) },
                logger: Logger(label: "operator.work") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        try await group.run()
    }
}

/// The leader's work without an election.
struct UnelectedWork: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws { try await body() }
}

/// Hands the elector's gate to the work that the elector starts: each needs the other to be made.
final class GateBox: Sendable {
    private let gate = Mutex<LeadershipGate?>(nil)

    func set(_ gate: LeadershipGate) { self.gate.withLock { $0 = gate } }

    /// `transport` behind the gate.
    ///
    /// Before the gate is known nobody leads, and no write can be asked for.
    func gated(_ transport: any APITransport) throws -> any APITransport {
        guard let gate = gate.withLock(\.self) else {
            throw LeaderElectionError(.notLeading, "work was started before leadership was known")
        }
        return LeadershipGatedTransport(transport, gate: gate)
    }
}
