/// How many requests to the API server the operator's design implies at most, over some time.
///
/// A leader renews its Lease, reads the service account of each namespace with pods once a minute, and begins the watch of
/// each of its copies anew after five to ten minutes. At the start come the requests that fill the copies, and what is
/// written about images that have no verdict yet.
struct ExpectedRequests: Sendable {
    /// Over how long.
    let duration: Duration
    /// In how many namespaces pods run.
    let namespaces: Int
    /// How many images get their first verdict; 0 for an operator that has nothing to do.
    var newImages = 0

    /// The objects that it keeps a copy of.
    static let copied = ["pods", "imageverifications", "trustpolicies", "clustertrustpolicies", "namespaces"]

    /// Renewals of the Lease.
    var renewals: Int { times(.seconds(2)) }

    /// All requests of an operator that has nothing to do.
    var quiet: Int { renewals + accountReads + Self.copied.count * watchesOfEach }

    /// Writes other than the Lease: an object, its status and its Event for each image, and the policy's.
    var writes: Int { isStart ? 3 * newImages + 1 + policyCounts : 0 }

    /// Lists: one for each copy where the server has no watch-list, and only at the start.
    var lists: Int { isStart ? Self.copied.count : 0 }

    /// The most requests of one kind, as RBAC names it; `nil` where the design says nothing.
    func most(_ verb: String, _ resource: String) -> Int? {
        switch (verb, resource) {
        case ("update", "leases"): renewals
        case ("get", "serviceaccounts"): accountReads
        case ("watch", _) where Self.copied.contains(resource): watchesOfEach
        case ("list", _): isStart && Self.copied.contains(resource) ? 1 : 0
        case ("get", _), ("watch", _): nil
        case ("create", "imageverifications"), ("patch", "imageverifications/status"): newImages
        case ("create", "events"): isStart ? newImages + 1 : 0
        case ("patch", "clustertrustpolicies/status"): policyCounts
        default: isStart ? nil : 0
        }
    }

    private var isStart: Bool { newImages > 0 }

    private var accountReads: Int { namespaces * times(.seconds(60)) }

    /// A server that has no watch-list refuses the first.
    private var watchesOfEach: Int { isStart ? 2 : times(.seconds(300)) }

    /// Changes of verdicts are gathered for 250 ms before a policy counts its images again.
    private var policyCounts: Int { isStart ? 1 + times(.milliseconds(250)) : 0 }

    /// How often something happens that happens every `interval`: once more where it begins right away.
    private func times(_ interval: Duration) -> Int { 1 + Int(duration / interval) }
}
