import KubernetesRuntime
import TestTiming
import Testing

@Suite("Reflector rules")
struct ReflectorStateMachineTests {
    private let soon: ClosedRange<Duration> = .milliseconds(800)...(.milliseconds(1600))

    private func machine(watchList: Bool = true) -> ReflectorStateMachine {
        ReflectorStateMachine(configuration: ReflectorConfiguration(usesWatchList: watchList), seed: 1)
    }

    /// The next action, which must be a watch.
    private func watch(_ machine: inout ReflectorStateMachine, at now: Duration = .zero) -> ReflectorWatchRequest? {
        guard case .watch(let request) = machine.nextAction(at: now) else { return nil }
        return request
    }

    /// The next action, which must be a wait.
    private func wait(_ machine: inout ReflectorStateMachine, at now: Duration = .zero) -> Duration? {
        guard case .wait(let delay) = machine.nextAction(at: now) else { return nil }
        return delay
    }

    /// A machine that synchronised at version 10 and watches from there.
    private func synchronised() -> ReflectorStateMachine {
        var machine = machine()
        _ = machine.nextAction(at: .zero)
        machine.watchOpened(at: .zero)
        _ = machine.received(.added(resourceVersion: "7"))
        _ = machine.received(.bookmark(resourceVersion: "10", endsInitialEvents: true))
        return machine
    }

    @Test("begins with a watch-list at the most recent version, for 300 to 600 s")
    func beginsWithWatchList() throws {
        var machine = machine()
        let request = try #require(watch(&machine))
        #expect(request.resourceVersion.isEmpty)
        #expect(request.sendsInitialEvents)
        #expect((300...600).contains(request.timeoutSeconds))
    }

    @Test("initial events adopt no version; the closing bookmark does, and later events do")
    func adoption() {
        var machine = machine()
        _ = machine.nextAction(at: .zero)
        machine.watchOpened(at: .zero)
        let first = machine.received(.added(resourceVersion: "9"))
        #expect(first == .apply)
        #expect(machine.resourceVersion.isEmpty)
        let early = machine.received(.bookmark(resourceVersion: "9", endsInitialEvents: false))
        #expect(early == .advance)
        #expect(machine.resourceVersion.isEmpty && !machine.hasSynchronised)
        let end = machine.received(.bookmark(resourceVersion: "10", endsInitialEvents: true))
        #expect(end == .complete)
        #expect(machine.resourceVersion == "10" && machine.hasSynchronised)
        for (event, version) in [
            (ReflectorEvent.modified(resourceVersion: "11"), "11"), (.deleted(resourceVersion: "12"), "12"),
            (.added(resourceVersion: "13"), "13"), (.bookmark(resourceVersion: "20", endsInitialEvents: false), "20"),
        ] {
            _ = machine.received(event)
            #expect(machine.resourceVersion == version)
        }
    }

    @Test("a watch from no version adopts none before something other than an addition came", arguments: ["", "0"])
    func adoptionFromNoVersion(version: String) {
        for other in [
            ReflectorEvent.modified(resourceVersion: "12"), .deleted(resourceVersion: "12"),
            .bookmark(resourceVersion: "12", endsInitialEvents: false),
        ] {
            var machine = machine(watchList: false)
            _ = machine.nextAction(at: .zero)
            _ = machine.listed(resourceVersion: version, continueToken: nil)
            _ = machine.nextAction(at: .zero)
            machine.watchOpened(at: .zero)
            _ = machine.received(.added(resourceVersion: "30"))
            #expect(machine.resourceVersion == version)
            _ = machine.received(other)
            #expect(machine.resourceVersion == "12")
            _ = machine.received(.added(resourceVersion: "31"))
            #expect(machine.resourceVersion == "31")
        }
    }

    @Test("a stream that lived goes on at once from the last version", arguments: [nil, ReflectorFailure.interrupted])
    func resumes(failure: ReflectorFailure?) throws {
        var machine = synchronised()
        _ = machine.received(.modified(resourceVersion: "15"))
        machine.watchEnded(failure, at: .milliseconds(500))
        let request = try #require(watch(&machine))
        #expect(request.resourceVersion == "15")
        #expect(!request.sendsInitialEvents)
        machine.watchOpened(at: .seconds(1))
        machine.watchEnded(nil, at: .seconds(3))
        #expect(watch(&machine)?.resourceVersion == "15")
    }

    @Test("a stream that ends within a second without an event is a failure: wait and synchronise")
    func veryShortWatch() throws {
        var machine = synchronised()
        machine.watchEnded(nil, at: .seconds(5))
        _ = machine.nextAction(at: .seconds(5))
        machine.watchOpened(at: .seconds(5))
        machine.watchEnded(nil, at: .milliseconds(5900))
        #expect(soon.contains(try #require(wait(&machine))))
        #expect(watch(&machine)?.sendsInitialEvents == true)
    }

