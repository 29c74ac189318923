public import KubernetesAPI

/// What a request asks for, in the words of Kubernetes authorization: who, verb, resource, object.
public struct RequestDescription: Sendable, Hashable {
    /// A verb of the Kubernetes API.
    public enum Verb: String, Sendable, Hashable, CaseIterable {
        case get, list, watch, create, update, patch, delete
        case deleteCollection = "deletecollection"

        /// Whether it may change something.
        public var isMutating: Bool { ![.get, .list, .watch].contains(self) }
    }

    /// The client: the name given to its transport or server, or else its `User-Agent`.
    public var client: String
    /// The client's `User-Agent`, empty if it sent none.
    public var userAgent: String
    /// What it wants to do; `get` for discovery and other documents.
    public var verb: Verb
    /// The plural and the group, as `kubectl` writes it: `configmaps`, `leases.coordination.k8s.io`.
    ///
    /// Empty for discovery and other documents.
    public var resource: String
    /// The subresource, empty for the object itself.
    public var subresource: String
    /// The namespace, empty for all of them and for cluster-scoped kinds.
    public var namespace: String
    /// The object's name, empty for a collection.
    public var name: String
    /// The path, without the query.
    public var path: String
    /// The query; of a parameter that is repeated, the first, as API servers read it.
    public var query: [String: String]

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - request: what was sent.
    ///   - client: who sent it; empty falls back to `userAgent`.
    ///   - userAgent: the client's `User-Agent`.
    public init(_ request: APIRequest, client: String, userAgent: String) {
        self.client = client.isEmpty ? userAgent : client
        self.userAgent = userAgent
        path = request.path
        query = Dictionary(request.query.map { ($0.name, $0.value) }) { first, _ in first }
        let isWatch = request.query.flag("watch") == true
        (resource, subresource, namespace, name) = ("", "", "", "")
        if case .resource(let group, _, let space, let plural, let object, let part) = RequestTarget(path: path) {
            resource = GroupResource(group, plural).description
            (subresource, namespace, name) = (part, space, object)
        }
        let isCollection = !resource.isEmpty && name.isEmpty
        verb =
            switch request.method {
            case .get: !isCollection ? .get : isWatch ? .watch : .list
            case .post: .create
            case .put: .update
            case .patch: .patch
            case .delete: isCollection ? .deleteCollection : .delete
            }
    }
}
