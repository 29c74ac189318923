/// Lets everyone who wants the same thing at the same time wait for one attempt to get it.
///
/// Whoever comes first makes the attempt, in its own task; the others get its value or its error. When that task is
/// cancelled, one of the others makes an attempt of its own. Nothing is kept afterwards.
public final class SingleFlight<Value: Sendable>: Sendable {
    private enum Nothing: Sendable { case kept }
    private enum Attempt: Hashable, Sendable { case only }

    private let work = SharedWork<Attempt, Result<Value, any Error>, Nothing>(memory: .kept)

    /// Nothing is being attempted.
    public init() {}

    /// How many wait for the attempt that is under way, beside the one who makes it.
    public var waitingCount: Int { work.waitingCount(for: .only) }

    /// What `attempt` gives, or what the attempt that is under way gives.
    ///
    /// - Throws: what the attempt throws; `CancellationError` when the caller's task is cancelled.
    public func value(_ attempt: () async throws -> Value) async throws -> Value {
        let result = await work.value(
            for: .only,
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
