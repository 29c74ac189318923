internal import FoundationEssentials
internal import KubernetesAPI

/// A request for a resource, its path resolved to a kind.
struct ResourceRequest: Sendable {
    var request: APIRequest
    var kind: ResourceKind
    var namespace: String
    var name: String
    var subresource: String
    var userAgent: String
    var user: ClusterUser
    var now: Date
    /// The resource version at which reads see the cluster; `nil`: the present one.
    var readVersion: Int64?
    /// Texts for `Warning` headers.
    var warnings: [String] = []

    var key: ObjectKey { ObjectKey(namespace: kind.isNamespaced ? namespace : "", name: name) }
    var resource: GroupResource { kind.stored }
    /// The media type of the body, without parameters.
    var contentType: String {
        let full = request.headers["content-type"] ?? "application/json"
        return String(full.prefix { $0 != ";" }).lowercased().filter { $0 != " " }
    }

    func notFound() -> APIFailure { .notFound(kind.served, name) }

    /// Refuses a body that says another namespace than the path; one that says none is for that of the path.
    ///
    /// - Throws: a 400 ``APIFailure``.
    func checkNamespace(of body: APIObject) throws(APIFailure) {
        guard body.namespace.isEmpty || body.namespace == namespace else {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
    }
}

/// What the server says to a request.
enum Answer: Sendable {
    case complete(APIResponse)
    case watch(WatchSession, headers: [String: String])
}

/// An open watch, as the side that writes it out sees it.
struct WatchSession: Sendable {
    var id: Int
    /// Lines of JSON, each one event.
    var events: WatchEvents
    var timeout: Duration
    /// `nil`: none wanted.
    var bookmarkInterval: Duration?
}
