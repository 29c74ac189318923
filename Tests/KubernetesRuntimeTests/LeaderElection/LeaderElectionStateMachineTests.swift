import FoundationEssentials
import KubernetesRuntime
import TestTiming
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

    @Test("processes that were given one name by mistake never lead together, and give nothing back for each other")
    func namesakes() throws {
        let seed = testSeed("Election, namesakes")
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            var election = try ElectionSimulation(count: 3, name: "vigil", seed: random.next())
            election.run(until: .seconds(60))
            let leader = try #require(election.leaders.first, "TEST_SEED=\(seed)")
            election.release((leader + 1) % 3)
            election.run(until: .seconds(120))
            #expect(election.leaders == [leader] && election.terms.count == 1, "TEST_SEED=\(seed)")
            election.candidates[leader].isDead = true
            election.run(until: .seconds(150))
            #expect(election.terms.count == 2 && election.leaders.count == 1, "TEST_SEED=\(seed)")
            #expect(election.overlaps.isEmpty, "\(election.overlaps.prefix(3)), TEST_SEED=\(seed)")
            #expect(election.lease?.record.leaseTransitions == 1, "TEST_SEED=\(seed)")
        }
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

    @Test(
        "nine seconds in which requests fail are tolerated, thirteen are not",
        arguments: [(9, true, true), (9, false, true), (13, true, false), (13, false, false)]
    )
    func outage(length: Int, areAnswered: Bool, isTolerated: Bool) throws {
        let seed = testSeed("Election, outage")
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            var election = try ElectionSimulation(count: 2, seed: random.next())
            election.latency = .milliseconds(1)..<(.milliseconds(20))
            let start = Duration.seconds(60) + .milliseconds(Int.random(in: 0..<2500, using: &random))
            election.run(until: start)
            let leader = try #require(election.leaders.first)
            // Refused with an error, or lost without an answer.
            election.isRefusing = areAnswered
            for index in 0..<2 { election.candidates[index].isReachable = areAnswered }
            election.run(until: start + .seconds(length))
            election.isRefusing = false
            for index in 0..<2 { election.candidates[index].isReachable = true }
            election.run(until: start + .seconds(length + 5))
            #expect(election.candidates[leader].hasEnded == !isTolerated, "TEST_SEED=\(seed)")
            election.run(until: .seconds(120))
            #expect(election.terms.count == (isTolerated ? 1 : 2), "TEST_SEED=\(seed)")
            #expect(election.overlaps.isEmpty && election.leaders.count == 1, "TEST_SEED=\(seed)")
        }
    }

    @Test("leadership is kept, and writing never pauses, while each request takes 4.9 s")
    func slow() throws {
        let seed = testSeed("Election, slow")
        var election = try ElectionSimulation(count: 2, seed: seed)
        election.run(until: .seconds(60))
        let leader = try #require(election.leaders.first)
        election.latency = .milliseconds(2449)..<(.milliseconds(2450))
        var pauses = 0
        for tick in 0..<7200 {
            election.run(until: .seconds(60) + .milliseconds(500) * tick)
            if election.leaders != [leader] { pauses += 1 }
        }
        #expect(election.terms.count == 1 && pauses == 0, "TEST_SEED=\(seed)")
    }

    @Test("a Lease that is deleted while held is made again by its holder, and by others only when that must be silent")
    func deletion() throws {
        let seed = testSeed("Election, deletion")
        var random = SplitMix64(seed: seed)
        for isAlive in [true, false] {
            for _ in 0..<50 {
                var election = try ElectionSimulation(count: 3, seed: random.next())
                let end = Duration.seconds(60) + .milliseconds(Int.random(in: 0..<4000, using: &random))
                election.run(until: end)
                let leader = try #require(election.leaders.first)
                election.lease = nil
                election.candidates[leader].isReachable = isAlive
                election.run(until: end + .seconds(40))
                #expect(election.overlaps.isEmpty, "TEST_SEED=\(seed)")
                #expect(election.terms.count == (isAlive ? 1 : 2), "TEST_SEED=\(seed)")
                #expect(election.lease?.record.leaseTransitions == (isAlive ? 0 : 1), "TEST_SEED=\(seed)")
            }
        }
    }

    @Test(
        "whatever somebody writes into the Lease by hand, there are never two leaders",
        arguments: ["holder", "nobody", "duration", "nothing"]
    )
    func edited(_ what: String) throws {
        let seed = testSeed("Election, edited")
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            var election = try ElectionSimulation(count: 3, seed: random.next())
            let end = Duration.seconds(60) + .milliseconds(Int.random(in: 0..<4000, using: &random))
            election.run(until: end)
            let leader = try #require(election.leaders.first)
            election.edit { record in
                switch what {
                case "holder": record.holderIdentity = "someone else"
                case "nobody": record.holderIdentity = ""
                case "duration": record.leaseDurationSeconds = 1
                default: break
                }
            }
            let isHolderTouched = what == "holder" || what == "nobody"
            election.run(until: end + .seconds(3))
            #expect(election.candidates[leader].hasEnded == isHolderTouched, "TEST_SEED=\(seed)")
            election.run(until: end + .seconds(30))
            #expect(election.overlaps.isEmpty && election.leaders.count == 1, "TEST_SEED=\(seed)")
            #expect(election.terms.count == (isHolderTouched ? 2 : 1), "TEST_SEED=\(seed)")
        }
    }

    @Test("wall clocks that jump by a day, or stand still, decide nothing")
    func wallClocks() throws {
        let seed = testSeed("Election, wall clocks")
        var random = SplitMix64(seed: seed)
        var election = try ElectionSimulation(count: 3, seed: seed)
        for hour in 1..<10 {
            let index = Int.random(in: 0..<3, using: &random)
            let jump = Duration.seconds(Int.random(in: -86_400...86_400, using: &random))
            election.at(.seconds(hour * 360)) { election in
                election.candidates[index].wallClockOffset += jump
                for leader in election.leaders where hour > 5 {
                    election.candidates[leader].frozenWallClock = Date(timeIntervalSince1970: 1_700_000_000)
                }
            }
        }
        election.run(until: .seconds(3600))
        #expect(election.terms.count == 1 && election.leaders.count == 1, "TEST_SEED=\(seed)")
        #expect(election.overlaps.isEmpty, "TEST_SEED=\(seed)")
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

    @Test("a lease that cannot be read at once is given back a little later; after three times it is left to run out")
    func releaseWithoutAnswer() throws {
        let configuration = try LeaderElectionConfiguration(identity: "me")
        var machine = LeaderElectionStateMachine(configuration: configuration, seed: 1)
        _ = machine.start(at: .zero, wallClock: .distantPast)
        guard case .create(let record) = machine.handle(.read(nil), at: .zero, wallClock: .distantPast) else {
            Issue.record("the lease is not created")
            return
        }
        _ = machine.handle(.written(resourceVersion: "1"), at: .zero, wallClock: .distantPast)
        var giving = machine
        #expect(giving.release() == .read)
        guard case .wait(let pause) = giving.handle(.readFailed, at: .zero, wallClock: .distantPast) else {
            Issue.record("it is not tried again")
            return
        }
        #expect(pause > .zero && pause < .seconds(1))
        #expect(giving.handle(.waited, at: pause, wallClock: .distantPast) == .read)
        let found = LeaseObservation(record: record, resourceVersion: "1")
        guard case .update(let given, "1") = giving.handle(.read(found), at: pause, wallClock: .distantPast) else {
            Issue.record("it is not given back")
            return
        }
        #expect(given.holderIdentity == "")
        var action = machine.release()
        var reads = 0
        while action != .released, reads < 10 {
            if action == .read { reads += 1 }
            action = machine.handle(action == .read ? .readFailed : .waited, at: .zero, wallClock: .distantPast)
        }
        #expect(reads == 4)
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

    @Test("the Lease says a duration in whole seconds, rounded up")
    func wholeSeconds() throws {
        let configuration = try LeaderElectionConfiguration(
            identity: "a",
            leaseDuration: .milliseconds(1500),
            renewDeadline: .milliseconds(1200),
            retryPeriod: .milliseconds(200)
        )
        var machine = LeaderElectionStateMachine(configuration: configuration, seed: 1)
        _ = machine.start(at: .zero, wallClock: .distantPast)
        guard case .create(let record) = machine.handle(.read(nil), at: .zero, wallClock: .distantPast) else {
            Issue.record("the lease was not claimed")
            return
        }
        #expect(record.leaseDurationSeconds == 2)
    }

    @Test("numbers that no server would send neither trap nor are sent back")
    func hostileRecord() throws {
        for (duration, transitions) in [(Int.max, Int.max), (.min, .min), (0, -1), (-5, Int(Int32.max))] {
            var machine = LeaderElectionStateMachine(
                configuration: try LeaderElectionConfiguration(identity: "a"),
                seed: 1
            )
            _ = machine.start(at: .zero, wallClock: .distantPast)
            let found = LeaseObservation(
                record: LeaseRecord(
                    holderIdentity: "other",
                    leaseDurationSeconds: duration,
                    acquireTime: nil,
                    renewTime: .distantFuture,
                    leaseTransitions: transitions
                ),
                resourceVersion: "1"
            )
            let first = machine.handle(.read(found), at: .zero, wallClock: .distantPast)
            guard case .wait = first else {
                Issue.record("\(first)")
                return
            }
            let later = machine.handle(.read(found), at: .seconds(16), wallClock: .distantFuture)
            guard case .update(let record, _) = later else {
                #expect(duration == .max)
                continue
            }
            #expect((0...Int(Int32.max)).contains(record.leaseTransitions))
        }
    }

    @Test("contradictory settings are refused, with a sentence that names both")
    func validation() {
        func refusal(
            _ lease: Duration = .seconds(15),
            _ deadline: Duration = .seconds(10),
            _ retry: Duration = .seconds(2),
            identity: String = "a",
            jitter: Double = 0.4
        ) -> String? {
            do throws(LeaderElectionError) {
                _ = try LeaderElectionConfiguration(
                    identity: identity,
                    leaseDuration: lease,
                    renewDeadline: deadline,
                    retryPeriod: retry,
                    acquireJitter: jitter
                )
                return nil
            } catch {
                return error.code == .invalidConfiguration ? error.message : "wrong code"
            }
        }
        #expect(refusal() == nil)
        #expect(refusal(.seconds(60), .seconds(40), .seconds(5)) == nil)
        #expect(refusal(.seconds(137), .seconds(107), .seconds(26)) == nil)
        #expect(refusal(identity: "")?.contains("identity") == true)
        #expect(refusal(.seconds(10))?.contains("lease duration (10.0 seconds) must exceed the renew") == true)
        #expect(refusal(.seconds(15), .seconds(2))?.contains("must exceed 1.2 retry periods") == true)
        #expect(refusal(.seconds(15), .seconds(10), .zero)?.contains("must be positive") == true)
        #expect(refusal(.seconds(15), .seconds(10), .seconds(-1))?.contains("must be positive") == true)
        #expect(refusal(.milliseconds(900), .milliseconds(100), .milliseconds(10))?.contains("from 1 second") == true)
        #expect(refusal(.seconds(90_000))?.contains("24 hours") == true)
        #expect(refusal(jitter: 2)?.contains("jitter") == true)
    }
}
