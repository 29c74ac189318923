import EmbeddedKubernetes
import FoundationEssentials
import KubernetesAPI
import KubernetesRuntime
import Logging
import OperatorTestKit
import ServiceLifecycle
import Synchronization

@testable import VigilCommand

/// One operator as the program runs it, in a lane of a simulation: its own wires, clocks, election and controllers.
final class SimulatedOperator: Sendable {
    /// How it ended.
    enum End: Sendable, Equatable {
        /// By itself, as after SIGTERM: exit status 0.
        case cleanly
        /// By a failure, as when its lease is lost: exit status 1.
        case failed(String)
        case killed
    }

    /// What is unusual about an operator.
    struct Kind: Sendable {
        /// The rate of its clock.
        var rate = 1.0
        /// Whether it takes part in the election.
        var isElecting = true
        /// Whether it words its statuses differently.
        var isOfAnotherVersion = false
        /// Whether it goes on after the loss of its lease until its tasks have ended, as the program would if it did not
        /// end itself: then the gate alone must keep it from writing.
        var outlivesItsLease = false
    }

    private struct State {
        var task: Task<Void, Never>?
        var isTerminating = false
        var end: (how: End, at: Duration)?
    }

    /// What the server knows it by, and its identity in the election.
    let name: String
    let services: OperatorServices
    /// What it measured.
    let metrics = MetricsTally()
    /// Whether it takes part in the election.
    let isElecting: Bool
    /// How far its wall clock is off.
    let wallClockError = Shared(Duration.zero)
    /// What happens at once when it loses its lease: the program ends itself.
    private let leadershipLost = Shared<(@Sendable () -> Void)?>(nil)
    private let simulation: Simulation
    private let lane: Lane
    private let wires: [Wire]
    private let group: ServiceGroup
    private let state = Mutex(State())

    /// Puts an operator together that does nothing before ``start()``.
    ///
    /// - Parameters:
    ///   - name: what the server knows it by, and its identity in the election.
    ///   - world: where it is.
    ///   - kind: what is unusual about it.
    /// - Throws: `LeaderElectionError` for a name that no election takes.
    init(_ name: String, in world: OperatorWorld, _ kind: Kind = Kind()) throws {
        let simulation = world.simulation
        self.name = name
        isElecting = kind.isElecting
        self.simulation = simulation
        lane = simulation.lane()
        let transport = world.wire(name)
        let election = world.wire(name, timeout: .seconds(5))
        wires = [transport, election]
        var logger = world.secrets.logger("operator.\(name)", printing: world.logLevel)
        let error = wallClockError
        let lost = leadershipLost
        services = OperatorServices(
            OperatorServices.Role(
                election: try LeaderElectionConfiguration(identity: name),
                userAgent: "vigil/simulated",
                namespace: world.watchesCluster ? nil : world.namespace,
                lease: kind.isElecting ? world.lease : nil,
                workers: 4
            ),
            OperatorServices.Surroundings(
                transport: kind.isOfAnotherVersion ? AnotherVersion(transport) : transport,
                election: election,
                registry: world.images,
                clock: SimulatedClock(simulation, rate: kind.rate, start: .seconds(1_000_000)),
                wallClock: { OperatorWorld.start + (simulation.now + error.value) / .seconds(1) },
                seed: simulation.draw { $0.next() },
                leadershipLost: { lost.value?() },
                logger: logger,
                metricsFactory: metrics
            )
        )
        logger.logLevel = .critical
        group = ServiceGroup(
            configuration: .init(services: services.all.map { .init(service: $0) }, logger: logger)
        )
        if !kind.outlivesItsLease {
            leadershipLost.value = { [weak self] in self?.finish(.failed(Self.leaseIsLost)) }
        }
    }

    /// What the end is called when the process ended itself because its lease was lost.
    private static let leaseIsLost = "the lease is lost"

    // MARK: - What befalls it

    func start() {
        let task = Task(executorPreference: lane) {
            do {
                try await self.group.run()
                self.finish(.cleanly)
            } catch is CancellationError where self.isTerminating {
                // Work under way was cancelled when its time was over.
                self.finish(.cleanly)
            } catch {
                self.finish(.failed("\(error)"))
            }
        }
        state.withLock { $0.task = task }
    }

    /// SIGTERM, with the limits of ``ShutdownSignals`` on the clock of the world.
    func terminate() {
        state.withLock { $0.isTerminating = true }
        _ = Task(executorPreference: lane) {
            await self.group.triggerGracefulShutdown()
            try await self.simulation.sleep(for: ShutdownSignals.gracePeriod)
            self.state.withLock { $0.task }?.cancel()
            try await self.simulation.sleep(for: ShutdownSignals.limit - ShutdownSignals.gracePeriod)
            self.finish(.failed("not ended in time"))
        }
    }

    private var isTerminating: Bool { state.withLock(\.isTerminating) }

    /// SIGKILL: what was sent is on its way, and nothing follows.
    func kill() {
        finish(.killed)
        for wire in wires { wire.cut() }
        lane.proceed()
        state.withLock { $0.task }?.cancel()
    }

    /// SIGSTOP.
    func stop() { lane.stop() }

    /// SIGCONT.
    func proceed() { lane.proceed() }

    // MARK: - What became of it

    /// The answers that reached it.
    var answers: [Wire.Answer: Int] { wires.reduce(into: [:]) { $0.merge($1.answers, uniquingKeysWith: +) } }

    var end: End? { state.withLock { $0.end?.how } }

    /// When it ended: time since the beginning of the world.
    var endedAt: Duration? { state.withLock { $0.end?.at } }

    /// Suspends until it ended.
    func waitForEnd() async -> End {
        await state.withLock { $0.task }?.value
        return end ?? .cleanly
    }

    private func finish(_ end: End) {
        state.withLock { state in
            if state.end == nil { state.end = (end, simulation.now) }
        }
        // The kernel closes what a process leaves open.
        for wire in wires { wire.cut() }
    }
}