    @Test("410 inside the stream and as an answer both lead to a wait and a synchronisation from the last version")
    func expired() throws {
        var inside = synchronised()
        let disposition = inside.received(.failed(.expired))
        #expect(disposition == .stop)
        inside.watchEnded(nil, at: .seconds(60))
        #expect(soon.contains(try #require(wait(&inside))))
        let request = try #require(watch(&inside))
        #expect(request.sendsInitialEvents && request.resourceVersion == "10")

        var outside = synchronised()
        outside.watchEnded(nil, at: .seconds(60))
        _ = outside.nextAction(at: .seconds(60))
        outside.watchFailedToOpen(.expired, at: .seconds(60))
        #expect(soon.contains(try #require(wait(&outside))))
        #expect(watch(&outside)?.sendsInitialEvents == true)
    }

    @Test("when the last version is gone for the synchronisation too, it begins at once from the most recent")
    func versionUnavailable() {
        for failure in [ReflectorFailure.expired, .resourceVersionTooLarge] {
            var machine = synchronised()
            _ = machine.received(.failed(.expired))
            machine.watchEnded(nil, at: .zero)
            _ = machine.nextAction(at: .zero)
            _ = machine.nextAction(at: .zero)
            machine.watchFailedToOpen(failure, at: .zero)
            #expect(watch(&machine)?.resourceVersion.isEmpty == true)
            // The most recent version cannot be too old: a server that says so again is not asked in a tight loop.
            machine.watchFailedToOpen(failure, at: .zero)
            #expect(wait(&machine) != nil)
        }
    }

    @Test("a refused connection or 429 keeps the version and waits; Retry-After is honoured up to its limit")
    func unreachable() throws {
        for (failure, least) in [
            (ReflectorFailure.unreachable, Duration.milliseconds(800)),
            (.interrupted, .milliseconds(800)),
            (.throttled(retryAfter: .seconds(20)), .seconds(20)),
            (.throttled(retryAfter: .seconds(86_400)), .seconds(300)),
        ] {
            var machine = synchronised()
            machine.watchEnded(nil, at: .seconds(60))
            _ = machine.nextAction(at: .seconds(60))
            machine.watchFailedToOpen(failure, at: .seconds(60))
            let delay = try #require(wait(&machine))
            #expect(delay >= least && delay < least * 2)
            let request = try #require(watch(&machine))
            #expect(request.resourceVersion == "10" && !request.sendsInitialEvents)
        }
    }

    @Test("any other refusal of a watch, and an unreadable line, lead to a synchronisation")
    func otherFailures() {
        for failure in [ReflectorFailure.status(403), .status(404), .status(500)] {
            var machine = synchronised()
            machine.watchEnded(nil, at: .seconds(60))
            _ = machine.nextAction(at: .seconds(60))
            machine.watchFailedToOpen(failure, at: .seconds(60))
            #expect(wait(&machine) != nil)
            #expect(watch(&machine)?.sendsInitialEvents == true)
        }
        var garbled = synchronised()
        _ = garbled.received(.modified(resourceVersion: "11"))
        garbled.watchEnded(.status(500), at: .seconds(60))
        #expect(wait(&garbled) != nil)
        #expect(watch(&garbled)?.sendsInitialEvents == true)
    }

    @Test("a server that rejects the parameters gets LIST and WATCH, and the next synchronisation asks again")
    func withoutWatchList() {
        var machine = machine()
        _ = machine.nextAction(at: .zero)
        machine.watchFailedToOpen(.rejected, at: .zero)
        #expect(machine.nextAction(at: .zero) == .list(ReflectorListRequest(limit: 500)))
        let first = machine.listed(resourceVersion: "10", continueToken: "more")
        #expect(first == .more)
        #expect(machine.nextAction(at: .zero) == .list(ReflectorListRequest(limit: 500, continueToken: "more")))
        let last = machine.listed(resourceVersion: "10", continueToken: nil)
        #expect(last == .complete)
        #expect(watch(&machine)?.resourceVersion == "10")
        machine.watchOpened(at: .zero)
        _ = machine.received(.added(resourceVersion: "11"))
        #expect(machine.resourceVersion == "11")
        _ = machine.received(.failed(.expired))
        machine.watchEnded(nil, at: .zero)
        #expect(wait(&machine) != nil)
        #expect(watch(&machine)?.sendsInitialEvents == true)
    }

    @Test("a 429 within the stream keeps the version, and waits as long as it says")
    func throttledStream() {
        var machine = synchronised()
        let disposition = machine.received(.failed(.throttled(retryAfter: .seconds(40))))
        #expect(disposition == .stop)
        machine.watchEnded(nil, at: .seconds(60))
        #expect(wait(&machine) == .seconds(40))
        let request = watch(&machine)
        #expect(request?.sendsInitialEvents == false && request?.resourceVersion == "10")
    }

