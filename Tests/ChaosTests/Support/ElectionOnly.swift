import EmbeddedKubernetes
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OperatorTestKit

/// Candidates that do nothing but lead: their writes are steps of a counter, every half second, through the gate.
///
/// Cheap enough for hours. Whoever loses the lease stands again, as a restarted process does.
struct ElectionOnly: Sendable {
    /// Moments at which two were allowed to write.
    var overlaps: [String]
    /// How often leadership began.
    var terms: Int

    /// Runs candidates with clocks of these rates, cutting the leader off now and then.
    ///
    /// With `endsAtOverlap` it ends as soon as two may write.
    static func run(
        _ world: OperatorWorld,
        rates: [Double],
        for duration: Duration,
        endsAtOverlap: Bool = false
    ) async throws -> ElectionOnly {
        let electors = Shared<[String: LeaderElector]>([:])
        let result = Shared(ElectionOnly(overlaps: [], terms: 0))
        let names = rates.indices.map { "candidate-\($0)" }
        let tasks = zip(names, rates).map { name, rate in
            let lane = world.simulation.lane()
            return Task(executorPreference: lane) {
                while !Task.isCancelled {
                    guard let elector = try? elector(name, rate, world, result) else { return }
                    electors.change { $0[name] = elector }
                    try? await elector.run()
                    try? await world.pass(.seconds(1))
                }
            }
        }
        let watching = Task(executorPreference: world.simulation.lane()) {
            while (try? await world.pass(.milliseconds(100))) != nil {
                let leading = electors.value.filter(\.value.isLeading).keys.sorted()
                guard leading.count > 1 else { continue }
                result.change { $0.overlaps.append("\(leading) at \(world.simulation.now)") }
            }
        }
        let end = world.simulation.now + duration
        while world.simulation.now < end, !(endsAtOverlap && !result.value.overlaps.isEmpty) {
            try await world.pass(.seconds(world.simulation.draw { Int.random(in: 30...120, using: &$0) }))
            guard let leader = names.first(where: { electors.value[$0]?.isLeading == true }) else { continue }
            let direction: FaultPlan.PartitionDirection =
                world.simulation.draw { Bool.random(using: &$0) } ? .bothWays : .responsesOnly
            let rules = world.faults.partition(leader, direction)
            try await world.pass(.seconds(world.simulation.draw { Int.random(in: 3...40, using: &$0) }))
            world.faults.remove(rules)
        }
        watching.cancel()
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        return result.value
    }

    private static func elector(
        _ name: String,
        _ rate: Double,
        _ world: OperatorWorld,
        _ result: Shared<ElectionOnly>
    ) throws -> LeaderElector {
        let clock = SimulatedClock(world.simulation, rate: rate, start: .seconds(5))
        let wire = world.wire(name, timeout: .seconds(5))
        var logger = Logger(label: name)
        logger.logLevel = world.logLevel
        return LeaderElector(
            client: APIClient(
                transport: wire,
                userAgent: name,
                clock: clock,
                spread: Chaos.spread(world.simulation.draw { $0.next() })
            ),
            lease: world.lease,
            configuration: try LeaderElectionConfiguration(identity: name),
            clock: clock,
            wallClock: { OperatorWorld.start.addingTimeInterval(world.simulation.now / .seconds(1)) },
            seed: world.simulation.draw { $0.next() },
            logger: logger,
            whileLeading: {
                result.change { $0.terms += 1 }
                try await world.simulation.sleep(until: .seconds(100_000_000))
            }
        )
    }
}
