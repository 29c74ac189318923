public import KubernetesAPI

/// What an informer keeps of one object.
public struct InformedObject<Value: Sendable>: Sendable {
    /// Namespace and name.
    public let key: ObjectKey
    /// The object's uid; differs when it was deleted and made again under its name.
    public var uid: String { identity.description }
    /// The same, without making a text of it.
    public let identity: ObjectUID
    /// The version this was made from.
    public let resourceVersion: String
    /// The projection of the object.
    public let value: Value

    /// Creates the record of an object.
    public init(key: ObjectKey, uid: String, resourceVersion: String, value: Value) {
        self.key = key
        self.identity = ObjectUID(uid)
        self.resourceVersion = resourceVersion
        self.value = value
    }
}

/// What happened to an object, as an informer saw it.
public enum InformerChange<Value: Sendable>: Sendable {
    /// It is there. `isInitial` tells the objects of the first synchronisation, or of a handler's replay, from later
    /// ones.
    case added(InformedObject<Value>, isInitial: Bool)
    /// It changed. Both have the same uid: an object that was deleted and made again is `deleted` and `added`.
    case updated(old: InformedObject<Value>, new: InformedObject<Value>)
    /// It is gone. When `isFinalStateUnknown` the deletion itself was missed, and `last` may be older than its last
    /// state.
    case deleted(last: InformedObject<Value>, isFinalStateUnknown: Bool)

    /// The object's key.
    public var key: ObjectKey {
        switch self {
        case .added(let object, _): object.key
        case .updated(_, let new): new.key
        case .deleted(let last, _): last.key
        }
    }
}