    @Test("after three silent watches on a server that sends bookmarks the copy is compared with a list")
    func silence() {
        var machine = synchronised()
        _ = machine.received(.bookmark(resourceVersion: "20", endsInitialEvents: false))
        machine.watchEnded(.silent, at: .seconds(150))
        for round in 0..<3 {
            // An event in between starts the count over.
            if round == 0 {
                #expect(watch(&machine)?.resourceVersion == "20")
                machine.watchOpened(at: .seconds(150))
                machine.watchEnded(.silent, at: .seconds(240))
                #expect(watch(&machine)?.resourceVersion == "20")
                machine.watchOpened(at: .seconds(240))
                _ = machine.received(.modified(resourceVersion: "21"))
                machine.watchEnded(nil, at: .seconds(300))
            }
            #expect(watch(&machine)?.resourceVersion == "21")
            machine.watchOpened(at: .seconds(300))
            machine.watchEnded(.silent, at: .seconds(390))
        }
        #expect(machine.nextAction(at: .seconds(390)) == .list(ReflectorListRequest(limit: 500)))
        // The store was restored: the list is of an earlier version, and the watch goes on from there.
        _ = machine.listed(resourceVersion: "7", continueToken: nil)
        #expect(watch(&machine)?.resourceVersion == "7")
    }

    @Test("initial events that never close fall back to a list once, then a watch-list is tried again")
    func neverClosing() {
        var machine = machine()
        _ = machine.nextAction(at: .zero)
        machine.watchOpened(at: .zero)
        _ = machine.received(.added(resourceVersion: "3"))
        machine.watchEnded(.interrupted, at: .seconds(90))
        #expect(machine.nextAction(at: .seconds(90)) == .list(ReflectorListRequest(limit: 500)))
        machine.listFailed(.status(500), at: .seconds(90))
        #expect(wait(&machine) != nil)
        #expect(machine.nextAction(at: .seconds(90)) == .list(ReflectorListRequest(limit: 500)))
        _ = machine.listed(resourceVersion: "10", continueToken: nil)
        _ = machine.nextAction(at: .seconds(91))
        machine.watchFailedToOpen(.status(500), at: .seconds(91))
        #expect(wait(&machine) != nil)
        #expect(watch(&machine)?.sendsInitialEvents == true)
    }

    @Test("an expired continue token leads to one list without pages")
    func expiredContinue() {
        var machine = machine(watchList: false)
        _ = machine.nextAction(at: .zero)
        _ = machine.listed(resourceVersion: "10", continueToken: "more")
        _ = machine.nextAction(at: .zero)
        machine.listFailed(.expired, at: .zero)
        #expect(machine.nextAction(at: .zero) == .list(ReflectorListRequest()))
        machine.listFailed(.expired, at: .zero)
        #expect(wait(&machine) != nil)
    }

    @Test("no two reflectors wait equally long")
    func jitter() {
        let seed = testSeed("Reflector jitter")
        var random = SplitMix64(seed: seed)
        let delays = (0..<20).map { _ -> Duration? in
            var machine = ReflectorStateMachine(seed: random.next())
            _ = machine.nextAction(at: .zero)
            machine.watchFailedToOpen(.unreachable, at: .zero)
            return wait(&machine)
        }
        #expect(Set(delays).count == 20, "\(delays), TEST_SEED=\(seed)")
    }

    @Test("the delays against a dead server grow to between 30 and 60 s and start over after two quiet minutes")
    func backoff() throws {
        let seed = testSeed("Reflector backoff")
        var machine = ReflectorStateMachine(seed: seed)
        var now = Duration.zero
        var attempts = 0
        while now < .seconds(60) {
            _ = machine.nextAction(at: now)
            attempts += 1
            machine.watchFailedToOpen(.unreachable, at: now)
            now += try #require(wait(&machine, at: now))
        }
        #expect(attempts <= 8, "TEST_SEED=\(seed)")
        for _ in 0..<10 {
            _ = machine.nextAction(at: now)
            machine.watchFailedToOpen(.unreachable, at: now)
            now += try #require(wait(&machine, at: now))
        }
        _ = machine.nextAction(at: now)
        machine.watchFailedToOpen(.unreachable, at: now)
        let long = try #require(wait(&machine, at: now))
        #expect(long >= .seconds(30) && long < .seconds(60), "TEST_SEED=\(seed)")
        _ = machine.nextAction(at: now + .seconds(121))
        machine.watchFailedToOpen(.unreachable, at: now + .seconds(121))
        #expect(soon.contains(try #require(wait(&machine))), "TEST_SEED=\(seed)")
    }
}
