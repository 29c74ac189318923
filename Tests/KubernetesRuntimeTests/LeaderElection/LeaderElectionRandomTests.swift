import FoundationEssentials
import KubernetesRuntime
import TestTiming
import Testing

@Suite("Leader election on random walks")
struct LeaderElectionRandomTests {
    private static let day = 86_400

    /// Whether the Lease may be deleted in this round, in which then nobody starts: a newcomer that never saw the Lease
    /// takes its absence for a beginning, as docs/operations.md says.
    private static func isDeleting(_ round: Int) -> Bool { round % 4 == 0 }

    /// One thing that goes wrong.
    private static func happen(_ election: inout ElectionSimulation, round: Int, _ random: inout SplitMix64) {
        let victim = Int.random(in: 0..<3, using: &random)
        let time = Duration.milliseconds(Int.random(in: 30_000..<220_000, using: &random))
        let length = Duration.milliseconds(Int.random(in: 100..<40_000, using: &random))
        let jump = Duration.seconds(Int.random(in: -day...day, using: &random))
        switch Int.random(in: 0..<9, using: &random) {
        case 0: election.at(time) { $0.candidates[victim].stoppedUntil = time + length }
        case 1: election.at(time) { $0.release(victim) }
        case 2: election.at(time) { $0.candidates[victim].isDead = true }
        case 3: election.at(time) { $0.candidates[victim].wallClockOffset += jump }
        case 4:
            election.at(time) { $0.isRefusing = true }
            election.at(time + length / 4) { $0.isRefusing = false }
        case 5: election.at(time) { $0.edit { $0.holderIdentity = "someone else" } }
        // One or the other: done both, by hand and to the same Lease, they are what a release looks like.
        case 6 where round % 3 == 0: election.at(time) { $0.edit { $0.holderIdentity = "" } }
        case 6: election.at(time) { $0.edit { $0.leaseDurationSeconds = 1 } }
        case 7 where isDeleting(round):
            election.at(time) { election in
                // Once: of a Lease that is made and deleted again between two looks nobody learns.
                guard !election.wasDeleted else { return }
                election.wasDeleted = election.lease != nil
                election.lease = nil
            }
        case 7: election.at(time) { try? $0.restart(victim) }
        default:
            election.at(time) { $0.candidates[victim].isReachable = false }
            election.at(time + length) { $0.candidates[victim].isReachable = true }
        }
    }

