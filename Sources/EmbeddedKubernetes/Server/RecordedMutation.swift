public import FoundationEssentials
internal import JSONModel

/// A request that changed, or tried to change, something.
public struct RecordedMutation: Sendable, Hashable {
    /// Who held a Lease.
    public struct LeaseHolding: Sendable, Hashable {
        /// The `holderIdentity`; empty: nobody.
        public var holder: String
        /// The `leaseTransitions`.
        public var transitions: Int64
    }

    /// Counts the mutating requests from 1.
    public var number: Int
    /// What was asked: client, verb, resource, object.
    public var request: RequestDescription
    /// The HTTP method: POST, PUT, PATCH or DELETE.
    public var method: String
    /// When the request was served, by the cluster's date.
    public var time: Date
    /// When the request was served: time since the cluster was made, by its clock.
    public var elapsed: Duration
    /// The answer's status code, whether or not the answer reached the client.
    public var status: Int
    /// The cluster's resource version after the request.
    public var resourceVersion: Int64
    /// Whether anything was stored: no dry run, no refusal, and not the state that was there already.
    public var isCommitted: Bool
    /// The Leases as they were when the request had been served, by `namespace/name`.
    public var leases: [String: LeaseHolding]

    /// The path, without the query.
    public var path: String { request.path }
    /// The client's `User-Agent`, empty if it sent none.
    public var userAgent: String { request.userAgent }
    /// The client, see ``RequestDescription/client``.
    public var client: String { request.client }
    /// The object as one text: `configmaps shop/settings`, `imageverifications.vigil.dev shop/web/status`.
    ///
    /// For a creation, the name the body gave; empty for `generateName`.
    public var key: String
}

extension EmbeddedCluster {
    /// Who holds which Lease now.
    var leaseHoldings: [String: RecordedMutation.LeaseHolding] {
        var holdings: [String: RecordedMutation.LeaseHolding] = [:]
        for (key, lease) in store.tables[.leases]?.objects ?? [:] {
            holdings["\(key.namespace)/\(key.name)"] = RecordedMutation.LeaseHolding(
                holder: lease.value["spec"]?["holderIdentity"]?.string ?? "",
                transitions: lease.value["spec"]?["leaseTransitions"]?.integer ?? 0
            )
        }
        return holdings
    }
}
