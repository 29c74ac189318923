import KubernetesAPI
import KubernetesRuntime
import TestTiming
import Testing

/// A reflector and its store against a server that fails at random in every way the rules know.
@Suite("Reflector random walk")
struct ReflectorWalkTests {
    @Test(
        "after a thousand disconnects no object is missing, none is too many, and none was told twice",
        arguments: [true, false]
    )
    func walk(watchList: Bool) throws {
        let seed = testSeed("Reflector random walk")
        var walk = ReflectorWalk(seed: seed, watchList: watchList)
        while walk.disconnects < 1000 { walk.step() }
        walk.isCalm = true
        while !walk.isCaughtUp { walk.step() }
        #expect(walk.problems.isEmpty, "TEST_SEED=\(seed) \(walk.problems.prefix(3))")
        #expect(walk.server.objects == walk.copy, "TEST_SEED=\(seed)")
        // Otherwise nothing of what is to be tested happened.
        #expect(walk.comparisons > 50 && walk.synchronisations > 50, "TEST_SEED=\(seed) \(walk)")
    }
}

/// Objects and the history of their changes, as far as it is remembered.
struct HistoryServer {
    struct Object: Equatable {
        var uid: Int
        var version: Int
    }

    enum Kind { case added, modified, deleted }

    struct Event {
        var kind: Kind
        var name: String
        var object: Object
    }

    private(set) var version = 1
    private(set) var objects: [String: Object] = [:]
    private(set) var history: [Event] = []
    /// Events up to here are forgotten.
    private(set) var forgotten = 0

    mutating func change(_ random: inout some RandomNumberGenerator) {
        let name = "object-\(Int.random(in: 0..<12, using: &random))"
        version += Int.random(in: 1...3, using: &random)
        guard let old = objects[name] else {
            return record(.added, name, Object(uid: version, version: version))
        }
        if Int.random(in: 0..<3, using: &random) == 0 {
            record(.deleted, name, Object(uid: old.uid, version: version))
            guard Bool.random(using: &random) else { return }
            version += 1
            return record(.added, name, Object(uid: version, version: version))
        }
        record(.modified, name, Object(uid: old.uid, version: version))
    }

    private mutating func record(_ kind: Kind, _ name: String, _ object: Object) {
        objects[name] = kind == .deleted ? nil : object
        history.append(Event(kind: kind, name: name, object: object))
    }

    mutating func forget() {
        forgotten = version
        history = []
    }

    func events(after version: Int) -> ArraySlice<Event> {
        history[(history.firstIndex { $0.object.version > version } ?? history.endIndex)...]
    }
}

/// One walk.
struct ReflectorWalk {
    var server = HistoryServer()
    /// What handlers were told, put together.
    private(set) var copy: [String: HistoryServer.Object] = [:]
    private(set) var problems: [String] = []
    private(set) var disconnects = 0
    private(set) var comparisons = 0
    private(set) var synchronisations = 0
    private(set) var isCaughtUp = false
    /// Whether the server has stopped changing and failing.
    var isCalm = false

    private var machine: ReflectorStateMachine
    private var store = InformerStore<Int>()
    private var random: SplitMix64
    private var now = Duration.zero
    private var pages: (version: Int, rest: ArraySlice<(String, HistoryServer.Object)>) = (0, [])

    init(seed: UInt64, watchList: Bool) {
        random = SplitMix64(seed: seed)
        machine = ReflectorStateMachine(
            configuration: ReflectorConfiguration(usesWatchList: watchList, pageSize: 3),
            seed: seed
        )
        for _ in 0..<20 { server.change(&random) }
    }

