/// Something that fills itself from the API server before it can be relied on.
public protocol CacheSynchronizing: Sendable {
    /// What it holds, for people.
    var name: String { get }
    /// Whether it was filled completely once.
    var hasSynced: Bool { get }
    /// Why it cannot be relied on now, as a readiness probe says it: `nil` when it can.
    ///
    /// Default: it was never complete.
    var staleness: String? { get }
    /// Suspends until ``hasSynced``. Throws `CancellationError` when the task is cancelled first.
    func waitUntilSynced() async throws
}

extension CacheSynchronizing {
    /// Says that it was never complete, or nothing.
    public var staleness: String? { hasSynced ? nil : "no complete list yet of \(name)" }
}
