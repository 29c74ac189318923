internal import FoundationEssentials
internal import JSONModel

/// The open watches: who wants which changes, and a bounded queue to each.
struct WatchHub {
    /// One open watch.
    struct Watcher {
        var resource: GroupResource
        var filter: ObjectFilter
        var renderer: ObjectRenderer
        var wantsBookmarks: Bool
        /// Changes up to this revision are not sent.
        var after: Int64
        var sentFirst = false
        var queue: WatchQueue
    }

    private(set) var watchers: [Int: Watcher] = [:]
    private var next = 1

    mutating func add(_ watcher: Watcher) -> Int {
        let id = next
        next &+= 1
        watchers[id] = watcher
        return id
    }

    /// Ends a watch: its stream finishes after what is queued.
    mutating func remove(_ id: Int) {
        watchers.removeValue(forKey: id)?.queue.finish()
    }

    /// Ends every watch on a resource.
    mutating func removeAll(on resource: GroupResource? = nil) {
        for (id, watcher) in watchers where resource == nil || watcher.resource == resource { remove(id) }
    }

    /// Sends a change to every watch that it concerns.
    ///
    /// A watch that cannot keep up is ended, as the API server does.
    mutating func publish(_ change: Change, now: Date) {
        for (id, watcher) in watchers where watcher.resource == change.resource && change.revision > watcher.after {
            send(change, to: id, now: now)
        }
    }

    /// Sends a change to one watch, if it concerns it.
    mutating func send(_ change: Change, to id: Int, now: Date) {
        guard let watcher = watchers[id], let event = Self.event(for: change, watcher.filter) else { return }
        enqueue(watcher.renderer.eventLine(event.kind, event.object, now: now, isFirst: !watcher.sentFirst), to: id)
    }

    /// Sends an event that is no change: a bookmark or an error.
    mutating func send(_ type: String, _ object: JSONValue, to id: Int) {
        enqueue(Self.line(type, object), to: id)
    }

    private mutating func enqueue(_ line: [UInt8], to id: Int) {
        guard let watcher = watchers[id] else { return }
        watchers[id]?.sentFirst = true
        if !watcher.queue.push(line) { remove(id) }
    }

    /// An event as it is sent: the type first, as the API server writes it.
    static func line(_ type: String, _ object: JSONValue) -> [UInt8] {
        Array("{\"type\":\"\(type)\",\"object\":".utf8) + JSONSerializer().bytes(object) + Array("}\n".utf8)
    }

    /// What a change means to a watch with selectors: entering is an addition, leaving a deletion.
    static func event(for change: Change, _ filter: ObjectFilter) -> (kind: Change.Kind, object: StoredObject)? {
        guard filter.matchesNamespace(change.key.namespace) else { return nil }
        let matchesNow = change.kind != .deleted && filter.matches(change.stored)
        let matchedBefore = change.previous.map(filter.matches) ?? false
        switch (matchedBefore, matchesNow) {
        case (true, true): return (.modified, change.stored)
        case (false, true): return (.added, change.stored)
        case (true, false):
            if change.kind == .deleted { return (.deleted, change.stored) }
            // The last state that matched, under the new resource version.
            var last = APIObject((change.previous ?? change.stored).value)
            last.setMetadata("resourceVersion", .string(String(change.revision)))
            return (.deleted, StoredObject(last.value))
        case (false, false): return nil
        }
    }

    /// The object of a BOOKMARK event.
    static func bookmark(_ kind: ResourceKind, revision: Int64, endsInitialEvents: Bool) -> JSONValue {
        var metadata: [String: JSONValue] = ["resourceVersion": .string(String(revision))]
        if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        var object: [String: JSONValue] = [
            "kind": .string(kind.kind), "apiVersion": .string(kind.groupVersion), "metadata": .object(metadata),
        ]
        // The server's own types show members that an empty value of them has.
        if kind.kind == "Pod", kind.groupVersion == "v1" { object.merge(emptyPod) { own, _ in own } }
        return .object(object)
    }

    private static let emptyPod: [String: JSONValue] = ["spec": ["containers": .null], "status": [:]]
}

/// Which objects of a resource a list or watch wants.
struct ObjectFilter: Sendable {
    var kind: ResourceKind
    /// Empty: all namespaces.
    var namespace: String
    var labels: LabelSelectorExpression
    var fields: FieldSelectorExpression

    func matchesNamespace(_ other: String) -> Bool { namespace.isEmpty || namespace == other }

    func matches(_ stored: StoredObject) -> Bool { isEverything || matches(stored.value) }

    private func matches(_ object: JSONValue) -> Bool {
        (labels.isEverything || labels.matches(APIObject(object).labels))
            && (fields.isEverything || fields.matches(object, kind: kind))
    }

    var isEverything: Bool { labels.isEverything && fields.isEverything }
}
