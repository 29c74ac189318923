/// The cluster's sense of time: how long it has existed, on an injected clock.
struct ClusterClock: Sendable {
    private let read: @Sendable () -> Duration
    private let pauseUntil: @Sendable (Duration) async throws -> Void

    init(_ clock: any Clock<Duration>) { self = Self.starting(clock) }

    private init(
        read: @escaping @Sendable () -> Duration,
        pauseUntil: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.read = read
        self.pauseUntil = pauseUntil
    }

    private static func starting<C: Clock<Duration>>(_ clock: C) -> ClusterClock {
        let origin = clock.now
        return ClusterClock(
            read: { origin.duration(to: clock.now) },
            pauseUntil: { try await clock.sleep(until: origin.advanced(by: $0), tolerance: nil) }
        )
    }

    /// The time since the cluster was made.
    var now: Duration { read() }

    /// Suspends until a time since the cluster was made; throws `CancellationError` when the task is cancelled.
    func sleep(until deadline: Duration) async throws { try await pauseUntil(deadline) }

    /// Suspends for a time; throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws { try await pauseUntil(read() + duration) }
}
