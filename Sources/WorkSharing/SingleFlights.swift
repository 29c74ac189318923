/// Lets everyone who wants the same thing at the same time wait for one attempt to get it; what is wanted is told by keys.
///
/// Whoever comes first makes the attempt, in its own task; the others get its value or its error. When that task is
/// cancelled, one of the others makes an attempt of its own. Nothing is kept afterwards.
public final class SingleFlights<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private enum Nothing: Sendable { case kept }

    private let work = SharedWork<Key, Result<Value, any Error>, Nothing>(memory: .kept)

    /// Nothing is being attempted.
    public init() {}

    /// How many wait for the attempt on `key` that is under way, beside the one who makes it.
    public func waitingCount(for key: Key) -> Int { work.waitingCount(for: key) }

    /// What `attempt` gives, or what the attempt on `key` that is under way gives.
    ///
    /// - Parameters:
    ///   - key: what is the same thing.
    ///   - attempt: gets it.
    /// - Returns: the value.
    /// - Throws: what the attempt throws; `CancellationError` when the caller's task is cancelled.
    public func value(for key: Key, _ attempt: () async throws -> Value) async throws -> Value {
        let result = await work.value(
            for: key,
            known: { _ in nil },
            make: {
                do {
                    return .success(try await attempt())
                } catch {
                    return .failure(error)
                }
            },
            keep: { _, result in result }
        )
        guard let result else { throw CancellationError() }
        return try result.get()
    }
}
