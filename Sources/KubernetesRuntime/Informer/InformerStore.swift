public import KubernetesAPI

/// The objects of an informer, with indexes, as a value.
///
/// A synchronisation needs no second copy: every object that it shows is marked with its generation, and what bears an
/// older mark at its end is gone.
public struct InformerStore<Value: Sendable>: Sendable {
    /// Computes the terms under which an object is found in one index.
    public typealias Indexer = @Sendable (ObjectKey, Value) -> [String]

    private struct Slot {
        /// `nil` where the place is free.
        var object: InformedObject<Value>?
        var generation: UInt64
    }

    private let indexers: [String: Indexer]
    /// The objects one after the other: a hash table of them would be a third empty, and an index of keys twice as large.
    private var slots: [Slot] = []
    private var freePositions: [UInt32] = []
    private var positions: [ObjectKey: UInt32] = [:]
    private var indexes: [String: [String: PositionSet]] = [:]
    private var generation: UInt64 = 0
    private var hasCompleted = false
    /// How many changes there were: the same number means the same objects in the same versions.
    public private(set) var revision: UInt64 = 0

    /// Creates an empty store.
    public init(indexers: [String: Indexer] = [:]) { self.indexers = indexers }

    /// The number of objects.
    public var count: Int { positions.count }
    /// The keys, in no order.
    public var keys: [ObjectKey] { Array(positions.keys) }
    /// The objects, in no order.
    public var objects: [InformedObject<Value>] { slots.compactMap { $0.object } }

    /// The object under `key`.
    public func object(_ key: ObjectKey) -> InformedObject<Value>? {
        positions[key].flatMap { slots[Int($0)].object }
    }

    /// The keys of the objects that index `name` has under `term`.
    public func keys(in name: String, under term: String) -> Set<ObjectKey> {
        Set(objects(in: name, under: term).map { $0.key })
    }

    /// The objects that index `name` has under `term`, in no order.
    public func objects(in name: String, under term: String) -> [InformedObject<Value>] {
        (indexes[name]?[term]?.positions ?? []).compactMap { slots[Int($0)].object }
    }

    /// How many objects each term of index `name` has.
    public func counts(in name: String) -> [String: Int] { (indexes[name] ?? [:]).mapValues { $0.count } }

    /// Begins a synchronisation; one that was begun before and not completed is forgotten.
    public mutating func beginSynchronisation() { generation &+= 1 }

    /// Takes an object in, or its new state.
    ///
    /// - Returns: the changes to tell, none when the version is the one already there.
    public mutating func put(_ object: InformedObject<Value>) -> [InformerChange<Value>] {
        guard let position = positions[object.key], let old = slots[Int(position)].object else {
            let position = place(Slot(object: object, generation: generation))
            positions[object.key] = position
            index(object, at: position)
            revision &+= 1
            return [.added(object, isInitial: !hasCompleted)]
        }
        slots[Int(position)].generation = generation
        let isSameVersion = old.resourceVersion == object.resourceVersion && !object.resourceVersion.isEmpty
        if isSameVersion, old.identity == object.identity { return [] }
        revision &+= 1
        unindex(old, at: position)
        slots[Int(position)].object = object
        index(object, at: position)
        guard old.identity == object.identity else {
            return [.deleted(last: old, isFinalStateUnknown: true), .added(object, isInitial: !hasCompleted)]
        }
        return [.updated(old: old, new: object)]
    }

    private mutating func place(_ slot: Slot) -> UInt32 {
        guard let free = freePositions.popLast() else {
            slots.append(slot)
            return UInt32(truncatingIfNeeded: slots.count - 1)
        }
        slots[Int(free)] = slot
        return free
    }

    /// Marks an object as present without a new state of it.
    public mutating func touch(_ key: ObjectKey) {
        if let position = positions[key] { slots[Int(position)].generation = generation }
    }

    /// Takes an object out, and gives the changes to tell.
    ///
    /// `last` is its last state, where that is known; otherwise the state kept here is told as the last.
    public mutating func remove(_ key: ObjectKey, last: InformedObject<Value>?) -> [InformerChange<Value>] {
        guard let position = positions.removeValue(forKey: key), let old = slots[Int(position)].object else {
            return []
        }
        revision &+= 1
        unindex(old, at: position)
        slots[Int(position)].object = nil
        freePositions.append(position)
        if positions.isEmpty { (slots, freePositions) = ([], []) }
        if let last, last.identity == old.identity { return [.deleted(last: last, isFinalStateUnknown: false)] }
        return [.deleted(last: old, isFinalStateUnknown: true)]
    }

    /// Ends a synchronisation: every object it did not show is gone.
    public mutating func completeSynchronisation() -> [InformerChange<Value>] {
        hasCompleted = true
        let gone = slots.compactMap { $0.generation == generation ? nil : $0.object?.key }
        return gone.sorted().flatMap { remove($0, last: nil) }
    }

    private mutating func index(_ object: InformedObject<Value>, at position: UInt32) {
        for (name, indexer) in indexers {
            for term in indexer(object.key, object.value) {
                if indexes[name, default: [:]][term]?.insert(position) == nil {
                    indexes[name, default: [:]][term] = .one(position)
                }
            }
        }
    }

    private mutating func unindex(_ object: InformedObject<Value>, at position: UInt32) {
        for (name, indexer) in indexers {
            for term in indexer(object.key, object.value) where indexes[name]?[term]?.remove(position) == false {
                indexes[name]?[term] = nil
            }
        }
    }
}
