import KubernetesAPI

/// What was written for each owner and is not known to have come back through the watches, as a value.
///
/// For each owner and resource the highest version that was written counts (as in the consistency store of
/// kube-controller-manager, `pkg/controller/util/consistency`), and every object that was deleted. Times are durations
/// since an origin the caller chooses, on a monotonic clock.
struct OwnWrites<Owner: Hashable & Sendable>: Sendable {
    /// Where versions can be compared: one resource, in one namespace or in none.
    struct Place: Hashable, Sendable {
        var resource: ResourceType
        var namespace: String?
    }

    /// An object that was deleted.
    struct Deletion: Hashable, Sendable {
        var resource: ResourceType
        var key: ObjectKey
        var uid: String
        /// The version that was deleted, as far as known.
        var version: ResourceVersion?
    }

    /// Whether a cache shows what was written.
    struct View {
        var shows: (Place, ResourceVersion) -> Bool
        var showsDeletion: (Deletion) -> Bool
    }

    private struct Record: Sendable {
        var uid: String?
        var versions: [Place: ResourceVersion] = [:]
        var deletions: Set<Deletion> = []
        var lastWrite: Duration = .zero
        var checks = 0

        var description: String {
            let writes = versions.map { place, version in
                "\(place.resource)\(place.namespace.map { " in \($0)" } ?? "") at \(version)"
            }
            return (writes.sorted() + deletions.map { "no \($0.resource) \($0.key)" }.sorted())
                .joined(separator: ", ")
        }
    }

    private let limits: ConsistencyLimits
    private var records: [Owner: Record] = [:]

    init(_ limits: ConsistencyLimits) { self.limits = limits }

    /// The number of owners for whom something is not known to have come back.
    var count: Int { records.count }

    /// Notes a write.
    ///
    /// Another `uid` than before means that the owner was made anew: what was written for the former one is history.
    mutating func wrote(_ version: ResourceVersion, at place: Place, for owner: Owner, uid: String?, now: Duration) {
        change(owner, uid: uid, now: now) { record in
            record.versions[place] = max(record.versions[place] ?? version, version)
        }
    }

    mutating func deleted(_ deletion: Deletion, for owner: Owner, uid: String?, now: Duration) {
        change(owner, uid: uid, now: now) { $0.deletions.insert(deletion) }
    }

    /// Forgets an owner, or does nothing when it is known under another uid by now.
    mutating func forget(_ owner: Owner, uid: String?) {
        if let uid, let known = records[owner]?.uid, known != uid { return }
        records[owner] = nil
    }

    /// Whether everything that was written for `owner` has come back; what has is forgotten.
    mutating func check(_ owner: Owner, _ view: View, now: Duration) -> ConsistencyCheck {
        guard var record = records[owner] else { return .consistent }
        record.versions = record.versions.filter { !view.shows($0.key, $0.value) }
        record.deletions = record.deletions.filter { !view.showsDeletion($0) }
        guard !record.versions.isEmpty || !record.deletions.isEmpty else {
            records[owner] = nil
            return .consistent
        }
        guard now - record.lastWrite < limits.patience else {
            records[owner] = nil
            return .givenUp(missing: record.description)
        }
        let delay = min(limits.firstDelay * (1 << min(record.checks, 20)), limits.longestDelay)
        record.checks &+= 1
        records[owner] = record
        return .stale(missing: record.description, delay: delay)
    }

    private mutating func change(_ owner: Owner, uid: String?, now: Duration, _ body: (inout Record) -> Void) {
        var record = records[owner] ?? Record()
        if let uid, let known = record.uid, known != uid { record = Record() }
        record.uid = uid ?? record.uid
        record.lastWrite = now
        record.checks = 0
        body(&record)
        records[owner] = record
    }
}
