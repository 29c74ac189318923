public import FoundationEssentials
public import KubernetesAPI
public import KubernetesClient
public import Logging
public import Metrics
public import ServiceLifecycle
import Synchronization

/// Makes sure that of several processes one acts, by holding a Lease.
///
/// ``run()`` waits for the lease, then runs `whileLeading` and keeps the lease meanwhile. The rules are those of
/// ``LeaderElectionStateMachine``. Election is advisory: send writes through a ``LeadershipGatedTransport`` with this
/// elector's ``gate``, so that none leaves after the lease ran out.
///
/// By the system's clock the election has a thread of its own, so that work which keeps every other thread busy does not
/// cost the lease; with an injected clock it stays where it is run. `whileLeading` runs where other tasks do.
public final class LeaderElector: Service {
    /// Open while this process leads.
    public let gate: LeadershipGate
    /// The settings in force.
    public let configuration: LeaderElectionConfiguration

    private let store: LeaseStore
    private let machine: Mutex<LeaderElectionStateMachine>
    private let clock: ElapsedClock
    private let wallClock: @Sendable () -> Date
    private let logger: Logger
    private let metrics: LeaderElectionMetrics
    private let thread: DedicatedThread?
    private let leadershipLost: @Sendable () -> Void
    private let whileLeading: @Sendable () async throws -> Void

    /// Creates an elector; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - client: the way to the server, with connections of its own so that other traffic cannot delay renewals. Its
    ///     retries are not used.
    ///   - lease: namespace and name of the Lease.
    ///   - configuration: who stands, and at what pace.
    ///   - clock: decides everything; must go on while the machine is suspended, as `ContinuousClock` does.
    ///   - wallClock: fills in the times that people read.
    ///   - seed: decides the jitter.
    ///   - logger: where changes of leadership are reported.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    ///   - leadershipLost: called at once when the lease is lost, when the gate is closed and before `whileLeading` is
    ///     cancelled. A process that ends itself here leaves nothing behind that could act.
    ///   - whileLeading: what only a leader does. It is cancelled when the lease is lost, and must end by itself on
    ///     graceful shut-down; the lease is given back when it ends, and kept until then. After a write through the
    ///     ``gate`` whose outcome is unknown the lease is not given back but runs out.
    public init(
        client: APIClient,
        lease: ObjectKey,
        configuration: LeaderElectionConfiguration,
        clock: any Clock<Duration> = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Date = { Date() },
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.election"),
        metricsFactory: (any MetricsFactory)? = nil,
        leadershipLost: @escaping @Sendable () -> Void = {},
        whileLeading: @escaping @Sendable () async throws -> Void
    ) {
        let isSystemTime = clock is ContinuousClock || clock is SharedTimerClock
        thread = isSystemTime ? DedicatedThread(label: "kubernetes.election") : nil
        let elapsed = thread.map { ElapsedClock(clock).sleeping(on: $0) } ?? ElapsedClock(clock)
        self.configuration = configuration
        self.clock = elapsed
        self.wallClock = wallClock
        self.logger = logger
        self.leadershipLost = leadershipLost
        self.whileLeading = whileLeading
        gate = LeadershipGate(clock: elapsed)
        store = LeaseStore(client: client, namespace: lease.namespace ?? "default", name: lease.name)
        machine = Mutex(LeaderElectionStateMachine(configuration: configuration, seed: seed))
        metrics = LeaderElectionMetrics(name: lease.name, factory: metricsFactory ?? MetricsSystem.factory)
    }

    /// Whether this process leads at this moment.
    public var isLeading: Bool { gate.allowsWrites }

    /// Who holds the lease, as last seen; `nil` before it was first read, empty when nobody does.
    public var holder: String? { machine.withLock { $0.observed?.record.holderIdentity } }

    /// How this process stands in the election, in words for people.
    public var standing: String {
        let (deadline, holder) = machine.withLock { ($0.leadsUntil, $0.observed?.record.holderIdentity) }
        if deadline != nil { return gate.allowsWrites ? "leading" : "leading, but the lease is not being renewed" }
        switch holder {
        case nil: return "standby; the lease was not read yet"
        case "": return "standby; nobody leads"
        case let holder?: return "standby; \"\(holder.prefix(128))\" leads"
        }
    }

    /// Whether this process took itself for the leader for longer than the lease can have lasted: it is stuck, and a
    /// liveness probe should say so.
    ///
    /// `tolerance` is how much longer is tolerated.
    public func isOverdue(tolerance: Duration = .seconds(20)) -> Bool {
        let end = machine.withLock { $0.leadsUntil }
        let slack = configuration.leaseDuration - configuration.renewDeadline + tolerance
        return end.map { clock.now > $0 + slack } ?? false
    }

    /// Waits for the lease, then runs `whileLeading` until it ends, the lease is lost, or the task is cancelled.
    ///
    /// - Throws: ``LeaderElectionError`` with code `leadershipLost`; what `whileLeading` throws; `CancellationError`.
    public func run() async throws {
        let workers: (any TaskExecutor)? = thread == nil ? nil : globalConcurrentExecutor
        try await withTaskExecutorPreference(thread) { try await self.stand(workOn: workers) }
    }

    /// Stands for election, on the present executor; `executor` is where `whileLeading` runs, `nil` for the same.
    private func stand(workOn executor: (any TaskExecutor)?) async throws {
        let next: LeaderElectionStateMachine.Action
        do {
            next = try await untilGracefulShutdown { try await self.acquire() }
        } catch is CancellationError {
            await release()
            return try Task.checkCancellation()
        }
        do {
            try await lead(next, workOn: executor)
        } catch let error as LeaderElectionError where error.code == .leadershipLost {
            // Another has the lease, or the server cannot be asked: nothing is left to give back.
            throw error
        } catch {
            await release()
            throw error
        }
        await release()
    }

