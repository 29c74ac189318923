internal import JSONModel

/// What a commit did to one object.
struct Change: Sendable {
    enum Kind: String, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    var kind: Kind
    var resource: GroupResource
    var key: ObjectKey
    /// The object after the change; for a deletion the last state, carrying the deletion's resource version.
    var stored: StoredObject
    /// The object before the change.
    var previous: StoredObject?
    var revision: Int64

    /// ``stored`` as a tree.
    var object: JSONValue { stored.value }
}

/// The objects of one resource, with the recent changes that watches may replay.
struct ResourceTable: Sendable {
    var objects: [ObjectKey: StoredObject] = [:]
    private(set) var sortedKeys: [ObjectKey] = []
    private var keysAreSorted = true
    private(set) var changes: [Change] = []
    private var firstChange = 0
    /// Changes up to and including this revision can no longer be replayed.
    var compacted: Int64 = 0
    /// Past states kept for pagination, oldest first.
    var snapshots: [(revision: Int64, objects: [ObjectKey: StoredObject], keys: [ObjectKey])] = []

    mutating func keys() -> [ObjectKey] {
        if !keysAreSorted {
            sortedKeys = objects.keys.sorted()
            keysAreSorted = true
        }
        return sortedKeys
    }

    mutating func put(_ object: StoredObject, at key: ObjectKey) -> StoredObject? {
        let previous = objects.updateValue(object, forKey: key)
        if previous == nil { keysAreSorted = false }
        return previous
    }

    mutating func remove(_ key: ObjectKey) -> StoredObject? {
        guard let previous = objects.removeValue(forKey: key) else { return nil }
        keysAreSorted = false
        return previous
    }

    mutating func append(_ change: Change, capacity: Int) {
        changes.append(change)
        forgetTrees()
        guard changes.count - firstChange > capacity else { return }
        compacted = changes[firstChange].revision
        firstChange += 1
        if firstChange > capacity {
            changes.removeFirst(firstChange)
            firstChange = 0
        }
    }

    /// Of changes that every watch will have been told of, the states that are no longer there keep their text alone.
    private func forgetTrees() {
        let index = changes.count - 1 - Self.changesWithTrees
        guard index >= firstChange else { return }
        let change = changes[index]
        change.previous?.forgetTree()
        if change.kind == .deleted { change.stored.forgetTree() }
    }

    /// How many of the latest changes keep the trees of their states.
    private static let changesWithTrees = 64

    /// The changes after `revision`, oldest first; `nil` when some of them are gone.
    func changes(after revision: Int64) -> ArraySlice<Change>? {
        guard revision >= compacted else { return nil }
        let live = changes[firstChange...]
        guard let start = live.firstIndex(where: { $0.revision > revision }) else { return [] }
        return live[start...]
    }

    mutating func compact(through revision: Int64) {
        let live = changes[firstChange...]
        changes = Array(live.drop { $0.revision <= revision })
        firstChange = 0
        compacted = max(compacted, revision)
        snapshots.removeAll { $0.revision <= revision }
    }
}

/// Everything the cluster holds: objects by resource, one revision counter for all, the owner graph.
struct ObjectStore: Sendable {
    private(set) var revision: Int64
    private(set) var tables: [GroupResource: ResourceTable] = [:]
    private(set) var references: [String: ObjectReference] = [:]
    /// For each owner's uid, the objects that name it.
    private(set) var dependents: [String: Set<ObjectReference>] = [:]
    let historyCapacity: Int
    private let firstRevision: Int64

    init(firstRevision: Int64 = 1, historyCapacity: Int) {
        self.revision = firstRevision
        self.firstRevision = firstRevision
        self.historyCapacity = historyCapacity
    }

    func object(_ resource: GroupResource, _ key: ObjectKey) -> JSONValue? { tables[resource]?.objects[key]?.value }

    func object(_ reference: ObjectReference) -> JSONValue? { object(reference.resource, reference.key) }

    mutating func keys(_ resource: GroupResource) -> [ObjectKey] {
        tables[resource, default: ResourceTable()].keys()
    }

    func count(_ resource: GroupResource) -> Int { tables[resource]?.objects.count ?? 0 }

    /// Stores an object under a fresh resource version.
    mutating func put(_ object: JSONValue, in resource: GroupResource, at key: ObjectKey) -> Change {
        let stored = versioned(object, keepsTree: true)
        let previous = tables[resource, default: ResourceTable()].put(stored, at: key)
        let change = Change(
            kind: previous == nil ? .added : .modified,
            resource: resource,
            key: key,
            stored: stored,
            previous: previous,
            revision: revision
        )
        tables[resource]?.append(change, capacity: historyCapacity)
        relink(previous?.value, stored.value, ObjectReference(resource: resource, key: key))
        return change
    }

