/// A moment by which something must be done, on whatever clock.
struct Deadline: Sendable {
    private let elapsed: @Sendable () -> Duration
    private let limit: Duration

    init(after limit: Duration, on clock: some Clock<Duration>) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        self.limit = limit
    }

    /// How much time is left; never negative.
    var remaining: Duration { max(.zero, limit - elapsed()) }
}
