import KubernetesAPI
import TestTiming
import Testing

@testable import KubernetesRuntime

/// What was written for owners beside a model that is too simple to be wrong: a list of all of it, searched from end to
/// end.
@Suite("Own writes model")
struct OwnWritesModelTests {
    @Test("agrees with a naive model over random writes and copies, in whom it holds back, for what and for how long")
    func model() {
        let seed = testSeed("OwnWrites model")
        var random = SplitMix64(seed: seed)
        var (consistent, stale, givenUp) = (0, 0, 0)
        for _ in 0..<200 {
            var walk = WritesWalk(seed: seed)
            for _ in 0..<400 { walk.step(&random) }
            consistent += walk.consistent
            stale += walk.stale
            givenUp += walk.givenUp
        }
        // Otherwise nothing of what is to be tested happened.
        #expect(consistent > 500 && stale > 500, "the walk shows nothing: \(consistent), \(stale), TEST_SEED=\(seed)")
        #expect(givenUp > 20, "nobody was given up: \(givenUp), TEST_SEED=\(seed)")
    }
}

private typealias Writes = OwnWrites<Int>

/// What the copies show.
private struct Copies {
    static let places = [
        Writes.Place(resource: Widget.resource, namespace: "shop"),
        Writes.Place(resource: Widget.resource, namespace: "bank"),
        Writes.Place(resource: Lease.resource, namespace: nil),
    ]

    /// Up to which version, by place.
    private(set) var versions = [0, 0, 0]
    /// What was deleted and is still shown.
    private(set) var lingering: Set<Writes.Deletion> = []

    func shows(_ place: Int, _ version: Int) -> Bool { versions[place] >= version }

    mutating func linger(_ deletion: Writes.Deletion) { lingering.insert(deletion) }

    /// Moves one of them on, or back to an earlier state, and lets it see some of the deletions.
    mutating func move(to latest: Int, _ random: inout SplitMix64) {
        let place = Int.random(in: versions.indices, using: &random)
        let isSetBack = Int.random(in: 0..<10, using: &random) == 0
        versions[place] = Int.random(in: isSetBack ? 0...versions[place] : versions[place]...latest, using: &random)
        lingering = lingering.filter { _ in Bool.random(using: &random) }
    }

    /// The same as the store is shown it.
    var view: Writes.View {
        let copies = self
        return Writes.View(
            shows: { place, version in
                let index = Self.places.firstIndex(of: place)
                return index.map { copies.shows($0, Int(version.description) ?? .max) } ?? false
            },
            showsDeletion: { !copies.lingering.contains($0) }
        )
    }
}

/// A store and a model that live through the same.
private struct WritesWalk {
    private(set) var consistent = 0
    private(set) var stale = 0
    private(set) var givenUp = 0

    private let seed: UInt64
    private let limits = ConsistencyLimits(patience: .seconds(20))
    private var writes: Writes
    private var model = NaiveWrites()
    private var copies = Copies()
    private var now = Duration.zero
    /// The latest version of the server; crosses 9 and 99, where texts and numbers sort differently.
    private var version = 1

    init(seed: UInt64) {
        self.seed = seed
        writes = Writes(limits)
    }

    private var hint: Comment { "TEST_SEED=\(seed)" }