    /// Stores objects whose text alone is kept, as if they had always been there: no watch hears of them.
    mutating func load(_ objects: [(key: ObjectKey, value: JSONValue)], into resource: GroupResource) {
        var table = tables.removeValue(forKey: resource) ?? ResourceTable()
        for (key, value) in objects {
            let stored = versioned(value, keepsTree: false)
            let previous = table.put(stored, at: key)
            relink(previous?.value, value, ObjectReference(resource: resource, key: key))
        }
        // What came before cannot be told from these.
        table.compact(through: revision)
        tables[resource] = table
    }

    /// The next state of an object, under a fresh resource version.
    private mutating func versioned(_ object: JSONValue, keepsTree: Bool) -> StoredObject {
        revision &+= 1
        var wrapped = APIObject(object)
        wrapped.setMetadata("resourceVersion", .string(String(revision)))
        return StoredObject(wrapped.value, keepsTree: keepsTree)
    }

    /// Removes an object; the change carries its last state under a fresh resource version.
    mutating func remove(_ resource: GroupResource, _ key: ObjectKey, lastState: JSONValue? = nil) -> Change? {
        guard let previous = tables[resource]?.remove(key) else { return nil }
        let last = versioned(lastState ?? previous.value, keepsTree: true)
        let change = Change(
            kind: .deleted,
            resource: resource,
            key: key,
            stored: last,
            previous: previous,
            revision: revision
        )
        tables[resource]?.append(change, capacity: historyCapacity)
        relink(previous.value, nil, ObjectReference(resource: resource, key: key))
        return change
    }

    /// A past or present state of a resource, kept for the pages that follow.
    mutating func snapshot(_ resource: GroupResource) -> (objects: [ObjectKey: StoredObject], keys: [ObjectKey]) {
        var table = tables[resource] ?? ResourceTable()
        let keys = table.keys()
        tables[resource] = table
        return (table.objects, keys)
    }

    mutating func retainSnapshot(_ resource: GroupResource, limit: Int) {
        var table = tables[resource] ?? ResourceTable()
        if table.snapshots.last?.revision != revision {
            let keys = table.keys()
            table.snapshots.append((revision, table.objects, keys))
            if table.snapshots.count > limit { table.snapshots.removeFirst(table.snapshots.count - limit) }
        }
        tables[resource] = table
    }

    func retainedSnapshot(
        _ resource: GroupResource,
        at revision: Int64
    ) -> (objects: [ObjectKey: StoredObject], keys: [ObjectKey])? {
        tables[resource]?.snapshots.first { $0.revision == revision }.map { ($0.objects, $0.keys) }
    }

    /// The changes of a resource after `revision`; `nil` when they are no longer all there.
    func changes(_ resource: GroupResource, after revision: Int64) -> ArraySlice<Change>? {
        guard let table = tables[resource] else { return revision >= 0 ? [] : nil }
        return table.changes(after: revision)
    }

    func compactedRevision(_ resource: GroupResource) -> Int64 { tables[resource]?.compacted ?? 0 }

    /// Forgets the history of every resource up to `revision` (the present one when `nil`).
    mutating func compact(through revision: Int64? = nil) {
        let limit = revision ?? self.revision
        for resource in Array(tables.keys) { tables[resource]?.compact(through: limit) }
    }

    /// The store as it was at `revision`, as far as one resource is concerned and its history reaches.
    func rewound(_ resource: GroupResource, to revision: Int64) -> ObjectStore {
        var past = self
        let target = max(revision, compactedRevision(resource))
        guard target < self.revision else { return past }
        past.revision = target
        for change in (changes(resource, after: target) ?? []).reversed() {
            if let previous = change.previous {
                _ = past.tables[resource]?.put(previous, at: change.key)
            } else {
                _ = past.tables[resource]?.remove(change.key)
            }
        }
        return past
    }

    private mutating func relink(_ old: JSONValue?, _ new: JSONValue?, _ reference: ObjectReference) {
        if let old {
            let object = APIObject(old)
            if new == nil { references.removeValue(forKey: object.uid) }
            for owner in object.owners {
                dependents[owner.uid]?.remove(reference)
                if dependents[owner.uid]?.isEmpty == true { dependents.removeValue(forKey: owner.uid) }
            }
        }
        if let new {
            let object = APIObject(new)
            references[object.uid] = reference
            for owner in object.owners { dependents[owner.uid, default: []].insert(reference) }
        }
    }
}
