public import KubernetesAPI
public import KubernetesClient
public import ServiceLifecycle

/// Something outside the namespaces that are watched was asked for.
///
/// It may exist or not: nobody looked. Taking it for absent would be wrong.
public struct NamespaceNotWatched: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was asked for.
    public let namespace: String?
    /// What is watched.
    public let watched: [String]

    /// The sentence.
    public var description: String {
        let asked = namespace.map { "namespace \"\($0)\" is" } ?? "objects without a namespace are"
        return "\(asked) not watched here; watched are: \(watched.joined(separator: ", "))"
    }
}

/// Copies of one resource in several namespaces, one informer each, presented as one.
///
/// For permissions that a `Role` gives in some namespaces, where no list across all of them is allowed.
public final class NamespacedInformers<Object: KubernetesObject, Value: Sendable>: Service, CacheSynchronizing,
    VersionedCache
{
    /// The informers, by namespace.
    private let informers: [String: Informer<Object, Value>]

    /// Creates the informers; they do nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - namespaces: what is watched.
    ///   - make: makes the informer of a selection, which is one of the namespaces.
    public init(_ namespaces: Set<String>, _ make: (ObjectSelection) -> Informer<Object, Value>) {
        var informers: [String: Informer<Object, Value>] = [:]
        for namespace in namespaces { informers[namespace] = make(ObjectSelection(namespace: namespace)) }
        self.informers = informers
    }

    /// What is watched, in order.
    public var namespaces: [String] { informers.keys.sorted() }

    /// The resource and the namespaces.
    public var name: String { "\(Object.resource) in \(namespaces.joined(separator: ", "))" }

    private func informer(_ namespace: String?) throws(NamespaceNotWatched) -> Informer<Object, Value> {
        guard let namespace, let informer = informers[namespace] else {
            throw NamespaceNotWatched(namespace: namespace, watched: namespaces)
        }
        return informer
    }

    // MARK: - Reading

    /// The object under `key`; `nil` when its namespace is watched and it is not there.
    public func object(_ key: ObjectKey) throws(NamespaceNotWatched) -> InformedObject<Value>? {
        try informer(key.namespace).object(key)
    }

    /// The projection of the object under `key`; `nil` when its namespace is watched and it is not there.
    public func value(_ key: ObjectKey) throws(NamespaceNotWatched) -> Value? { try object(key)?.value }

    /// The objects of one namespace, in no order.
    public func objects(inNamespace namespace: String) throws(NamespaceNotWatched) -> [InformedObject<Value>] {
        try informer(namespace).objects
    }

    /// The number of objects.
    public var count: Int { informers.values.reduce(0) { $0 + $1.count } }

    /// Every object, in no order.
    public var objects: [InformedObject<Value>] { informers.values.flatMap(\.objects) }

    /// The objects that index `name` has under `term`, in no order.
    public func objects(in name: String, under term: String) -> [InformedObject<Value>] {
        informers.values.flatMap { $0.objects(in: name, under: term) }
    }

    /// How each informer is doing, by namespace.
    public var status: [String: InformerStatus] { informers.mapValues(\.status) }

    // MARK: - Synchronisation

    /// Whether every informer was filled once.
    public var hasSynced: Bool { informers.values.allSatisfy(\.hasSynced) }

    /// Suspends until every informer was filled once.
    ///
    /// Throws `CancellationError` when cancelled first.
    public func waitUntilSynced() async throws {
        for informer in informers.values { try await informer.waitUntilSynced() }
    }

    /// Whether the copy of `namespace` shows everything up to `version`.
    public func hasSeen(_ version: ResourceVersion, inNamespace namespace: String?) -> Bool {
        namespace.flatMap { informers[$0] }?.hasSeen(version) ?? false
    }

    /// Adds a handler to every informer; it may be called for two namespaces at the same time.
    ///
    /// - Parameters:
    ///   - resyncPeriod: how often every object is told again; at least a second. Default never.
    ///   - handler: is told of changes.
    public func addHandler(
        resyncPeriod: Duration? = nil,
        _ handler: @escaping @Sendable (InformerChange<Value>) -> Void
    ) {
        for namespace in namespaces { informers[namespace]?.addHandler(resyncPeriod: resyncPeriod, handler) }
    }

    /// Keeps the copies in step with the server until cancelled or asked to shut down gracefully.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for informer in informers.values { group.addTask { try await informer.run() } }
            try await group.waitForAll()
        }
    }
}
