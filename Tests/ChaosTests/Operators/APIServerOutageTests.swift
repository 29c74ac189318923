import EmbeddedKubernetes
import KubernetesAPI
import OperatorTestKit
import Testing

/// Scenarios 1 and 19 for whole operators: what an API server that is away, or refuses a credential, does to leadership and
/// traffic.
@Suite struct APIServerOutageTests {
    /// Takes the API server away from every operator: connections break, and for a while none can be made.
    private static func outage(of duration: Duration, in world: OperatorWorld) async throws {
        let rules = world.operatorNames.map { world.faults.refuseConnections(.client($0)) }
        for name in world.operatorNames { world.faults.endStreams(.client(name), .reset) }
        try await world.pass(duration)
        for rule in rules { world.faults.remove(rule) }
    }

    /// How often an operator asked for each resource, lists and watches together, since a moment.
    private static func reads(by name: String, in world: OperatorWorld, since start: Duration) -> [String: Int] {
        world.faults.requests(FaultMatch([.list, .watch], client: name)).filter { $0.time >= start }
            .reduce(into: [:]) { $0[$1.request.resource, default: 0] += 1 }
    }

    @Test(
        "chaos 1: five seconds without an API server change no leader, and nothing is listed anew",
        arguments: Chaos.seeds
    )
    func brief(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 1 (operators, 5 s)", seed: seed) { world in
            let (alpha, beta) = try await world.startPair()
            let robot = world.churn()
            try await world.pass(milliseconds: 5000...9000)
            try await Self.outage(of: .seconds(5), in: world)
            let back = world.simulation.now
            try await world.pass(.seconds(60))
            #expect(alpha.end == nil && beta.end == nil)
            await world.expectOnlyLeader("alpha")
            for name in ["alpha", "beta"] {
                let lists = world.faults.requests(FaultMatch([.list], client: name)).filter { $0.time >= back }
                #expect(lists.isEmpty, "\(name) lists: \(lists.map(\.request.resource))")
                let reads = Self.reads(by: name, in: world, since: back)
                #expect(!reads.isEmpty && reads.values.allSatisfy { $0 <= 2 }, "\(name): \(reads)")
            }
            #expect(await world.writes(by: "alpha", since: back).isEmpty == false)
            try await world.stopChurn(robot)
        }
    }

    @Test(
        "chaos 1: a minute without one ends the leader and not the standby, which leads soon after",
        arguments: Chaos.seeds,
        [false, true]
    )
    func long(_ seed: UInt64, _ losesHistory: Bool) async throws {
        let name = "chaos 1 (operators, 60 s, history \(losesHistory ? "lost" : "kept"))"
        try await OperatorWorld.run(name, seed: seed) { world in
            let (alpha, beta) = try await world.startPair()
            let robot = world.churn()
            try await world.pass(milliseconds: 5000...9000)
            let down = world.simulation.now
            try await Self.outage(of: .seconds(60), in: world)
            let back = world.simulation.now
            if losesHistory { await world.cluster.compactHistory() }
            #expect(alpha.end?.isLossOfLeadership == true, "\(String(describing: alpha.end))")
            #expect(alpha.endedAt.map { $0 <= down + .seconds(15.1) } == true)
            #expect(beta.end == nil)
            try await world.waitForLeader("beta")
            // The last renewal may be one that it sees only now: from then on it waits for as long as the lease lasts.
            #expect(world.simulation.now - back <= .seconds(20))
            // A minute for what waits between its tries, and one more for who is told to begin anew.
            try await world.pass(.seconds(121))
            let reads = Self.reads(by: "beta", in: world, since: back)
            #expect(!reads.isEmpty && reads.values.allSatisfy { $0 <= 3 }, "\(reads)")
            #expect(await world.writes(by: "beta", since: back).isEmpty == false)
            try await world.stopChurn(robot)
        }
    }

    @Test("chaos 19: a leader whose credential is refused for five seconds keeps its lease", arguments: Chaos.seeds)
    func refusedCredential(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 19 (operators)", seed: seed) { world in
            let (alpha, beta) = try await world.startPair()
            let robot = world.churn()
            for _ in 0..<3 {
                try await world.pass(milliseconds: 5000...9000)
                let rule = world.faults.add(.client("alpha"), .status(401, "Unauthorized", "Unauthorized"))
                world.faults.endStreams(.client("alpha"))
                try await world.pass(.seconds(5))
                #expect(world.faults.firings(of: rule) > 0, "nothing was refused")
                world.faults.remove(rule)
            }
            try await world.pass(.seconds(30))
            #expect(alpha.end == nil && beta.end == nil)
            await world.expectOnlyLeader("alpha")
            try await world.stopChurn(robot)
        }
    }
}
