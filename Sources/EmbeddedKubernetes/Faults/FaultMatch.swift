/// Which requests a ``FaultRule`` concerns; what is left out matches anything.
public struct FaultMatch: Sendable, Hashable {
    /// The verbs; empty: any.
    public var verbs: Set<RequestDescription.Verb>
    /// The resource as ``RequestDescription/resource`` writes it, with `*` and `?` as in a shell; `nil`: anything.
    public var resource: String?
    /// The subresource, empty for the object itself; `nil`: any.
    public var subresource: String?
    /// The namespace, with `*` and `?`; `nil`: any.
    public var namespace: String?
    /// The object's name, with `*` and `?`; `nil`: any, and none.
    public var name: String?
    /// What ``RequestDescription/client`` starts with; `nil`: any client.
    public var client: String?
    /// Whether the request continues a list; `nil`: either.
    public var isContinuation: Bool?

    /// Creates a match.
    ///
    /// - Parameters:
    ///   - verbs: the verbs; empty: any.
    ///   - resource: the resource, `configmaps` or `leases.coordination.k8s.io`, with `*` and `?`.
    ///   - subresource: the subresource, empty for the object itself.
    ///   - namespace: the namespace, with `*` and `?`.
    ///   - name: the object's name, with `*` and `?`.
    ///   - client: what the client's name starts with.
    ///   - isContinuation: whether the request continues a list.
    public init(
        _ verbs: Set<RequestDescription.Verb> = [],
        _ resource: String? = nil,
        subresource: String? = nil,
        namespace: String? = nil,
        name: String? = nil,
        client: String? = nil,
        isContinuation: Bool? = nil
    ) {
        self.verbs = verbs
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
        self.client = client
        self.isContinuation = isContinuation
    }

    /// Every request.
    public static let everything = FaultMatch()
    /// Every request that may change something.
    public static let writes = FaultMatch(Set(RequestDescription.Verb.allCases.filter(\.isMutating)))

    /// Every request of a client.
    public static func client(_ prefix: String) -> FaultMatch { FaultMatch(client: prefix) }

    /// Whether a request is meant.
    public func matches(_ request: RequestDescription) -> Bool {
        (verbs.isEmpty || verbs.contains(request.verb))
            && resource.map { Glob.matches($0, request.resource) } ?? true
            && subresource.map { $0 == request.subresource } ?? true
            && namespace.map { Glob.matches($0, request.namespace) } ?? true
            && name.map { Glob.matches($0, request.name) } ?? true
            && client.map { request.client.hasPrefix($0) } ?? true
            && isContinuation.map { $0 == (request.query["continue"]?.isEmpty == false) } ?? true
    }
}

/// Which events of a watch an action concerns; what is left out matches anything.
public struct EventMatch: Sendable, Hashable {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`, `ERROR`; empty: any.
    public var types: Set<String>
    /// The object's name, with `*` and `?`; `nil`: any.
    public var name: String?

    /// Creates a match.
    public init(types: Set<String> = [], name: String? = nil) {
        self.types = types
        self.name = name
    }

    /// Every event.
    public static let everything = EventMatch()

    func matches(type: String, name other: String) -> Bool {
        (types.isEmpty || types.contains(type)) && name.map { Glob.matches($0, other) } ?? true
    }
}

/// Patterns as in a shell: `*` is any text, `?` any one character.
enum Glob {
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern)
        let text = Array(text)
        var (position, index) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while index < text.count {
            if position < pattern.count, pattern[position] == "*" {
                star = (position, index)
                position += 1
            } else if position < pattern.count, pattern[position] == "?" || pattern[position] == text[index] {
                position += 1
                index += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                position = last.pattern + 1
                index = last.text + 1
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == "*" }
    }
}
