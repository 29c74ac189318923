public import KubernetesAPI

/// One line of a watch.
public enum WatchNotification<Object: KubernetesObject>: Sendable {
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
    /// An object was added, changed or deleted, and only its metadata can be read. `cause` says why.
    case unreadable(ObjectMeta, isDeletion: Bool, cause: String)
}

extension WatchNotification {
    /// Whether this bookmark closes the existing objects at the start of a watch-list.
    public var endsInitialEvents: Bool {
        guard case .bookmark(let metadata) = self else { return false }
        return metadata.annotations["k8s.io/initial-events-end"] == "true"
    }
}
