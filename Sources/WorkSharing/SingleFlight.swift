/// Lets everyone who wants one thing at the same time wait for one attempt to get it, as ``SingleFlights`` do for many.
public final class SingleFlight<Value: Sendable>: Sendable {
    private enum Attempt: Hashable, Sendable { case only }

    private let flights = SingleFlights<Attempt, Value>()

    /// Nothing is being attempted.
    public init() {}

    /// How many wait for the attempt that is under way, beside the one who makes it.
    public var waitingCount: Int { flights.waitingCount(for: .only) }

    /// What `attempt` gives, or what the attempt that is under way gives.
    ///
    /// - Throws: what the attempt throws; `CancellationError` when the caller's task is cancelled.
    public func value(_ attempt: () async throws -> Value) async throws -> Value {
        try await flights.value(for: .only, attempt)
    }
}