    mutating func step(_ random: inout SplitMix64) {
        now += .milliseconds(Int.random(in: 0...400, using: &random))
        let owner = Int.random(in: 0..<4, using: &random)
        let uids: [String?] = [nil, nil, "first", "second"]
        let uid = uids[Int.random(in: uids.indices, using: &random)]
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: write(owner, uid, &random)
        case 2: delete(owner, uid, &random)
        case 3:
            writes.forget(owner, uid: uid)
            model.forget(owner, uid)
        case 4, 5: copies.move(to: version, &random)
        case 6: if Int.random(in: 0..<6, using: &random) == 0 { now += limits.patience }
        default: check(owner)
        }
        #expect(writes.count == model.owners.count, hint)
    }

    private mutating func write(_ owner: Int, _ uid: String?, _ random: inout SplitMix64) {
        version += Int.random(in: 1...3, using: &random)
        // Answers come in no order: now and then an older version is noted last.
        let written = Int.random(in: max(1, version - 4)...version, using: &random)
        let place = Int.random(in: Copies.places.indices, using: &random)
        guard let stored = ResourceVersion(String(written)) else { return }
        writes.wrote(stored, at: Copies.places[place], for: owner, uid: uid, now: now)
        model.note(.version(written, place: place), owner, uid, now)
    }

    private mutating func delete(_ owner: Int, _ uid: String?, _ random: inout SplitMix64) {
        let deletion = Writes.Deletion(
            resource: Widget.resource,
            key: ObjectKey(namespace: "shop", name: "w\(Int.random(in: 0..<3, using: &random))"),
            uid: "u\(Int.random(in: 0..<2, using: &random))",
            version: nil
        )
        if Int.random(in: 0..<4, using: &random) > 0 { copies.linger(deletion) }
        writes.deleted(deletion, for: owner, uid: uid, now: now)
        model.note(.deletion(deletion), owner, uid, now)
    }

    private mutating func check(_ owner: Int) {
        let found = writes.check(owner, copies.view, now: now)
        let expected = model.check(owner, copies, limits, now)
        #expect(found == expected, hint)
        switch found {
        case .consistent: consistent += 1
        case .stale: stale += 1
        case .givenUp: givenUp += 1
        }
    }
}

/// The rules, written down as plainly as possible.
private struct NaiveWrites {
    enum Write: Hashable {
        case version(Int, place: Int)
        case deletion(Writes.Deletion)
    }

    struct Owner {
        var uid: String?
        var lastWrite = Duration.zero
        var checks = 0
        /// All that no check has found shown.
        var pending: [Write] = []
    }

    private(set) var owners: [Int: Owner] = [:]

    mutating func note(_ write: Write, _ key: Int, _ uid: String?, _ now: Duration) {
        var owner = owners[key] ?? Owner()
        if let uid, let known = owner.uid, known != uid { owner.pending = [] }
        owner.uid = uid ?? owner.uid
        owner.lastWrite = now
        owner.checks = 0
        owner.pending.append(write)
        owners[key] = owner
    }

    mutating func forget(_ key: Int, _ uid: String?) {
        let known = owners[key]?.uid
        if uid == nil || known == nil || known == uid { owners[key] = nil }
    }

    mutating func check(
        _ key: Int,
        _ copies: Copies,
        _ limits: ConsistencyLimits,
        _ now: Duration
    ) -> ConsistencyCheck {
        guard var owner = owners.removeValue(forKey: key) else { return .consistent }
        owner.pending.removeAll { write in
            switch write {
            case .version(let version, let place): copies.shows(place, version)
            case .deletion(let deletion): !copies.lingering.contains(deletion)
            }
        }
        guard !owner.pending.isEmpty else { return .consistent }
        let missing = Self.text(owner.pending)
        guard now - owner.lastWrite < limits.patience else { return .givenUp(missing: missing) }
        var delay = limits.firstDelay
        for _ in 0..<owner.checks { delay = min(delay * 2, limits.longestDelay) }
        owner.checks += 1
        owners[key] = owner
        return .stale(missing: missing, delay: delay)
    }

    private static func text(_ pending: [Write]) -> String {
        var highest: [Int: Int] = [:]
        var deletions: Set<Writes.Deletion> = []
        for write in pending {
            switch write {
            case .version(let version, let place): highest[place] = max(highest[place] ?? 0, version)
            case .deletion(let deletion): deletions.insert(deletion)
            }
        }
        let versions = highest.map { index, version in
            let place = Copies.places[index]
            return "\(place.resource)\(place.namespace.map { " in \($0)" } ?? "") at \(version)"
        }
        let gone = deletions.map { "no \($0.resource) \($0.key)" }
        return (versions.sorted() + gone.sorted()).joined(separator: ", ")
    }
}
