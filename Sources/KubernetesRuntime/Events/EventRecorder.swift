public import FoundationEssentials
import KubernetesAPI
public import KubernetesClient
public import Logging
public import Metrics
public import ServiceLifecycle
import Synchronization

/// Tells people about objects through Events (`events.k8s.io/v1`), without ever holding anyone up.
///
/// ``record(_:)`` only queues; when the queue is full, or there are too many about one object, the notice is dropped
/// and counted. The rules are those of ``EventCorrelator``. Failures are logged and go no further: what the server
/// refuses is dropped at once, what does not reach it is tried twelve times, ten seconds apart (client-go,
/// `tools/events`).
public final class EventRecorder: Service {
    private struct State {
        var backlog: EventBacklog
        var isClosed = false
        /// Whether the time for the flush is over.
        var isOver = false
    }

    /// How many notices may wait: as many as series are remembered.
    ///
    /// Writers share the server with everybody's other requests, so that whoever starts over some thousand objects would
    /// fill client-go's thousand.
    private static let queueLimit = EventCorrelator.capacity
    /// How many Events are under way at most; all but one only begin when much waits.
    private static let writerCount = 4
    private static let attempts = 12
    private static let retryDelay = Duration.seconds(10)
    private static let requestTimeout = Duration.seconds(10)
    /// How long writing what is queued may be begun after a graceful shut-down began.
    private static let flushLimit = Duration.seconds(3)
    /// How long one that was begun by then may take yet: what is cut off may be written after leadership has ended.
    private static let lastWriteLimit = Duration.seconds(2)

    private let client: ResourceClient<Event>
    private let state = Mutex(State(backlog: EventBacklog(limit: queueLimit)))
    /// One for each writer, the first of which writes whatever there is.
    private let wakes = (0..<writerCount).map { _ in WakeSignal() }
    private let seriesBegan = WakeSignal()
    private let seriesEnd = WakeSignal()
    private let closing = OneShotSignal()
    private let correlator: Mutex<EventCorrelator>
    private let generator: Mutex<SplitMix64>
    private let clock: ElapsedClock
    private let wallClock: @Sendable () -> Date
    private let logger: Logger
    private let written: Counter
    private let dropped: Counter

    /// Creates a recorder; nothing is sent before ``run()``.
    ///
    /// - Parameters:
    ///   - client: the way to the server.
    ///   - reportingController: the component, a qualified name such as `example.com/controller`.
    ///   - reportingInstance: which instance of it, cut to 128 characters.
    ///   - clock: measures series and delays.
    ///   - wallClock: dates the Events.
    ///   - seed: decides the jitter.
    ///   - logger: where failures are reported.
    ///   - metricsFactory: where metrics go; `nil` takes the process's.
    public init(
        client: APIClient,
        reportingController: String,
        reportingInstance: String,
        clock: any Clock<Duration> = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Date = { Date() },
        seed: UInt64 = .random(in: .min ... .max),
        logger: Logger = Logger(label: "kubernetes.events"),
        metricsFactory: (any MetricsFactory)? = nil
    ) {
        var client = client
        client.requestTimeout = Self.requestTimeout
        self.client = ResourceClient(client)
        self.correlator = Mutex(
            EventCorrelator(
                reportingController: reportingController,
                reportingInstance: reportingInstance,
                seed: seed &+ 1
            )
        )
        self.generator = Mutex(SplitMix64(seed: seed))
        self.clock = ElapsedClock(clock)
        self.wallClock = wallClock
        self.logger = logger
        let factory = metricsFactory ?? MetricsSystem.factory
        written = Counter(label: "events_written_total", dimensions: [], factory: factory)
        dropped = Counter(label: "events_dropped_total", dimensions: [], factory: factory)
    }

    /// Queues a notice.
    ///
    /// Never fails and never waits. Its Event is dated now, whenever it is written. A warning that finds no room takes
    /// that of the oldest information.
    public func record(_ notice: EventNotice) {
        let date = wallClock()
        let (lost, isMuch) = state.withLock { state in
            guard !state.isClosed else { return (1, false) }
            return (state.backlog.add(notice, recordedAt: date), state.backlog.needsHelp)
        }
        if lost > 0 { dropped.increment(by: Int64(lost)) }
        wake(all: isMuch)
    }

    private func wake(all: Bool) {
        for signal in all ? wakes[...] : wakes.prefix(1) { signal.signal() }
    }

