public import Logging
public import Metrics
public import ServiceLifecycle

/// Works on keys until the observed state is the wanted one.
///
/// A controller waits for its caches, then lets several workers take keys from a queue; a key is with one worker at a
/// time. What becomes of a key afterwards:
///
/// | reconcile | queue |
/// |---|---|
/// | returns `done` | its retries start over |
/// | returns `requeue(after:)` | the same, and it comes back after the time |
/// | returns `retry` | it comes back after a delay that doubles each time |
/// | throws | the same, and it is counted as an error |
/// | throws ``TerminalReconcileError`` | it stays out until it is added again |
public final class Controller<Key: Hashable & Sendable>: Service {
    /// Works on one key.
    ///
    /// Must be idempotent: it may be cancelled, fail, or be repeated at any point.
    public typealias Reconcile = @Sendable (Key) async throws -> ReconcileOutcome

    /// The controller's name, as metrics and logs carry it.
    public let name: String
    /// Where its keys come from.
    public let queue: WorkQueue<Key>
    private let settings: ControllerSettings
    private let caches: [any CacheSynchronizing]
    private let clock: ElapsedClock
    private let logger: Logger
    private let metrics: ControllerMetrics
    private let reconcile: Reconcile

    /// Creates a controller.
    ///
    /// - Parameters:
    ///   - queue: where its keys come from; the controller runs it and shuts it down.
    ///   - settings: how many workers, and how long things may take.
    ///   - caches: what must be filled before the first key is worked on.
    ///   - clock: measures the limits of `settings`.
    ///   - logger: where failures are reported.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    ///   - reconcile: works on one key.
    public init(
        queue: WorkQueue<Key>,
        settings: ControllerSettings = ControllerSettings(),
        caches: [any CacheSynchronizing] = [],
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "kubernetes.controller"),
        metricsFactory: (any MetricsFactory)? = nil,
        reconcile: @escaping Reconcile
    ) {
        self.name = queue.name
        self.queue = queue
        self.settings = settings
        self.caches = caches
        self.clock = ElapsedClock(clock)
        self.logger = logger
        self.metrics = ControllerMetrics(
            name: queue.name,
            workers: settings.workers,
            factory: metricsFactory ?? MetricsSystem.factory
        )
        self.reconcile = reconcile
    }

    /// Works until cancelled or asked to shut down gracefully; in the latter case work under way is finished first.
    ///
    /// - Throws: ``ControllerError`` when the caches are not filled in time; `CancellationError` when cancelled.
    public func run() async throws {
        defer { queue.shutDown() }
        try await withGracefulShutdownHandler {
            try await self.work()
        } onGracefulShutdown: {
            self.queue.shutDown()
        }
    }

    private func work() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.waitForCaches() }
        } catch is CancellationError where queue.isShutDown {
            return try Task.checkCancellation()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.queue.run() }
            for _ in 0..<max(settings.workers, 1) {
                group.addTask { await self.takeKeys() }
            }
            try await group.waitForAll()
        }
        try Task.checkCancellation()
    }

    private func waitForCaches() async throws {
        let caches = self.caches
        guard !caches.isEmpty else { return }
        let filled: Void? = try await clock.run(until: clock.now + settings.cacheSyncTimeout) {
            for cache in caches { try await cache.waitUntilSynced() }
        }
        if filled == nil {
            let missing = caches.filter { !$0.hasSynced }.map(\.name).joined(separator: ", ")
            throw ControllerError(
                .cachesNotSynced,
                "controller \(name): no complete list within \(settings.cacheSyncTimeout) of: \(missing)"
            )
        }
    }

    private func takeKeys() async {
        while let key = await queue.next() {
            await work(on: key)
            queue.done(key)
        }
    }

    private func work(on key: Key) async {
        metrics.started()
        let start = clock.now
        let result: ControllerMetrics.Result
        do {
            result = try await settle(key)
        } catch let error as TerminalReconcileError {
            queue.forget(key)
            report(error, key: key, retries: nil)
            result = .terminalError
        } catch {
            // A cancelled worker is going away; its key must not come back to a queue that is being shut down.
            guard !Task.isCancelled else { return metrics.finished(nil, after: clock.now - start) }
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
            queue.add(key, after: delay)
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
            throw ControllerError(.reconcileTimedOut, "controller \(name): a key took longer than \(limit)")
        }
        return outcome
    }

    private func report(_ error: any Error, key: Key, retries: Int?) {
        var metadata: Logger.Metadata = ["controller": "\(name)", "key": "\(key)", "cause": "\(error)"]
        if let retries { metadata["retries"] = "\(retries)" }
        logger.warning("a key could not be reconciled", metadata: metadata)
    }
}