    @Test("there are never two leaders, nor two writers in a term, whatever goes wrong")
    func neverTwo() throws {
        let seed = testSeed("Election, faults")
        var random = SplitMix64(seed: seed)
        var (terms, mutations) = (0, 0)
        for round in 0..<1200 {
            var election = try ElectionSimulation(count: 3, seed: random.next())
            let isDeleting = Self.isDeleting(round)
            election.latency = .milliseconds(1)..<(.milliseconds(Int.random(in: 50...2400, using: &random)))
            election.lossRate = Double.random(in: 0..<(isDeleting ? 0.1 : 0.3), using: &random)
            let hasFastClock = round % 2 == 0
            let fast = Int.random(in: 0..<3, using: &random)
            if hasFastClock { election.candidates[fast].rate = Double.random(in: 1.0...1.4, using: &random) }
            // A request has the rest of the lease to arrive in, by the fastest clock.
            election.writeLatency = .milliseconds(1)..<(.milliseconds(hasFastClock ? 600 : 4900))
            for _ in 0..<10 { Self.happen(&election, round: round, &random) }
            election.run(until: .seconds(240))
            terms += election.terms.count
            mutations += election.mutations.count
            #expect(election.overlaps.isEmpty, "round \(round), TEST_SEED=\(seed)")
            if !isDeleting { #expect(election.writersOutOfTerm.isEmpty, "round \(round), TEST_SEED=\(seed)") }
        }
        #expect(terms > 2400 && mutations > 50_000, "the walks show nothing: \(terms), \(mutations), TEST_SEED=\(seed)")
    }

    /// Ten hours in which every leader is cut off, one candidate's clock being `rate` times as fast as the others'.
    private static func overlaps(rate: Double, hours: Int, seed: UInt64) throws -> (overlaps: Int, terms: Int) {
        var random = SplitMix64(seed: seed)
        var election = try ElectionSimulation(count: 2, seed: random.next())
        election.candidates[0].rate = rate
        for start in stride(from: 60, to: hours * 3600, by: 60) {
            let cut = Duration.seconds(start) + .milliseconds(Int.random(in: 0..<4000, using: &random))
            election.at(cut) { election in
                for leader in election.leaders { election.candidates[leader].isReachable = false }
            }
            election.at(cut + .seconds(30)) { election in
                for index in 0..<2 where !election.candidates[index].isReachable {
                    election.candidates[index].isReachable = true
                    try? election.restart(index)
                }
            }
        }
        election.run(until: .seconds(hours * 3600))
        return (election.overlaps.count, election.terms.count)
    }

    @Test(
        "clocks whose rates differ by a factor of 1.4 never make two leaders, in ten hours",
        arguments: [0.72, 1.0, 1.4]
    )
    func clockRates(_ rate: Double) throws {
        let seed = testSeed("Election, clock rate \(rate)")
        let result = try Self.overlaps(rate: rate, hours: 10, seed: seed)
        #expect(result.overlaps == 0 && result.terms > 300, "\(result), TEST_SEED=\(seed)")
    }

    @Test("a clock twice as fast as the leader's does: that is the limit of the method")
    func clockRateLimit() throws {
        let seed = testSeed("Election, clock rate 2")
        let result = try Self.overlaps(rate: 2, hours: 2, seed: seed)
        #expect(result.overlaps > 0, "\(result), TEST_SEED=\(seed)")
    }

    // MARK: - The machine alone

    private static func record(_ random: inout SplitMix64) -> LeaseObservation {
        let holder = ["a", "b", "", "c"].randomElement(using: &random) ?? ""
        return LeaseObservation(
            record: LeaseRecord(
                holderIdentity: holder,
                leaseDurationSeconds: Int.random(in: -1...40, using: &random),
                acquireTime: nil,
                renewTime: Date(timeIntervalSince1970: Double(Int.random(in: 0..<4, using: &random))),
                leaseTransitions: Int.random(in: 0..<9, using: &random)
            ),
            resourceVersion: String(Int.random(in: 0..<9, using: &random))
        )
    }

    /// An outcome of `action`, and now and then one that cannot be.
    private static func outcome(
        of action: LeaderElectionStateMachine.Action,
        _ random: inout SplitMix64
    ) -> LeaderElectionStateMachine.Outcome {
        let all: [LeaderElectionStateMachine.Outcome] = [
            .read(nil), .read(record(&random)), .readFailed, .written(resourceVersion: "9"), .writeFailed, .waited,
        ]
        let possible: ArraySlice<LeaderElectionStateMachine.Outcome> =
            switch action {
            case .read: all[0..<3]
            case .create, .update: all[3..<5]
            default: all[5...]
            }
        let choice = Int.random(in: 0..<50, using: &random) == 0 ? all[...] : possible
        return choice.randomElement(using: &random) ?? .waited
    }

    @Test("whatever comes of its actions, the machine claims only what it may and leads only while renewed")
    func walk() throws {
        let seed = testSeed("Election, machine walk")
        var random = SplitMix64(seed: seed)
        let configuration = try LeaderElectionConfiguration(identity: "a")
        var (led, ended) = (0, 0)
        for round in 0..<2000 {
            var machine = LeaderElectionStateMachine(configuration: configuration, seed: random.next())
            var now = Duration.zero
            var sentAt = Duration.zero
            var lastRenewal: Duration?
            var action = machine.start(at: now, wallClock: .distantPast)
            walk: for step in 0..<150 {
                let place = Comment(rawValue: "round \(round), step \(step), TEST_SEED=\(seed)")
                if case .create = action { sentAt = now } else if case .update = action { sentAt = now }
                var took = Duration.milliseconds(Int.random(in: 0..<5000, using: &random))
                if case .wait(let delay) = action {
                    #expect(delay >= .zero && delay <= .seconds(2) * 1.5, place)
                    took = delay + .milliseconds(Int.random(in: 0..<20, using: &random))
                }
                if Int.random(in: 0..<100, using: &random) == 0 { took += .seconds(20) }
                now += took
                let result = Self.outcome(of: action, &random)
                switch (action, result) {
                case (.create, .written), (.update, .written): lastRenewal = sentAt
                default: break
                }
                action = machine.handle(result, at: now, wallClock: .distantPast)
                if machine.leads(at: now) {
                    led += 1
                    let renewal = try #require(lastRenewal, place)
                    #expect(now < renewal + configuration.renewDeadline, place)
                    #expect(machine.term != nil && machine.observed != nil, place)
                }
                switch action {
                case .stepDown, .released:
                    #expect(machine.leadsUntil == nil && machine.term == nil, place)
                    ended += 1
                    break walk
                case .create(let claim), .update(let claim, _):
                    #expect(claim.holderIdentity == "a" && claim.leaseDurationSeconds == 15, place)
                    #expect(machine.givesUpAt.map { now < $0 } ?? true, place)
                default: break
                }
                if Int.random(in: 0..<200, using: &random) == 0 {
                    _ = machine.release()
                    #expect(!machine.leads(at: now), place)
                    break
                }
            }
        }
        #expect(led > 1000 && ended > 200, "the walks show nothing: \(led), \(ended), TEST_SEED=\(seed)")
    }
}
