import EmbeddedKubernetes
import Foundation
import KubernetesRuntime
import OperatorTestKit
import Testing

/// Real operator processes that are killed, stopped, cut off and ended: never do two of them write, as the cluster's own
/// record of writes shows.
@Suite(.timeLimit(.minutes(30)), .serialized, .disabled(if: IntegrationCluster.isReal, OperatorFleet.reason))
struct OperatorFleetTests {
    /// Whether the slow ones run: `make chaos`.
    private static let isFull = ProcessInfo.processInfo.environment["VIGIL_CHAOS"] == "full"
    private static let slow: Comment = "takes minutes of real time: make chaos"

    /// What befalls a leader.
    private enum Mishap: String, CaseIterable, CustomStringConvertible {
        case killed, stopped, cutOff, unheard, terminated
        var description: String { rawValue }
    }

    @Test("never do two processes write: leaders are killed, stopped, cut off and ended, one after the other")
    func neverTwoWriters() async throws {
        let seed = Self.announce("never two writers")
        var random = SplitMix64(seed: seed)
        // The short run has each kind of silence once; the full one everything, several times.
        let silences: [Mishap] = [.killed, .stopped, Bool.random(using: &random) ? .cutOff : .unheard]
        let all = (0..<4).flatMap { _ in Mishap.allCases }
        let mishaps = (Self.isFull ? all : silences).shuffled(using: &random)
        let names = (0...mishaps.count).map { "operator-\($0 + 100)" }
        print("mishaps: \(mishaps)")
        try await OperatorFleet.with(names) { fleet in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await fleet.churn() }
                var leader = RunningOperator(names[0], in: fleet)
                group.addTask { [leader] in try await leader.run() }
                try await fleet.waitForWrite(by: names[0])
                for (round, mishap) in mishaps.enumerated() {
                    let standby = RunningOperator(names[round + 1], in: fleet)
                    group.addTask { try await standby.run() }
                    try await standby.process.waitForLine(containing: "waiting for leadership")
                    try await Self.befall(mishap, leader, names[round], next: names[round + 1], in: fleet)
                    leader = standby
                }
                try await fleet.expectRest(led: leader)
                leader.process.terminate()
                #expect(await leader.status() == 0)
                group.cancelAll()
            }
        }
    }

    /// Lets a mishap befall the leader, and returns when the next one leads and the old one has ended.
    private static func befall(
        _ mishap: Mishap,
        _ leader: RunningOperator,
        _ name: String,
        next: String,
        in fleet: OperatorFleet
    ) async throws {
        let start = ContinuousClock.now
        var cut: [FaultID] = []
        switch mishap {
        case .killed: leader.process.crash()
        case .stopped: leader.process.stop()
        case .cutOff: cut = fleet.faults.partition(name, .bothWays)
        case .unheard: cut = fleet.faults.partition(name, .responsesOnly)
        case .terminated: leader.process.terminate()
        }
        let first = try await fleet.waitForWrite(by: next)
        print("\(name) \(mishap): \(next) wrote after \(ContinuousClock.now - start)")
        // What was lost on the way stays lost, as with a network that is mended, and the stopped one goes on.
        fleet.faults.remove(cut)
        if mishap == .stopped { leader.process.proceed() }
        let status = await leader.status()
        #expect(status == (mishap == .killed ? -1 : mishap == .terminated ? 0 : 1), "\(mishap): \(leader.process.log)")
        let late = await fleet.attempts(by: name).filter { $0.number > first.number }.map(\.key)
        #expect(late.isEmpty, "\(name), \(mishap), tried to write after \(next) did: \(late)")
    }

    @Test(
        "kill -9 is followed by a new leader, SIGTERM much sooner, and nobody writes beside the leader",
        .enabled(if: isFull, slow)
    )
    func failover() async throws {
        try await OperatorFleet.with(["first", "second", "third"]) { fleet in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await fleet.churn() }
                let first = RunningOperator("first", in: fleet)
                group.addTask { try await first.run() }
                try await fleet.operators.waitForHolder("first")
                let second = RunningOperator("second", in: fleet)
                group.addTask { try await second.run() }
                try await second.process.waitForLine(containing: "waiting for leadership")
                try await Task.sleep(for: .seconds(3))
                let crash = try await Self.elapsed(fleet, to: "second") { first.process.crash() }
                print("failover after kill -9: \(crash)")
                // The budgets, 20 s and 3 s, are those of an idle machine: `make bench` measures them.
                #expect(crash <= .seconds(25))
                try await fleet.waitForWrite(by: "second")
                let third = RunningOperator("third", in: fleet)
                group.addTask { try await third.run() }
                try await third.process.waitForLine(containing: "waiting for leadership")
                try await Task.sleep(for: .seconds(3))
                let handover = try await Self.elapsed(fleet, to: "third") { second.process.terminate() }
                print("failover after SIGTERM: \(handover)")
                #expect(handover <= .seconds(8))
                #expect(await second.status() == 0)
                try await fleet.waitForWrite(by: "third")
                try await fleet.expectRest(led: third)
                third.process.terminate()
                #expect(await third.status() == 0)
                try await fleet.operators.waitForHolder("")
                group.cancelAll()
            }
        }
    }

    @Test(
        "chaos 11: a real leader that was stopped for 20 s writes nothing when it goes on",
        .enabled(if: isFull, slow)
    )
    func stopped() async throws {
        try await OperatorFleet.with(["first", "second"]) { fleet in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await fleet.churn() }
                let first = RunningOperator("first", in: fleet)
                group.addTask { try await first.run() }
                try await fleet.operators.waitForHolder("first")
                let second = RunningOperator("second", in: fleet)
                group.addTask { try await second.run() }
                try await Task.sleep(for: .seconds(5))
                first.process.stop()
                try await Task.sleep(for: .seconds(20))
                let before = await fleet.writes(by: "first").count
                first.process.proceed()
                #expect(await first.status() == 1, "a leader that lost its lease ends")
                #expect(await fleet.writes(by: "first").count == before)
                try await fleet.waitForWrite(by: "second")
                try await fleet.expectRest(led: second)
                group.cancelAll()
            }
        }
    }

    @Test(
        "chaos 10: a real leader that is cut off ends before another writes",
        .enabled(if: isFull, slow),
        arguments: [FaultPlan.PartitionDirection.bothWays, .responsesOnly]
    )
    func cutOff(_ direction: FaultPlan.PartitionDirection) async throws {
        try await OperatorFleet.with(["first", "second"]) { fleet in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await fleet.churn() }
                let first = RunningOperator("first", in: fleet)
                group.addTask { try await first.run() }
                try await fleet.operators.waitForHolder("first")
                let second = RunningOperator("second", in: fleet)
                group.addTask { try await second.run() }
                try await Task.sleep(for: .seconds(5))
                fleet.faults.partition("first", direction)
                #expect(await first.status() == 1)
                try await fleet.waitForWrite(by: "second")
                let last = try #require(await fleet.writes(by: "first").last).elapsed
                let next = try #require(await fleet.writes(by: "second").first).elapsed
                #expect(last < next)
                try await fleet.expectRest(led: second)
                group.cancelAll()
            }
        }
    }

    @Test("chaos 28: a real process ends cleanly at whatever moment SIGTERM comes")
    func terminatedAnytime() async throws {
        let seed = Self.announce("chaos 28 (processes)")
        let delays = Self.delays(seed, count: Self.isFull ? 200 : 2)
        try await OperatorFleet.with(["one"]) { fleet in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await fleet.churn() }
                for (round, delay) in delays.enumerated() {
                    let one = RunningOperator("one", in: fleet)
                    group.addTask { try await one.run() }
                    // Before it traps signals it is no operator yet.
                    try await one.process.waitForLine(containing: "health is served")
                    try await Task.sleep(for: delay)
                    one.process.terminate()
                    let start = ContinuousClock.now
                    #expect(await one.status() == 0, "round \(round): \(one.process.log)")
                    #expect(ContinuousClock.now - start <= .seconds(30))
                    // One that ended early enough never made the Lease.
                    let holder = try await fleet.operators.holder()
                    #expect(holder == nil || one.process.log.contains("the lease is left to run out"))
                    // The server sees that the process has gone a moment after the test does.
                    var streams = fleet.faults.openStreams(.client("one"))
                    for _ in 0..<200 where streams != 0 {
                        try await Task.sleep(for: .milliseconds(50))
                        streams = fleet.faults.openStreams(.client("one"))
                    }
                    #expect(streams == 0)
                }
                group.cancelAll()
            }
        }
    }

    /// The seed that `VIGIL_CHAOS_SEED` gives, or a new one; printed.
    private static func announce(_ scenario: String) -> UInt64 {
        let given = ProcessInfo.processInfo.environment["VIGIL_CHAOS_SEED"].flatMap(UInt64.init)
        let seed = given ?? .random(in: 0...UInt64.max)
        print("\(scenario): VIGIL_CHAOS_SEED=\(seed)")
        return seed
    }

    private static func delays(_ seed: UInt64, count: Int) -> [Duration] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in .milliseconds(Int.random(in: 50...5000, using: &random)) }
    }

    private static func elapsed(
        _ fleet: OperatorFleet,
        to leader: String,
        _ act: () -> Void
    ) async throws -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        act()
        try await fleet.operators.waitForHolder(leader)
        return clock.now - start
    }
}