    private mutating func chance(_ percent: Int) -> Bool {
        !isCalm && Int.random(in: 0..<100, using: &random) < percent
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &random) }

    mutating func step() {
        now += .milliseconds(Int.random(in: 0...3000, using: &random))
        if chance(30) { server.change(&random) }
        if chance(8) { server.forget() }
        switch machine.nextAction(at: now) {
        case .wait(let delay): now += delay
        case .list(let request): list(request)
        case .watch(let request): watch(request)
        }
    }

    // MARK: - Lists

    private mutating func list(_ request: ReflectorListRequest) {
        if request.continueToken == nil {
            store.beginSynchronisation()
            pages = (server.version, server.objects.map { ($0.key, $0.value) }[...])
        }
        let limit = request.limit ?? pages.rest.count
        if chance(15) {
            // Part of the page arrived before it failed.
            for (name, object) in pages.rest.prefix(Int.random(in: 0...limit, using: &random)) { put(name, object) }
            disconnects += 1
            let failures: [ReflectorFailure] = [
                .unreachable, .interrupted, .status(500), .throttled(retryAfter: .seconds(1)), .status(404),
                request.continueToken == nil ? .status(403) : .expired,
            ]
            return machine.listFailed(pick(failures) ?? .unreachable, at: now)
        }
        for (name, object) in pages.rest.prefix(limit) { put(name, object) }
        pages.rest = pages.rest.dropFirst(limit)
        let token = pages.rest.isEmpty ? nil : "more"
        let disposition = machine.listed(resourceVersion: String(pages.version), continueToken: token)
        if disposition == .complete { complete() }
    }

    // MARK: - Watches

    private mutating func watch(_ request: ReflectorWatchRequest) {
        if request.sendsInitialEvents { store.beginSynchronisation() }
        let version = Int(request.resourceVersion) ?? 0
        let isForgotten = !request.sendsInitialEvents && version < server.forgotten
        if chance(15) || (isForgotten && Bool.random(using: &random)) {
            disconnects += 1
            let failures: [ReflectorFailure] = [
                .unreachable, .interrupted, .silent, .throttled(retryAfter: nil), .status(403), .status(500), .expired,
                .resourceVersionTooLarge,
            ]
            return machine.watchFailedToOpen(isForgotten ? .expired : pick(failures) ?? .expired, at: now)
        }
        machine.watchOpened(at: now)
        if isForgotten {
            disconnects += 1
            expect(machine.received(.failed(.expired)), .stop)
            return machine.watchEnded(nil, at: now)
        }
        var position = version
        if request.sendsInitialEvents {
            guard let reached = initialEvents() else { return }
            position = reached
        }
        follow(from: position)
    }

    /// Sends what exists, in no order; `nil` when the stream broke before its end.
    private mutating func initialEvents() -> Int? {
        let reached = server.version
        for (name, object) in server.objects.shuffled(using: &random) {
            if chance(3) {
                cut(pick([nil, .interrupted, .silent, .status(500)]) ?? nil)
                return nil
            }
            if chance(5) { server.change(&random) }
            if chance(5) {
                expect(
                    machine.received(.bookmark(resourceVersion: String(reached), endsInitialEvents: false)),
                    .advance
                )
            }
            expect(machine.received(.added(resourceVersion: String(object.version))), .apply)
            put(name, object)
        }
        expect(machine.received(.bookmark(resourceVersion: String(reached), endsInitialEvents: true)), .complete)
        complete()
        return reached
    }

    /// Sends changes as they happen until the stream breaks.
    private mutating func follow(from start: Int) {
        var position = start
        while true {
            for event in server.events(after: position) {
                if chance(5) { return cut(pick([nil, .interrupted, .silent, .status(500)]) ?? nil) }
                send(event)
                position = event.object.version
            }
            compare()
            if isCalm {
                isCaughtUp = true
                return machine.watchEnded(nil, at: now + .seconds(10))
            }
            if chance(40) {
                position = server.version
                expect(
                    machine.received(.bookmark(resourceVersion: String(position), endsInitialEvents: false)),
                    .advance
                )
            }
            now += .milliseconds(Int.random(in: 0...500, using: &random))
            if chance(20) { return cut(pick([nil, .interrupted, .status(500)]) ?? nil) }
            server.change(&random)
        }
    }

    private mutating func send(_ event: HistoryServer.Event) {
        let version = String(event.object.version)
        switch event.kind {
        case .added:
            expect(machine.received(.added(resourceVersion: version)), .apply)
            put(event.name, event.object)
        case .modified:
            expect(machine.received(.modified(resourceVersion: version)), .apply)
            put(event.name, event.object)
        case .deleted:
            expect(machine.received(.deleted(resourceVersion: version)), .apply)
            let object = informed(event.name, event.object)
            tell(store.remove(object.key, last: object))
        }
    }

    private mutating func cut(_ failure: ReflectorFailure?) {
        disconnects += 1
        machine.watchEnded(failure, at: now)
    }

    // MARK: - The copy

    private func informed(_ name: String, _ object: HistoryServer.Object) -> InformedObject<Int> {
        InformedObject(
            key: ObjectKey(namespace: nil, name: name),
            uid: String(object.uid),
            resourceVersion: String(object.version),
            value: object.version
        )
    }

    private mutating func put(_ name: String, _ object: HistoryServer.Object) {
        tell(store.put(informed(name, object)))
    }

    private mutating func complete() {
        synchronisations += 1
        tell(store.completeSynchronisation())
    }

    private mutating func expect(
        _ found: ReflectorStateMachine.EventDisposition,
        _ expected: ReflectorStateMachine.EventDisposition
    ) {
        if found != expected { problems.append("\(found) instead of \(expected)") }
    }

    /// Takes over what handlers are told, and notes what they must never be told.
    private mutating func tell(_ changes: [InformerChange<Int>]) {
        for change in changes {
            let known = copy[change.key.name]
            switch change {
            case .added(let object, _):
                if known != nil { problems.append("\(change.key) was added twice") }
                copy[change.key.name] = Self.object(object)
            case .updated(_, let new):
                if known?.uid != Self.object(new)?.uid { problems.append("\(change.key) changed its uid") }
                if known?.version ?? .max >= new.value { problems.append("\(change.key) did not move on") }
                copy[change.key.name] = Self.object(new)
            case .deleted:
                if known == nil { problems.append("\(change.key) was deleted twice") }
                copy[change.key.name] = nil
            }
        }
    }

    private static func object(_ object: InformedObject<Int>) -> HistoryServer.Object? {
        Int(object.uid).map { HistoryServer.Object(uid: $0, version: object.value) }
    }

    /// Everything was sent: the copy must be what the server has.
    private mutating func compare() {
        comparisons += 1
        if copy != server.objects { problems.append("the copy differs at \(server.version)") }
    }
}
