import FoundationEssentials
import KubernetesRuntime
import Testing

@Suite("Leader election rules")
struct LeaderElectionStateMachineTests {
    @Test("one of two candidates leads, and goes on leading")
    func oneLeads() throws {
        let seed = testSeed("Election, one leads")
        var election = try ElectionSimulation(count: 2, seed: seed)
        election.run(until: .seconds(3600))
        #expect(election.terms.count == 1 && election.leaders.count == 1, "TEST_SEED=\(seed)")
        #expect(election.lease?.record.leaseTransitions == 0, "TEST_SEED=\(seed)")
        #expect(election.lease?.record.leaseDurationSeconds == 15, "TEST_SEED=\(seed)")
    }

    @Test("after a crash another candidate leads within 15 + 4.4 s, and never before the lease ran out")
    func crash() throws {
        let seed = testSeed("Election, crash")
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            var election = try ElectionSimulation(count: 2, seed: random.next())
            let end = Duration.seconds(60) + .milliseconds(Int.random(in: 0..<4000, using: &random))
            election.at(end) { election in
                for index in election.leaders { election.candidates[index].isDead = true }
            }
            election.run(until: .seconds(120))
            #expect(election.overlaps.isEmpty, "TEST_SEED=\(seed)")
            let takeover = try #require(election.terms.dropFirst().first, "TEST_SEED=\(seed)").at - end
            #expect(takeover <= .milliseconds(19_400), "TEST_SEED=\(seed)")
            #expect(takeover > .seconds(10), "TEST_SEED=\(seed)")
            #expect(election.lease?.record.leaseTransitions == 1, "TEST_SEED=\(seed)")
        }
    }

    @Test("after a release another candidate leads within 3 s, while requests take 50 ms there and back")
    func release() throws {
        let seed = testSeed("Election, release")
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            var election = try ElectionSimulation(count: 2, seed: random.next())
            election.latency = .milliseconds(1)..<(.milliseconds(25))
            let end = Duration.seconds(60) + .milliseconds(Int.random(in: 0..<4000, using: &random))
            election.at(end) { election in
                for index in election.leaders { election.release(index) }
            }
            election.run(until: .seconds(120))
            let takeover = try #require(election.terms.dropFirst().first, "TEST_SEED=\(seed)").at - end
            #expect(takeover <= .seconds(3), "TEST_SEED=\(seed)")
            #expect(election.overlaps.isEmpty, "TEST_SEED=\(seed)")
        }
    }

    @Test("there are never two leaders, whatever is lost, slow, stopped, cut off or ticking faster")
    func neverTwo() throws {
        let seed = testSeed("Election, faults")
        var random = SplitMix64(seed: seed)
        var terms = 0
        for round in 0..<300 {
            var election = try ElectionSimulation(count: 3, seed: random.next())
            election.latency = .milliseconds(1)..<(.milliseconds(Int.random(in: 50...4900, using: &random)))
            election.lossRate = Double.random(in: 0..<0.3, using: &random)
            let fast = Int.random(in: 0..<3, using: &random)
            election.candidates[fast].rate = Double.random(in: 1.0...1.4, using: &random)
            for _ in 0..<12 {
                let victim = Int.random(in: 0..<3, using: &random)
                let time = Duration.milliseconds(Int.random(in: 0..<280_000, using: &random))
                let length = Duration.milliseconds(Int.random(in: 100..<40_000, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: election.at(time) { $0.candidates[victim].stoppedUntil = time + length }
                case 1: election.at(time) { $0.release(victim) }
                case 2: election.at(time) { $0.candidates[victim].isDead = true }
                default:
                    election.at(time) { $0.candidates[victim].isReachable = false }
                    election.at(time + length) { $0.candidates[victim].isReachable = true }
                }
            }
            election.run(until: .seconds(300))
            terms += election.terms.count
            #expect(election.overlaps.isEmpty, "round \(round), TEST_SEED=\(seed)")
        }
        #expect(terms > 300, "the simulation elects too seldom to show anything, TEST_SEED=\(seed)")
    }

    @Test("a leader that is cut off may write for 10 s after its last renewal was sent, and no longer")
    func cutOff() throws {
        let seed = testSeed("Election, cut off")
        var election = try ElectionSimulation(count: 1, seed: seed)
        election.run(until: .seconds(60))
        election.candidates[0].isReachable = false
        // An answer that was on its way still arrives.
        election.run(until: .seconds(60) + election.latency.upperBound)
        let until = try #require(election.candidates[0].machine.leadsUntil)
        #expect(until <= .seconds(70), "TEST_SEED=\(seed)")
        election.run(until: until - .milliseconds(1))
        #expect(election.leaders == [0], "TEST_SEED=\(seed)")
        election.run(until: until)
        #expect(election.leaders.isEmpty, "TEST_SEED=\(seed)")
        election.run(until: .seconds(80))
        #expect(election.candidates[0].hasEnded, "TEST_SEED=\(seed)")
    }

    @Test("seven seconds of refused requests are tolerated, eleven are not")
    func shortOutage() throws {
        let seed = testSeed("Election, short outage")
        for (length, isTolerated) in [(Duration.seconds(7), true), (.seconds(11), false)] {
            var election = try ElectionSimulation(count: 2, seed: seed)
            election.latency = .milliseconds(1)..<(.milliseconds(2))
            election.run(until: .seconds(60))
            let leader = try #require(election.leaders.first)
            election.isRefusing = true
            election.run(until: .seconds(60) + length)
            election.isRefusing = false
            #expect(election.leaders == (isTolerated ? [leader] : []), "TEST_SEED=\(seed)")
            election.run(until: .seconds(120))
            #expect(election.terms.count == (isTolerated ? 1 : 2), "TEST_SEED=\(seed)")
        }
    }

    @Test("a leader that finds another holder steps down at once; one whose lease vanished makes it again")
    func thirdParty() throws {
        let seed = testSeed("Election, third party")
        var election = try ElectionSimulation(count: 1, seed: seed)
        election.run(until: .seconds(30))
        election.lease = nil
        election.run(until: .seconds(40))
        #expect(election.leaders == [0] && election.lease != nil, "TEST_SEED=\(seed)")
        var foreign = try #require(election.lease)
        foreign.record.holderIdentity = "someone else"
        foreign.resourceVersion = "foreign"
        election.lease = foreign
        election.run(until: .seconds(43))
        #expect(election.leaders.isEmpty && election.candidates[0].hasEnded, "TEST_SEED=\(seed)")
        #expect(election.lease?.record.holderIdentity == "someone else", "TEST_SEED=\(seed)")
    }

    @Test("the duration in another's record is respected, not one's own")
    func foreignDuration() throws {
        let seed = testSeed("Election, foreign duration")
        var election = try ElectionSimulation(count: 1, seed: seed)
        election.lease = LeaseObservation(
            record: LeaseRecord(
                holderIdentity: "gone",
                leaseDurationSeconds: 60,
                acquireTime: nil,
                renewTime: nil,
                leaseTransitions: 4
            ),
            resourceVersion: "x"
        )
        election.run(until: .seconds(59))
        #expect(election.terms.isEmpty, "TEST_SEED=\(seed)")
        election.run(until: .seconds(66))
        #expect(election.leaders == [0], "TEST_SEED=\(seed)")
        #expect(election.lease?.record.leaseTransitions == 5, "TEST_SEED=\(seed)")
    }

    @Test("a late release does not blank the lease of the next leader")
    func lateRelease() throws {
        let configuration = try LeaderElectionConfiguration(identity: "old")
        var machine = LeaderElectionStateMachine(configuration: configuration, seed: 1)
        _ = machine.start(at: .zero, wallClock: .distantPast)
        _ = machine.handle(.read(nil), at: .zero, wallClock: .distantPast)
        _ = machine.handle(.written(resourceVersion: "1"), at: .zero, wallClock: .distantPast)
        #expect(machine.leads(at: .seconds(9)))
        let action = machine.release()
        #expect(action == .read)
        #expect(!machine.leads(at: .zero))
        let next = LeaseObservation(
            record: LeaseRecord(
                holderIdentity: "new",
                leaseDurationSeconds: 15,
                acquireTime: nil,
                renewTime: nil,
                leaseTransitions: 1
            ),
            resourceVersion: "2"
        )
        let end = machine.handle(.read(next), at: .seconds(20), wallClock: .distantPast)
        #expect(end == .released)
    }

    @Test("a candidate that is ended while its claim is on its way looks whether it was granted, and gives it back")
    func releaseOfOpenClaim() throws {
        let date = Date(timeIntervalSince1970: 0)
        var machine = LeaderElectionStateMachine(
            configuration: try LeaderElectionConfiguration(identity: "a"),
            seed: 1
        )
        #expect(machine.start(at: .zero, wallClock: date) == .read)
        guard case .create(let claim) = machine.handle(.read(nil), at: .zero, wallClock: date) else {
            Issue.record("the lease was not claimed")
            return
        }
        #expect(machine.release() == .read)
        let granted = LeaseObservation(record: claim, resourceVersion: "7")
        guard case .update(let record, "7") = machine.handle(.read(granted), at: .zero, wallClock: date) else {
            Issue.record("the lease was not given back")
            return
        }
        #expect(record.holderIdentity.isEmpty)
        var idle = LeaderElectionStateMachine(
            configuration: try LeaderElectionConfiguration(identity: "b"),
            seed: 1
        )
        _ = idle.start(at: .zero, wallClock: date)
        _ = idle.handle(.read(granted), at: .zero, wallClock: date)
        #expect(idle.release() == .released)
    }

    @Test("contradictory settings are refused")
    func validation() {
        #expect(throws: LeaderElectionError.self) { try LeaderElectionConfiguration(identity: "") }
        #expect(throws: LeaderElectionError.self) {
            try LeaderElectionConfiguration(identity: "a", leaseDuration: .seconds(10))
        }
        #expect(throws: LeaderElectionError.self) {
            try LeaderElectionConfiguration(identity: "a", renewDeadline: .seconds(2))
        }
    }
}
