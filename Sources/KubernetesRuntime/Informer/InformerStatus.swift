/// How an informer is doing.
public struct InformerStatus: Sendable, Hashable {
    /// Whether the first synchronisation is complete.
    public var hasSynced = false
    /// The version up to which the copy is complete.
    public var resourceVersion = ""
    /// The number of objects.
    public var objectCount = 0
    /// How long ago the server was last heard of on this informer's behalf; `nil` when it never was.
    public var timeSinceContact: Duration?
    /// Why the last attempt failed; `nil` when it did not.
    public var lastFailure: String?
    /// How often an object could not be decoded.
    public var unreadableObjects = 0
    /// How often everything was synchronised anew.
    public var synchronisations = 0
}
