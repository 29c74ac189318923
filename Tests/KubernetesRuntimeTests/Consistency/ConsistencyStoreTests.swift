import KubernetesAPI
import KubernetesRuntime
import Synchronization
import TestTiming
import Testing

@Suite("Consistency store")
struct ConsistencyStoreTests {
    /// A copy that shows what the test says.
    private final class Cache: WatchedResource {
        struct State {
            var version: String?
            var shown: [ObjectKey: (uid: String, version: String)] = [:]
        }

        let resource: ResourceType
        let namespace: String?
        let state = Mutex(State())

        init(_ resource: ResourceType = Widget.resource, namespace: String? = nil) {
            self.resource = resource
            self.namespace = namespace
        }

        func advance(to version: String) { state.withLock { $0.version = version } }

        func hasSeen(_ version: ResourceVersion, inNamespace namespace: String?) -> Bool {
            guard let seen = state.withLock({ $0.version }).flatMap(ResourceVersion.init) else { return false }
            return seen >= version
        }

        func covers(namespace: String?) -> Bool { self.namespace == nil || self.namespace == namespace }

        func shows(_ key: ObjectKey, uid: String, upTo version: ResourceVersion?) -> Bool {
            guard let shown = state.withLock({ $0.shown[key] }), shown.uid == uid else { return false }
            guard let version, let at = ResourceVersion(shown.version) else { return true }
            return at <= version
        }
    }

    private let clock = ManualClock()

    private func widget(_ version: String, namespace: String = "shop", uid: String = "u") -> Widget {
        var metadata = ObjectMeta(name: "w", namespace: namespace)
        metadata.resourceVersion = version
        metadata.uid = uid
        return Widget(metadata: metadata, spec: Widget.Specification(color: "red"))
    }

    private func isStale(_ check: ConsistencyCheck) -> Bool {
        if case .stale = check { true } else { false }
    }

