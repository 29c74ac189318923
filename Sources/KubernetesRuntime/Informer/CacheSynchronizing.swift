/// Something that fills itself from the API server before it can be relied on.
public protocol CacheSynchronizing: Sendable {
    /// What it holds, for people.
    var name: String { get }
    /// Whether it was filled completely once.
    var hasSynced: Bool { get }
    /// Suspends until ``hasSynced``. Throws `CancellationError` when the task is cancelled first.
    func waitUntilSynced() async throws
}
