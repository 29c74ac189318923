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
    /// How long ago the last change or bookmark came; `nil` before the first.
    public var timeSinceEvent: Duration?
    /// Why the last attempt failed; `nil` when it did not.
    public var lastFailure: String?
    /// How often an object could not be decoded.
    public var unreadableObjects = 0
    /// How often everything was synchronised anew.
    public var synchronisations = 0
    /// How many pages of lists were asked for.
    public var lists = 0
    /// How many watches were opened.
    public var watches = 0
    /// The most changes that one of the handlers has not been told yet.
    public var backlog = 0

    /// Whether the copy can be relied on: it is complete, and the server was heard of within `limit`.
    ///
    /// A server sends a bookmark about once a minute, so that five minutes of silence mean that something is wrong.
    public func isCurrent(within limit: Duration = .seconds(300)) -> Bool {
        guard hasSynced, let timeSinceContact else { return false }
        return timeSinceContact <= limit
    }
}
