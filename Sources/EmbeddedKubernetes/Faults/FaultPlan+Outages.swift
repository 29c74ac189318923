/// Outages of the usual kinds, each as the rules that make it.
extension FaultPlan {
    /// Which way a partition loses what is sent.
    public enum PartitionDirection: Sendable, Hashable {
        /// Neither side hears the other.
        case bothWays
        /// Requests arrive and are carried out; the client hears nothing.
        case responsesOnly
    }

    /// Cuts a client off: nothing is refused or closed, there is only silence.
    ///
    /// Open watches fall silent, requests wait until the client gives up. On removal, watches go on where they were,
    /// and the connections of waiting requests break.
    ///
    /// - Parameters:
    ///   - client: what the client's name starts with.
    ///   - direction: which way nothing gets through.
    /// - Returns: the rules, for ``remove(_:)-([FaultID])``.
    @discardableResult
    public func partition(_ client: String, _ direction: PartitionDirection = .bothWays) -> [FaultID] {
        let moment: FaultMoment = direction == .bothWays ? .beforeCommit : .afterCommit
        return [
            add(.client(client), .freeze()),
            add(.client(client), .blackHole(moment)),
        ]
    }

    /// Refuses every new connection; open watches are not touched.
    ///
    /// - Returns: the rule, for ``remove(_:)-(FaultID)``.
    @discardableResult
    public func refuseConnections(_ match: FaultMatch = .everything) -> FaultID { add(match, .refuseConnection) }
}

extension EmbeddedCluster {
    /// Restarts the API server: every connection breaks, and what watches could replay may be gone.
    ///
    /// Objects stay. For the time in which nobody listens, add ``FaultPlan/refuseConnections(_:)``.
    ///
    /// - Parameter keepsHistory: whether a watch can still resume from a version before the restart.
    public func restart(keepsHistory: Bool = false) {
        if !keepsHistory { store.compact() }
        configuration.faults?.cutConnections()
        hub.removeAll()
    }

    /// Loses everything, as a cluster whose etcd was replaced by an empty one: only the first namespaces are there.
    ///
    /// - Parameter keepsCounting: whether resource versions go on from the present one; else they start again.
    public func wipe(keepsCounting: Bool = true) {
        restart()
        let first = keepsCounting ? store.revision &+ 1 : 1
        store = Self.initialStore(configuration, firstRevision: first)
        store.compact()
        registry = KindRegistry()
        discoveryCache = DiscoveryCache()
        controllers = ControllerState()
        eventDeadlines = ExpiryQueue()
        accessRules = nil
    }
}
