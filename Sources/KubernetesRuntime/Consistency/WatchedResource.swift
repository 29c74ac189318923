public import KubernetesAPI
import KubernetesClient

/// A copy of one resource that a ``ConsistencyStore`` can ask what it shows.
public protocol WatchedResource: VersionedCache {
    /// The resource it holds.
    var resource: ResourceType { get }
    /// Whether it holds objects of `namespace`; `nil` stands for cluster-scoped objects.
    func covers(namespace: String?) -> Bool
    /// Whether it still shows an object as it was before its deletion.
    ///
    /// - Parameters:
    ///   - key: the object's key.
    ///   - uid: its uid: another object under the key is not meant.
    ///   - version: the last version before the deletion; a later one, as of an object whose finalizers are at work, is
    ///     not meant either. `nil`: any version is.
    /// - Returns: `false` also when the object was never shown.
    func shows(_ key: ObjectKey, uid: String, upTo version: ResourceVersion?) -> Bool
}

extension Informer: WatchedResource {
    /// The resource whose objects this informer holds.
    public var resource: ResourceType { Object.resource }

    /// Whether objects of `namespace` are selected.
    public func covers(namespace: String?) -> Bool {
        selection.namespace == nil || selection.namespace == namespace
    }

    /// Whether the object is held with this uid, at `version` or earlier.
    public func shows(_ key: ObjectKey, uid: String, upTo version: ResourceVersion?) -> Bool {
        guard let object = object(key), object.uid == uid else { return false }
        guard let version, let shown = ResourceVersion(object.resourceVersion) else { return true }
        return shown <= version
    }
}
