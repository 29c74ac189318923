public import KubernetesAPI

/// The objects of an informer, with indexes, as a value.
///
/// A synchronisation needs no second copy: every object that it shows is marked with its generation, and what bears an
/// older mark at its end is gone.
public struct InformerStore<Value: Sendable>: Sendable {
    /// Computes the terms under which an object is found in one index.
    public typealias Indexer = @Sendable (ObjectKey, Value) -> [String]

    private struct Slot {
        var object: InformedObject<Value>
        var generation: UInt64
    }

    private let indexers: [String: Indexer]
    private var slots: [ObjectKey: Slot] = [:]
    private var indexes: [String: [String: Set<ObjectKey>]] = [:]
    private var generation: UInt64 = 0
    private var hasCompleted = false

    /// Creates an empty store.
    public init(indexers: [String: Indexer] = [:]) { self.indexers = indexers }

    /// The number of objects.
    public var count: Int { slots.count }
    /// The keys, in no order.
    public var keys: [ObjectKey] { Array(slots.keys) }
    /// The objects, in no order.
    public var objects: [InformedObject<Value>] { slots.values.map(\.object) }

    /// The object under `key`.
    public func object(_ key: ObjectKey) -> InformedObject<Value>? { slots[key]?.object }

    /// The keys of the objects that index `name` has under `term`.
    public func keys(in name: String, under term: String) -> Set<ObjectKey> { indexes[name]?[term] ?? [] }

    /// The objects that index `name` has under `term`, in no order.
    public func objects(in name: String, under term: String) -> [InformedObject<Value>] {
        keys(in: name, under: term).compactMap { slots[$0]?.object }
    }

    /// How many objects each term of index `name` has.
    public func counts(in name: String) -> [String: Int] { (indexes[name] ?? [:]).mapValues(\.count) }

    /// Begins a synchronisation; one that was begun before and not completed is forgotten.
    public mutating func beginSynchronisation() { generation &+= 1 }

    /// Takes an object in, or its new state.
    ///
    /// - Returns: the changes to tell, none when the version is the one already there.
    public mutating func put(_ object: InformedObject<Value>) -> [InformerChange<Value>] {
        let old = slots[object.key]?.object
        if let old, old.uid == object.uid, old.resourceVersion == object.resourceVersion,
            !object.resourceVersion.isEmpty
        {
            slots[object.key]?.generation = generation
            return []
        }
        if let old { unindex(old) }
        slots[object.key] = Slot(object: object, generation: generation)
        index(object)
        guard let old else { return [.added(object, isInitial: !hasCompleted)] }
        guard old.uid == object.uid else {
            return [.deleted(last: old, isFinalStateUnknown: true), .added(object, isInitial: !hasCompleted)]
        }
        return [.updated(old: old, new: object)]
    }

    /// Marks an object as present without a new state of it.
    public mutating func touch(_ key: ObjectKey) { slots[key]?.generation = generation }

    /// Takes an object out, and gives the changes to tell.
    ///
    /// `last` is its last state, where that is known; otherwise the state kept here is told as the last.
    public mutating func remove(_ key: ObjectKey, last: InformedObject<Value>?) -> [InformerChange<Value>] {
        guard let old = slots.removeValue(forKey: key)?.object else { return [] }
        unindex(old)
        if let last, last.uid == old.uid { return [.deleted(last: last, isFinalStateUnknown: false)] }
        return [.deleted(last: old, isFinalStateUnknown: true)]
    }

    /// Ends a synchronisation: every object it did not show is gone.
    public mutating func completeSynchronisation() -> [InformerChange<Value>] {
        hasCompleted = true
        let gone = slots.values.filter { $0.generation != generation }.map(\.object.key)
        return gone.sorted().flatMap { remove($0, last: nil) }
    }

    private mutating func index(_ object: InformedObject<Value>) {
        for (name, indexer) in indexers {
            for term in indexer(object.key, object.value) {
                indexes[name, default: [:]][term, default: []].insert(object.key)
            }
        }
    }

    private mutating func unindex(_ object: InformedObject<Value>) {
        for (name, indexer) in indexers {
            for term in indexer(object.key, object.value) {
                indexes[name]?[term]?.remove(object.key)
                if indexes[name]?[term]?.isEmpty == true { indexes[name]?[term] = nil }
            }
        }
    }
}
