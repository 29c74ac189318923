/// What was asked of a host, and what is left of its allowance.
public struct TrafficFigures: Sendable, Hashable {
    /// Requests that had to wait for the allowance or because the host asked for it.
    public var delayed = 0
    /// Requests that were not sent because the host asked to be left alone.
    public var heldBackAsked = 0
    /// Requests that were not sent because the allowance was used up.
    public var heldBackByBudget = 0
    /// Requests that were not sent because the host does not answer.
    public var heldBackByCircuit = 0
    /// Answers that said that nothing changed, so that nothing was transferred.
    public var unchanged = 0
    /// What part of the allowance of requests is left, 0 to 1; of several accounts the least.
    public var budget = 1.0
    /// What part of the allowance of pulls is left, 0 to 1; of several accounts the least.
    ///
    /// `nil` where pulls do not count.
    public var pullBudget: Double?
    /// How many circuits are open: 0 or 1 for a host.
    public var openCircuits = 0
    /// How many requests are under way.
    public var underWay = 0

    /// Nothing was asked, and nothing is used up.
    public init() {}
}
