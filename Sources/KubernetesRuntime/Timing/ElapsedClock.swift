/// Measures time from the moment it was created, on an injected clock.
///
/// State machines take plain `Duration`s since some origin; this is the one place where a clock's own instants are
/// turned into them. The default everywhere is `ContinuousClock`, which keeps ticking while the machine is suspended:
/// a suspended leader must find its lease expired when it wakes.
struct ElapsedClock: Sendable {
    private let read: @Sendable () -> Duration
    private let pauseUntil: @Sendable (Duration) async throws -> Void

    init(_ clock: any Clock<Duration>) { self = Self.starting(clock) }

    /// The same time, with sleepers woken by `thread`.
    func sleeping(on thread: DedicatedThread) -> ElapsedClock {
        let read = self.read
        return ElapsedClock(read: read, pauseUntil: { try await thread.sleep(for: $0 - read()) })
    }

    private init(
        read: @escaping @Sendable () -> Duration,
        pauseUntil: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.read = read
        self.pauseUntil = pauseUntil
    }

    private static func starting<C: Clock<Duration>>(_ clock: C) -> ElapsedClock {
        let origin = clock.now
        return ElapsedClock(
            read: { origin.duration(to: clock.now) },
            pauseUntil: { try await clock.sleep(until: origin.advanced(by: $0), tolerance: nil) }
        )
    }

    /// The time since creation.
    var now: Duration { read() }

    /// Suspends until `deadline`, a time since creation.
    ///
    /// Throws `CancellationError` when the task is cancelled.
    func sleep(until deadline: Duration) async throws { try await pauseUntil(deadline) }

    /// Suspends for `duration`.
    ///
    /// Throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws { try await pauseUntil(read() + duration) }
}
