public import KubernetesAPI

/// One line of a watch; `Object` is what is made of the objects.
public enum WatchNotification<Object: Sendable>: Sendable {
    /// An object that was not there before, or one of the existing objects at the start.
    case added(Object)
    /// An object changed.
    case modified(Object)
    /// An object went away or stopped matching the selectors; it carries the version of that event.
    case deleted(Object)
    /// Nothing happened up to the version of this metadata.
    case bookmark(ObjectMeta)
    /// The server reports a failure and ends the stream.
    case failed(APIError)
    /// An object was added, changed or deleted, and only its metadata can be read. `cause` says why. The name is empty
    /// when it is an object of another kind, as some proxies and servers put into a stream: nothing can be done with it.
    case unreadable(ObjectMeta, isDeletion: Bool, cause: String)
}

extension WatchNotification {
    /// Whether this bookmark closes the existing objects at the start of a watch-list.
    public var endsInitialEvents: Bool {
        guard case .bookmark(let metadata) = self else { return false }
        return metadata.annotations[ObjectHeader.initialEventsEnd] == "true"
    }

    /// The same notification with something else made of the object.
    func map<Other: Sendable>(_ change: (Object) -> Other) -> WatchNotification<Other> {
        switch self {
        case .added(let object): .added(change(object))
        case .modified(let object): .modified(change(object))
        case .deleted(let object): .deleted(change(object))
        case .bookmark(let metadata): .bookmark(metadata)
        case .failed(let error): .failed(error)
        case .unreadable(let metadata, let isDeletion, let cause):
            .unreadable(metadata, isDeletion: isDeletion, cause: cause)
        }
    }
}
