public import KubernetesAPI

extension InformerChange {
    /// How urgently a controller should look at what changed: objects that were there before are of
    /// ``WorkPriority/low`` priority, so that they do not hold up what happens now.
    public var workPriority: WorkPriority {
        switch self {
        case .added(_, let isInitial): isInitial ? .low : .normal
        // The same version again is no change.
        case .updated(let old, let new): old.resourceVersion == new.resourceVersion ? .low : .normal
        case .deleted: .normal
        }
    }
}

extension Informer {
    /// Adds to `queue` what every change calls for.
    ///
    /// - Parameters:
    ///   - queue: the queue of the controller that is to look.
    ///   - delay: how long changes are gathered before the controller looks.
    ///   - synchronised: the keys that a whole comparison with the server calls for, whatever changed: of what could not be
    ///     done while the server did not have the kind. Default none.
    ///   - keys: the keys that a change calls for; none when nobody needs to look. Quick, and the same for equal changes.
    public func feed<Key>(
        _ queue: WorkQueue<Key>,
        after delay: Duration = .zero,
        synchronised: @escaping @Sendable () -> [Key] = { [] },
        _ keys: @escaping @Sendable (InformerChange<Value>) -> Set<Key>
    ) {
        addHandler(synchronised: { for key in synchronised() { queue.add(key, priority: .low) } }) { change in
            for key in keys(change) { queue.add(key, after: delay, priority: change.workPriority) }
        }
    }

    /// Adds to `queue` the key of every object that changes.
    public func feed(_ queue: WorkQueue<ObjectKey>) {
        feed(queue) { [$0.key] }
    }
}
