import DequeModule
import Synchronization

/// One handler of an informer with the changes it has not been told yet.
///
/// Changes are put in by the task that reads the watch, and told by another, so that a slow handler delays itself only.
final class InformerListener<Value: Sendable>: Sendable {
    /// What is told, or called when everything before it was told.
    enum Item: Sendable {
        case change(InformerChange<Value>)
        case marker(@Sendable () -> Void)
    }

    private struct State {
        var items: Deque<Item> = []
        var isTelling = false
        /// Resumed when the backlog is within bounds again.
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    let resyncPeriod: Duration?
    let synced = OneShotSignal()
    private let synchronised: @Sendable () -> Void
    private let handler: @Sendable (InformerChange<Value>) -> Void
    private let caughtUp: @Sendable () -> Void
    private let longestBacklog: Int
    private let state = Mutex(State())
    /// The number of items, written where they change: it is looked at with every event, by who must not wait for them.
    private let depth = Atomic(0)
    private let wake = WakeSignal()

    /// - Parameters:
    ///   - longestBacklog: from how many changes on the reader is asked to wait.
    ///   - resyncPeriod: how often everything is told again.
    ///   - caughtUp: is called when the handler was told what there was.
    ///   - synchronised: is called after each whole synchronisation, when the handler was told what came of it.
    ///   - handler: is told.
    init(
        longestBacklog: Int,
        resyncPeriod: Duration?,
        caughtUp: @escaping @Sendable () -> Void = {},
        synchronised: @escaping @Sendable () -> Void = {},
        handler: @escaping @Sendable (InformerChange<Value>) -> Void
    ) {
        self.longestBacklog = longestBacklog
        self.resyncPeriod = resyncPeriod
        self.caughtUp = caughtUp
        self.synchronised = synchronised
        self.handler = handler
    }

    /// How many changes were not told yet.
    var backlog: Int { depth.load(ordering: .acquiring) }

    /// Whether the reader is asked to wait.
    var isBehind: Bool { backlog >= longestBacklog }

    func append(_ changes: [InformerChange<Value>]) {
        guard !changes.isEmpty else { return }
        state.withLock { state in
            for change in changes { state.items.append(.change(change)) }
            depth.store(state.items.count, ordering: .releasing)
        }
        wake.signal()
    }

    /// Marks the end of a synchronisation, all of which was put in before.
    func appendSynchronisation(_ finished: @escaping @Sendable () -> Void = {}) {
        append(marker: {
            self.synced.fire()
            self.synchronised()
            finished()
        })
    }

    func append(marker: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.items.append(.marker(marker))
            depth.store(state.items.count, ordering: .releasing)
        }
        wake.signal()
    }

    /// Tells what there is, `limit` items at most, unless another task is telling.
    func tell(atMost limit: Int = .max) {
        guard
            state.withLock({ state in
                defer { state.isTelling = true }
                return !state.isTelling
            })
        else { return }
        var told = 0
        while told < limit, let item = next() {
            switch item {
            case .change(let change): handler(change)
            case .marker(let call): call()
            }
            told += 1
        }
        state.withLock { $0.isTelling = false }
        if told > 0 { caughtUp() }
        // Something may have come in the moment before.
        if backlog > 0 { wake.signal() }
    }

    private func next() -> Item? {
        let (item, waiters) = state.withLock { state in
            let item = state.items.popFirst()
            depth.store(state.items.count, ordering: .releasing)
            guard state.items.count < longestBacklog, !state.waiters.isEmpty else {
                return (item, [CheckedContinuation<Void, Never>]())
            }
            defer { state.waiters = [:] }
            return (item, Array(state.waiters.values))
        }
        for waiter in waiters { waiter.resume() }
        return item
    }

    /// Tells changes as they come, until cancelled.
    func run() async {
        while !Task.isCancelled {
            tell()
            await wake.wait()
        }
    }

    /// Suspends while the backlog is longer than its bound; returns early when cancelled.
    func waitForRoom() async {
        guard isBehind else { return }
        let id = state.withLock { state in
            state.nextWaiter &+= 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isDone = state.withLock { state in
                    guard state.items.count >= longestBacklog, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}

/// A handler that was added to an informer.
public struct HandlerRegistration: Sendable {
    private let synced: OneShotSignal
    private let readBacklog: @Sendable () -> Int

    init(_ listener: InformerListener<some Sendable>) {
        synced = listener.synced
        readBacklog = { listener.backlog }
    }

    /// Whether the handler was told everything of the first synchronisation.
    public var hasSynced: Bool { synced.isFired }

    /// Suspends until the handler was told everything of the first synchronisation.
    ///
    /// Throws `CancellationError` when cancelled first.
    public func waitUntilSynced() async throws { try await synced.wait() }

    /// How many changes the handler has not been told yet.
    public var backlog: Int { readBacklog() }
}