    /// Writes Events until cancelled.
    ///
    /// On graceful shut-down no further notice is taken; what is queued is tried once more each, and what was only
    /// counted is written, for three seconds at most; a request under way then has two more. End it after everything
    /// that records.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.work() }
                group.addTask { await self.limitFlush() }
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.close()
        }
        close()
        let left = state.withLock { $0.backlog.removeAll() }
        guard left > 0 else { return }
        dropped.increment(by: Int64(left))
        logger.warning("Events were left unwritten at the end", metadata: ["count": "\(left)"])
    }

    private func close() {
        state.withLock { $0.isClosed = true }
        closing.fire()
        seriesBegan.signal()
        seriesEnd.signal()
        wake(all: true)
    }

    /// Returns when the time for the flush is over; cancelled when it needed less.
    private func limitFlush() async {
        try? await closing.wait()
        guard (try? await clock.sleep(for: Self.flushLimit)) != nil else { return }
        state.withLock { $0.isOver = true }
        try? await clock.sleep(for: Self.lastWriteLimit)
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Whether nothing more may be sent.
    private var hasEnded: Bool { Task.isCancelled || state.withLock { $0.isOver } }

    private func work() async {
        await withTaskGroup(of: Void.self) { group in
            for writer in wakes.indices { group.addTask { await self.write(as: writer) } }
            group.addTask { await self.watchSeries() }
        }
        if hasEnded { return }
        let counted = correlator.withLock { $0.finish(at: clock.now) }
        state.withLock { $0.backlog.add(counted) }
        await withTaskGroup(of: Void.self) { group in
            for writer in wakes.indices { group.addTask { await self.write(as: writer) } }
        }
    }

    /// Does what there is to do, until it is over, or closed and all done.
    private func write(as writer: Int) async {
        while !hasEnded {
            let (turn, isDone) = state.withLock { state -> (EventBacklog.Turn?, Bool) in
                let turn = state.backlog.take(isHelper: writer > 0 && !state.isClosed)
                return (turn, state.isClosed && turn == nil)
            }
            guard let turn else {
                if isDone { return }
                await wakes[writer].wait()
                continue
            }
            await perform(turn.item, as: writer)
            let isMoreLeft = state.withLock { state in
                state.backlog.finish(turn)
                return state.backlog.count > 0
            }
            // What was passed over because this one was under way may be left for the first writer.
            if isMoreLeft, writer > 0 { wake(all: false) }
        }
    }

    /// Has the counts of series written that have been quiet, until closed.
    private func watchSeries() async {
        while !hasEnded, !isClosed {
            guard !correlator.withLock({ $0.isEmpty }) else {
                await seriesBegan.wait()
                continue
            }
            let deadline = clock.now + EventCorrelator.idleLimit
            await clock.wait(until: deadline, or: seriesEnd)
            guard !isClosed, clock.now >= deadline else { continue }
            queue(correlator.withLock { $0.tick(at: clock.now) })
        }
    }

    private func queue(_ writes: [EventCorrelator.Write]) {
        guard !writes.isEmpty else { return }
        let isMuch = state.withLock { state in
            state.backlog.add(writes)
            return state.backlog.needsHelp
        }
        wake(all: isMuch)
    }

    private func perform(_ item: EventBacklog.Item, as writer: Int) async {
        switch item {
        case .write(let write):
            await send(write, as: writer)
        case .notice(let notice, let date):
            let (decision, isFirst) = correlator.withLock { correlator in
                let isFirst = correlator.isEmpty
                return (correlator.observe(notice, at: clock.now, wallClock: date), isFirst)
            }
            if isFirst { seriesBegan.signal() }
            if decision.isDropped { dropped.increment() }
            for write in decision.writes where !hasEnded { await send(write, as: writer) }
        }
    }

    private func send(_ write: EventCorrelator.Write, as writer: Int) async {
        for attempt in 1...Self.attempts {
            do {
                try await perform(write)
                return written.increment()
            } catch  where Self.isPassing(error) && attempt < Self.attempts && !isClosed && !Task.isCancelled {
                logger.debug("an Event will be sent again", metadata: ["cause": "\(error)"])
                await pause(writer)
            } catch {
                report(error)
                return dropped.increment()
            }
        }
    }

    /// Whether the Event did not reach the server, or leadership is in doubt: either may pass.
    private static func isPassing(_ error: any Error) -> Bool {
        error is TransportError || error is LeaderElectionError
    }

    private func report(_ error: any Error) {
        if Task.isCancelled { return }
        // Nobody will read about objects of a namespace that is being deleted.
        let isExpected = (error as? APIError)?.isNamespaceTerminating == true
        logger.log(level: isExpected ? .debug : .warning, "an Event was not written", metadata: ["cause": "\(error)"])
    }

    private func perform(_ write: EventCorrelator.Write) async throws {
        switch write {
        case .create(let event):
            do {
                _ = try await client.create(event)
            } catch let error as APIError where error.code == .alreadyExists {
                // An earlier attempt whose answer was lost.
            }
        case .series(let event):
            do {
                _ = try await client.patch(
                    event.metadata.name,
                    namespace: event.metadata.namespace,
                    .merge(Self.seriesPatch(event))
                )
            } catch let error as APIError where error.code == .notFound {
                _ = try await client.create(event)
            }
        }
    }

    private func pause(_ writer: Int) async {
        let delay = generator.withLock { Self.retryDelay * Double.random(in: 0.75..<1.25, using: &$0) }
        // Woken early only to notice that the recorder is being closed.
        let deadline = clock.now + delay
        while !isClosed, !Task.isCancelled, clock.now < deadline {
            await clock.wait(until: deadline, or: wakes[writer])
        }
    }
}
