public import KubernetesAPI
import Synchronization

/// Keeps a controller from deciding by a cache that does not show yet what the controller itself has written.
///
/// Whoever writes tells the store what the server answered, and for which owner: the key whose reconcile wrote it. A
/// ``Controller`` that has the store asks it before each reconcile, and holds a key back for 50 to 200 ms as long as one
/// of the informers is behind. A child that was just created is then not created twice, and one that was just made is
/// not taken for a stray. What nobody watches here is not waited for.
public final class ConsistencyStore<Owner: Hashable & Sendable>: Sendable {
    private let caches: [ResourceType: [any WatchedResource]]
    private let clock: ElapsedClock
    private let writes: Mutex<OwnWrites<Owner>>

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - caches: the informers that reconciles read from.
    ///   - limits: how long an owner is held back.
    ///   - clock: measures `limits.patience`.
    public init(
        _ caches: [any WatchedResource],
        limits: ConsistencyLimits = ConsistencyLimits(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.caches = Dictionary(grouping: caches, by: \.resource)
        self.clock = ElapsedClock(clock)
        writes = Mutex(OwnWrites(limits))
    }

    /// The number of owners for whom something is not known to have come back through the watches.
    public var count: Int { writes.withLock(\.count) }

    /// Notes what the server returned for a write.
    ///
    /// - Parameters:
    ///   - object: the object as stored. One whose version cannot be compared is not waited for.
    ///   - owner: the key whose reconcile wrote it.
    ///   - uid: the uid of the owner, where it has one; another than before means that the owner was made anew, and
    ///     that what was written for the former one is history.
    public func wrote<Object: KubernetesObject>(_ object: Object, for owner: Owner, uid: String? = nil) {
        guard let version = object.metadata.resourceVersion.flatMap(ResourceVersion.init),
            isWatched(Object.resource, namespace: object.key.namespace)
        else { return }
        let place = OwnWrites<Owner>.Place(resource: Object.resource, namespace: object.key.namespace)
        writes.withLock { $0.wrote(version, at: place, for: owner, uid: uid, now: clock.now) }
    }

    /// Notes that an object was deleted.
    ///
    /// - Parameters:
    ///   - object: the object as last seen. One without a uid is not waited for.
    ///   - owner: the key whose reconcile deleted it.
    ///   - uid: the uid of the owner, as for ``wrote(_:for:uid:)``.
    public func deleted<Object: KubernetesObject>(_ object: Object, for owner: Owner, uid: String? = nil) {
        guard let objectUID = object.metadata.uid, isWatched(Object.resource, namespace: object.key.namespace)
        else { return }
        let deletion = OwnWrites<Owner>.Deletion(
            resource: Object.resource,
            key: object.key,
            uid: objectUID,
            version: object.metadata.resourceVersion.flatMap(ResourceVersion.init)
        )
        writes.withLock { $0.deleted(deletion, for: owner, uid: uid, now: clock.now) }
    }

    /// Forgets what was written for an owner that is gone.
    ///
    /// With a `uid` only if the owner is not known under another one by now.
    public func forget(_ owner: Owner, uid: String? = nil) { writes.withLock { $0.forget(owner, uid: uid) } }

    /// Whether the caches show everything that was written for `owner`.
    public func check(_ owner: Owner) -> ConsistencyCheck {
        writes.withLock { writes in
            let view = OwnWrites<Owner>.View(
                shows: { place, version in
                    self.caches(of: place.resource, namespace: place.namespace).allSatisfy {
                        $0.hasSeen(version, inNamespace: place.namespace)
                    }
                },
                showsDeletion: { deletion in
                    !self.caches(of: deletion.resource, namespace: deletion.key.namespace).contains {
                        $0.shows(deletion.key, uid: deletion.uid, upTo: deletion.version)
                    }
                }
            )
            return writes.check(owner, view, now: clock.now)
        }
    }

    private func caches(of resource: ResourceType, namespace: String?) -> [any WatchedResource] {
        (caches[resource] ?? []).filter { $0.covers(namespace: namespace) }
    }

    private func isWatched(_ resource: ResourceType, namespace: String?) -> Bool {
        !caches(of: resource, namespace: namespace).isEmpty
    }
}