    @Test("an owner waits until the copy shows the highest version that was written for it, and no other owner does")
    func versions() {
        let cache = Cache()
        cache.advance(to: "9")
        let store = ConsistencyStore<String>([cache], clock: clock)
        #expect(store.check("owner") == .consistent)
        store.wrote(widget("12"), for: "owner")
        store.wrote(widget("10"), for: "owner")
        #expect(
            store.check("owner") == .stale(missing: "widgets.example.com in shop at 12", delay: .milliseconds(50))
        )
        #expect(store.check("other") == .consistent)
        cache.advance(to: "11")
        #expect(isStale(store.check("owner")))
        cache.advance(to: "12")
        #expect(store.check("owner") == .consistent)
        #expect(store.count == 0)
    }

    @Test("checks are 50 ms apart at first, then 100 and 200")
    func delays() {
        let store = ConsistencyStore<String>([Cache()], clock: clock)
        store.wrote(widget("5"), for: "owner")
        let delays = (0..<5).compactMap { _ -> Duration? in
            if case .stale(_, let delay) = store.check("owner") { delay } else { nil }
        }
        #expect(delays == [50, 100, 200, 200, 200].map { .milliseconds($0) })
        store.wrote(widget("6"), for: "owner")
        #expect(store.check("owner") == .stale(missing: "widgets.example.com in shop at 6", delay: .milliseconds(50)))
    }

    @Test("what nobody watches, and a version that is no number, is not waited for")
    func unwatched() {
        let store = ConsistencyStore<String>([Cache(namespace: "shop")], clock: clock)
        store.wrote(widget("5", namespace: "elsewhere"), for: "owner")
        store.wrote(widget("opaque"), for: "owner")
        store.wrote(Lease.named("a", version: "7"), for: "owner")
        store.deleted(widget("5", namespace: "elsewhere"), for: "owner")
        #expect(store.check("owner") == .consistent)
        #expect(store.count == 0)
    }

    @Test("every copy of the resource has to show the write")
    func severalCopies() {
        let (first, second) = (Cache(), Cache())
        let store = ConsistencyStore<String>([first, second], clock: clock)
        store.wrote(widget("5"), for: "owner")
        first.advance(to: "5")
        #expect(isStale(store.check("owner")))
        second.advance(to: "5")
        #expect(store.check("owner") == .consistent)
    }

    @Test("a deleted object is waited for until it is gone, newer, or another one under its name")
    func deletions() {
        let cache = Cache()
        let key = ObjectKey(namespace: "shop", name: "w")
        let store = ConsistencyStore<String>([cache], clock: clock)
        for outcome in [nil, (uid: "u", version: "8"), (uid: "another", version: "5")] {
            cache.state.withLock { $0.shown[key] = (uid: "u", version: "7") }
            store.deleted(widget("7"), for: "owner")
            #expect(store.check("owner") == .stale(missing: "no widgets.example.com shop/w", delay: .milliseconds(50)))
            cache.state.withLock { $0.shown[key] = outcome }
            #expect(store.check("owner") == .consistent)
        }
    }

    @Test("an owner that was made anew does not wait for what its predecessor wrote; forgetting meets the right one")
    func owners() {
        let cache = Cache()
        let store = ConsistencyStore<String>([cache], clock: clock)
        store.wrote(widget("50"), for: "owner", uid: "first")
        store.wrote(widget("10"), for: "owner", uid: "second")
        store.forget("owner", uid: "first")
        cache.advance(to: "9")
        #expect(isStale(store.check("owner")))
        cache.advance(to: "10")
        #expect(store.check("owner") == .consistent)
        store.wrote(widget("60"), for: "owner", uid: "second")
        store.forget("owner", uid: "second")
        #expect(store.check("owner") == .consistent)
    }

    @Test("after five minutes the copies are relied on all the same, once said")
    func patience() {
        let store = ConsistencyStore<String>([Cache()], clock: clock)
        store.wrote(widget("5"), for: "owner")
        clock.advance(to: .seconds(299))
        #expect(isStale(store.check("owner")))
        clock.advance(to: .seconds(300))
        #expect(store.check("owner") == .givenUp(missing: "widgets.example.com in shop at 5"))
        #expect(store.check("owner") == .consistent)
    }

    @Test("a controller holds a key back, without a reconcile, until the copy shows the write", .timeLimit(.minutes(5)))
    func controller() async throws {
        let ledger = MetricsLedger()
        let cache = Cache()
        let queue = WorkQueue<String>(name: "test", clock: clock, metricsFactory: ledger)
        let store = ConsistencyStore<String>([cache], clock: clock)
        let attempts = Mutex(0)
        let controller = Controller(
            queue: queue,
            consistency: store,
            clock: clock,
            logger: LogLedger().logger(),
            metricsFactory: ledger
        ) { key in
            attempts.withLock { $0 += 1 }
            store.wrote(widget("5"), for: key)
            return .done
        }
        func until(_ condition: () -> Bool) async { while !condition(), !Task.isCancelled { await Task.yield() } }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            queue.add("a")
            await until { attempts.withLock { $0 } == 1 && queue.processingCount == 0 }
            queue.add("a")
            await clock.waitForSleepers { $0.contains(.milliseconds(50)) }
            clock.advance(to: .milliseconds(50))
            await clock.waitForSleepers { $0.contains(.milliseconds(150)) }
            #expect(attempts.withLock { $0 } == 1)
            cache.advance(to: "5")
            clock.advance(to: .milliseconds(150))
            await until { attempts.withLock { $0 } == 2 }
            group.cancelAll()
        }
        #expect(ledger.counters[#"controller_stale_cache_skips_total{controller="test"}"#] == 2)
    }
}

extension Lease {
    fileprivate static func named(_ name: String, version: String) -> Lease {
        var metadata = ObjectMeta(name: name, namespace: "shop")
        metadata.resourceVersion = version
        return Lease(metadata: metadata)
    }
}
