/// The watch of one object, from stream to stream: a value that says what is news, and when to ask again.
struct NamedObjectWatch: Sendable {
    /// How a stream ended.
    enum End: Sendable, Hashable {
        /// The server closed it, as it does from time to time.
        case closed
        /// The server does not allow it, or does not know it.
        case refused
        /// The server or the way to it failed.
        case failed
    }

    /// How long a server that refused is left alone.
    static let refusedPause = Duration.seconds(300)
    /// How long a stream lasts at least that ended in good order.
    static let shortest = Duration.seconds(5)

    private enum Knowledge: Hashable {
        case nothing
        case absent
        case version(String)
    }

    private var knowledge = Knowledge.nothing
    private var backoff = Backoff()
    private var generator: SplitMix64
    private var opened: Duration?

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// The server accepted the watch at `now`.
    mutating func didOpen(at now: Duration) { opened = now }

    /// The object is there with `version`.
    ///
    /// - Returns: whether that is news. What the first stream begins with always is: it may have changed since somebody
    ///   looked.
    mutating func isNews(version: String) -> Bool {
        defer { knowledge = .version(version) }
        return knowledge != .version(version)
    }

    /// The object was deleted; that is news.
    mutating func didDelete() { knowledge = .absent }

    /// The stream ended at `now`, or was not opened.
    ///
    /// - Returns: how long to wait before the next.
    mutating func didEnd(_ end: End, at now: Duration) -> Duration {
        defer { opened = nil }
        switch end {
        case .refused: return Self.refusedPause
        case .closed:
            if let opened, now - opened >= Self.shortest {
                backoff.reset()
                return .zero
            }
            return backoff.next(at: now, using: &generator)
        case .failed: return backoff.next(at: now, using: &generator)
        }
    }
}
