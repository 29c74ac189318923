public import Logging
public import Metrics
public import ServiceLifecycle

/// Works on keys until the observed state is the wanted one.
///
/// A controller waits for its caches, then lets several workers take keys from a queue; a key is with one worker at a
/// time. What becomes of a key afterwards:
///
/// | reconcile | queue | `controller_runtime_reconcile_total` |
/// |---|---|---|
/// | returns `done` | its retries start over | `success` |
/// | returns `requeue(after:)` | the same, and it comes back after the time | `requeue_after` |
/// | returns `retry` | it comes back after a delay that doubles each time | `requeue` |
/// | throws, or takes too long | the same | `error` |
/// | throws ``TerminalReconcileError`` | it stays out until it is added again; its retries do not start over | `error` |
///
/// A key comes back with the priority that it had. The table is controller-runtime's, except that a trap cannot be
/// caught in Swift: a key that crashes the process is met again after the restart. Therefore the keys that a controller
/// finds at its start are worked on in random order, so that one such key does not keep the same others from their turn
/// for ever.
///
/// With a ``ConsistencyStore`` a key is held back, and not worked on, while an informer does not show yet what was
/// written for it.
public final class Controller<Key: Hashable & Sendable>: Service {
    /// Works on one key.
    ///
    /// Must be idempotent: it may be cancelled, fail, or be repeated at any point. It must end soon after it was
    /// cancelled.
    public typealias Reconcile = @Sendable (Key) async throws -> ReconcileOutcome

    /// How often a controller says that it still waits for its caches.
    private static var cacheReportPeriod: Duration { .seconds(120) }

    /// The controller's name, as metrics and logs carry it.
    public let name: String
    /// Where its keys come from.
    public let queue: WorkQueue<Key>
    private let settings: ControllerSettings
    private let caches: [any CacheSynchronizing]
    private let consistency: ConsistencyStore<Key>?
    private let clock: ElapsedClock
    private let seed: UInt64
    private let logger: Logger
    private let metrics: ControllerMetrics
    private let reconcile: Reconcile

    /// Creates a controller.
    ///
    /// - Parameters:
    ///   - queue: where its keys come from; the controller runs it and shuts it down.
    ///   - settings: how many workers, and how long things may take.
    ///   - caches: what must be filled before the first key is worked on.
    ///   - consistency: what was written for each key; `nil` when nothing is read from caches that is also written.
    ///   - clock: measures the limits of `settings`.
    ///   - seed: decides the order of the keys that are there at the start.
    ///   - logger: where failures are reported.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    ///   - reconcile: works on one key.
    public init(
        queue: WorkQueue<Key>,
        settings: ControllerSettings = ControllerSettings(),
        caches: [any CacheSynchronizing] = [],
        consistency: ConsistencyStore<Key>? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.controller"),
        metricsFactory: (any MetricsFactory)? = nil,
        reconcile: @escaping Reconcile
    ) {
        self.name = queue.name
        self.queue = queue
        self.settings = settings
        self.caches = caches
        self.consistency = consistency
        self.clock = ElapsedClock(clock)
        self.seed = seed
        self.logger = logger
        self.metrics = ControllerMetrics(
            name: queue.name,
            workers: settings.workers,
            factory: metricsFactory ?? MetricsSystem.factory
        )
        self.reconcile = reconcile
    }

    /// Works until cancelled or asked to shut down gracefully.
    ///
    /// On a graceful shut-down no key is begun any more, and work under way may end within
    /// ``ControllerSettings/shutdownTimeout``; what has not ended by then is cancelled.
    ///
    /// - Throws: ``ControllerError`` when the caches are not filled in time; `CancellationError` when cancelled.
    public func run() async throws {
        defer { queue.shutDown() }
        let shutdown = OneShotSignal()
        try await withGracefulShutdownHandler {
            try await self.work(until: shutdown)
        } onGracefulShutdown: {
            self.queue.shutDown()
            shutdown.fire()
        }
    }

    private func work(until shutdown: OneShotSignal) async throws {
        do {
            try await untilGracefulShutdown { try await self.waitForCaches() }
        } catch is CancellationError where queue.isShutDown {
            return try Task.checkCancellation()
        }
        var generator = SplitMix64(seed: seed)
        queue.shuffleLowPriorities(using: &generator)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.runWorkers() }
            group.addTask {
                try await shutdown.wait()
                try await self.clock.sleep(for: self.settings.shutdownTimeout)
                self.reportLateShutdown()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
    }

