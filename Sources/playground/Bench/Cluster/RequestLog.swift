import KubernetesAPI
import Synchronization

/// Every request that reached the stand-in for a cluster, in order.
final class RequestLog: Sendable {
    /// One request.
    struct Entry: Sendable {
        /// As RBAC names it: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`.
        let verb: String
        /// The plural, with the subresource behind a slash.
        let resource: String
        let userAgent: String
        let arrived: ContinuousClock.Instant

        /// Whether it may change something, other than who leads.
        var isWrite: Bool { isChange && resource != "leases" }

        /// Whether it may change who leads.
        var isWriteOfLease: Bool { isChange && resource == "leases" }

        private var isChange: Bool { !["get", "list", "watch"].contains(verb) }
    }

    private let entries = Mutex<[Entry]>([])

    /// How many requests there were.
    var count: Int { entries.withLock { $0.count } }

    /// How many requests there were of some kind.
    func count(where isCounted: (Entry) -> Bool) -> Int { entries.withLock { $0.count(where: isCounted) } }

    /// The first request of some kind.
    func first(where isWanted: (Entry) -> Bool) -> Entry? { entries.withLock { $0.first(where: isWanted) } }

    /// The requests behind the first `count`.
    func entries(after count: Int) -> [Entry] { entries.withLock { Array($0.dropFirst(count)) } }

    /// Takes note of a request.
    func record(_ request: APIRequest) {
        let entry = Entry(request, arrived: .now)
        entries.withLock { $0.append(entry) }
    }

    /// Requests by verb and resource, each beside what is expected of it.
    static func budgets(_ entries: [Entry], _ expected: ExpectedRequests) -> [Budget] {
        let kinds = Dictionary(grouping: entries) { "\($0.verb) \($0.resource)" }
        return kinds.sorted { $0.key < $1.key }.map { kind, entries in
            let most = entries.first.flatMap { expected.most($0.verb, $0.resource) }
            return Budget.count("requests: \(kind)", entries.count, atMost: most)
        }
    }
}

extension RequestLog.Entry {
    init(_ request: APIRequest, arrived: ContinuousClock.Instant) {
        var segments = request.path.split(separator: "/").map(String.init)
        segments.removeFirst(min(segments.count, segments.first == "api" ? 2 : 3))
        if segments.first == "namespaces", segments.count > 2 { segments.removeFirst(2) }
        let hasName = segments.count > 1
        let isWatch = request.query.contains { $0.name == "watch" && ["true", "1"].contains($0.value) }
        verb =
            switch request.method {
            case .get: isWatch ? "watch" : hasName ? "get" : "list"
            case .post: "create"
            case .put: "update"
            case .patch: "patch"
            case .delete: hasName ? "delete" : "deletecollection"
            }
        resource = [segments.first ?? "", segments.count > 2 ? segments[2] : ""].filter { !$0.isEmpty }
            .joined(separator: "/")
        userAgent = request.headers["user-agent"] ?? ""
        self.arrived = arrived
    }
}