    // MARK: - Phases

    private func acquire() async throws -> LeaderElectionStateMachine.Action {
        logger.info("waiting for leadership", metadata: ["lease": "\(store.key)", "as": "\(configuration.identity)"])
        var action = machine.withLock { $0.start(at: clock.now, wallClock: wallClock()) }
        while machine.withLock({ $0.leadsUntil }) == nil {
            try Task.checkCancellation()
            action = try await perform(action)
        }
        return action
    }

    private func lead(
        _ next: LeaderElectionStateMachine.Action,
        workOn executor: (any TaskExecutor)?
    ) async throws {
        openGate()
        metrics.record(isLeading: true)
        logger.notice("leading", metadata: ["lease": "\(store.key)", "as": "\(configuration.identity)"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.keep(next) }
            group.addTask { try await self.closeGateOnTime() }
            group.addTask(executorPreference: executor) { try await self.whileLeading() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func keep(_ next: LeaderElectionStateMachine.Action) async throws {
        var action = next
        while true {
            action = try await perform(action)
            openGate()
        }
    }

    /// Has writes that are under way end when the renew deadline passes, however the renewal stands.
    private func closeGateOnTime() async throws {
        while true {
            // While it is closed only a renewal can open it, and then for longer than the pace of renewals.
            try await clock.sleep(until: gate.closesAt ?? clock.now + configuration.retryPeriod)
            gate.closeIfDue()
        }
    }

    /// Gives the lease back if it is ours, within the renew deadline.
    ///
    /// It is left to run out instead when a write was given up under way: what the server may still carry out must
    /// not fall into another's term.
    private func release() async {
        gate.close()
        metrics.record(isLeading: false)
        guard !gate.mayHaveWritesUnderWay(since: configuration.leaseDuration) else {
            return logger.warning(
                "the lease is left to run out: a write was given up under way and may still be carried out",
                metadata: ["lease": "\(store.key)"]
            )
        }
        await uncancelled {
            let deadline = self.clock.now + self.configuration.renewDeadline
            _ = try? await self.clock.run(until: deadline) {
                var action = self.machine.withLock { $0.release() }
                while action != .released {
                    if case .update = action { self.logger.info("giving the lease back") }
                    action = try await self.perform(action)
                }
            }
        }
    }

    // MARK: - Actions

    private func openGate() {
        let (deadline, term) = machine.withLock { ($0.leadsUntil, $0.term) }
        guard let deadline, let term else { return gate.close() }
        gate.open(until: deadline, term: term)
    }

    private func perform(
        _ action: LeaderElectionStateMachine.Action
    ) async throws -> LeaderElectionStateMachine.Action {
        let outcome: LeaderElectionStateMachine.Outcome
        switch action {
        case .wait(let delay):
            try await clock.sleep(for: delay)
            outcome = .waited
        case .read:
            let found = await request("read") { try await self.store.read() }
            outcome = found.map { .read($0) } ?? .readFailed
        case .create(let record):
            let written = await claim("create") { try await self.store.create(record) }
            outcome = written.map { .written(resourceVersion: $0.resourceVersion) } ?? .writeFailed
        case .update(let record, let version):
            let written = await claim("update") { try await self.store.update(record, resourceVersion: version) }
            outcome = written.map { .written(resourceVersion: $0.resourceVersion) } ?? .writeFailed
        case .stepDown(let reason):
            throw stepDown(reason)
        case .released:
            return .released
        }
        let next = machine.withLock { machine in
            let slow = machine.slowPathCount
            defer { if machine.slowPathCount > slow { metrics.countSlowPath() } }
            return machine.handle(outcome, at: clock.now, wallClock: wallClock())
        }
        try Task.checkCancellation()
        return next
    }

    private func stepDown(_ reason: String) -> LeaderElectionError {
        gate.close()
        metrics.record(isLeading: false)
        logger.error("leadership lost", metadata: ["lease": "\(store.key)", "cause": "\(reason)"])
        leadershipLost()
        return LeaderElectionError(.leadershipLost, "leadership by lease \(store.key) is lost: \(reason)")
    }

    /// Sends a claim, and waits for its answer even when cancelled meanwhile.
    ///
    /// A claim that is given up under way may still be granted after the lease was looked at to give it back, and would
    /// then bear the name of a process that is gone.
    private func claim(
        _ verb: String,
        _ send: @escaping @Sendable () async throws -> LeaseObservation
    ) async -> LeaseObservation? {
        await uncancelled { await self.request(verb, send) }
    }

    /// Sends one request about the Lease, for as long as the rules allow.
    ///
    /// `nil`: it failed, and why is logged.
    private func request<Result: Sendable>(
        _ verb: String,
        _ send: @escaping @Sendable () async throws -> Result
    ) async -> Result? {
        let now = clock.now
        let deadline = now + machine.withLock { $0.requestTimeout(at: now) }
        let cause: String
        do {
            if let result = try await clock.run(until: deadline, send) { return result }
            cause = "no answer within \(deadline - now)"
        } catch {
            cause = String(describing: error)
        }
        logger.log(
            level: gate.closesAt == nil ? .debug : .warning,
            "a request about the lease failed",
            metadata: ["lease": "\(store.key)", "verb": "\(verb)", "cause": "\(cause)"]
        )
        return nil
    }
}