    private func runWorkers() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.queue.run() }
            for _ in 0..<max(settings.workers, 1) {
                group.addTask { await self.takeKeys() }
            }
            try await group.waitForAll()
        }
    }

    private func waitForCaches() async throws {
        let caches = self.caches
        guard !caches.isEmpty else { return }
        let start = clock.now
        while true {
            let reportAt = clock.now + Self.cacheReportPeriod
            let deadline = settings.cacheSyncTimeout.map { min(start + $0, reportAt) } ?? reportAt
            let filled: Void? = try await clock.run(until: deadline) {
                for cache in caches { try await cache.waitUntilSynced() }
            }
            if filled != nil { return }
            let missing = caches.filter { !$0.hasSynced }.map(\.name).joined(separator: ", ")
            let sentence =
                "within \(clock.now - start) the server gave no complete list of \(missing); see what the informers "
                + "log, and whether the permissions include list and watch"
            if let limit = settings.cacheSyncTimeout, clock.now >= start + limit {
                throw ControllerError(.cachesNotSynced, "controller \(name) did not start: \(sentence)")
            }
            logger.warning(
                "a controller waits for its caches",
                metadata: ["controller": "\(name)", "cause": "\(sentence)"]
            )
        }
    }

    private func takeKeys() async {
        while let key = await queue.next() {
            if let delay = delayForOwnWrites(key) {
                queue.requeue(key, after: delay)
            } else {
                await ReconcileContext.$number.withValue(ReconcileContext.next()) { await work(on: key) }
            }
            queue.done(key)
        }
    }

    /// How long `key` has to wait before the caches can be relied on; `nil`: not at all.
    private func delayForOwnWrites(_ key: Key) -> Duration? {
        switch consistency?.check(key) {
        case nil, .consistent:
            return nil
        case .stale(let missing, let delay):
            metrics.heldBack()
            logger.debug(
                "a key is held back until the caches show what was written for it",
                metadata: ["controller": "\(name)", "key": "\(key)", "missing": "\(missing)"]
            )
            return delay
        case .givenUp(let missing):
            logger.warning(
                "the caches do not show what was written, and are relied on nevertheless",
                metadata: ["controller": "\(name)", "key": "\(key)", "missing": "\(missing)"]
            )
            return nil
        }
    }

    private func work(on key: Key) async {
        metrics.started()
        let start = clock.now
        let result: ControllerMetrics.Result
        do {
            result = try await settle(key)
        } catch let error as TerminalReconcileError {
            report(error, key: key, retries: nil)
            result = .terminalError
        } catch {
            // A cancelled worker is going away; its key must not come back to a queue that is being shut down. Work that
            // only waited may have been given up for the same reason.
            let isGivenUp = error is CancellationError && queue.isShutDown
            guard !Task.isCancelled, !isGivenUp else { return metrics.finished(nil, after: clock.now - start) }
            queue.addRateLimited(key)
            report(error, key: key, retries: queue.retries(of: key))
            result = .error
        }
        metrics.finished(result, after: clock.now - start)
    }

    private func settle(_ key: Key) async throws -> ControllerMetrics.Result {
        switch try await attempt(key) {
        case .done:
            queue.forget(key)
            return .success
        case .requeue(let delay):
            queue.forget(key)
            queue.requeue(key, after: delay)
            return .requeueAfter
        case .retry:
            queue.addRateLimited(key)
            return .requeue
        }
    }

    private func attempt(_ key: Key) async throws -> ReconcileOutcome {
        guard let limit = settings.reconcileTimeout else { return try await reconcile(key) }
        let reconcile = self.reconcile
        guard let outcome = try await clock.run(until: clock.now + limit, { try await reconcile(key) }) else {
            metrics.timedOut()
            throw ControllerError(
                .reconcileTimedOut,
                "controller \(name) worked on \(key) for \(limit) without an end and cancelled it"
            )
        }
        return outcome
    }

    private func report(_ error: any Error, key: Key, retries: Int?) {
        var metadata: Logger.Metadata = ["controller": "\(name)", "key": "\(key)", "cause": "\(error)"]
        metadata["reconcile.id"] = ReconcileContext.id.map { "\($0)" }
        if let retries { metadata["retries"] = "\(retries)" }
        logger.warning("a key could not be reconciled", metadata: metadata)
    }

    private func reportLateShutdown() {
        logger.warning(
            "work under way is cancelled: it did not end in time for the shut-down",
            metadata: [
                "controller": "\(name)", "keys": "\(queue.processingCount)", "limit": "\(settings.shutdownTimeout)",
            ]
        )
    }
}
