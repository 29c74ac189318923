/// How an informer is doing.
public struct InformerStatus: Sendable, Hashable {
    /// Whether the first synchronisation is complete.
    public var hasSynced = false
    /// The version up to which the copy is complete.
    public var resourceVersion = ""
    /// The number of objects.
    public var objectCount = 0
    /// How long ago the server last said something for this informer that could be read; `nil` when it never did.
    ///
    /// A watch that lasted and ended well counts as a word at its beginning.
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

    /// How long a copy may go without a word from the server before it counts as stale: five minutes.
    ///
    /// Servers send a bookmark about once a minute, and a silent watch is opened again after 90 s.
    public static let longestSilence = Duration.seconds(300)

    /// Whether the copy can be relied on: it is complete, and the server was heard of within `limit`.
    public func isCurrent(within limit: Duration = longestSilence) -> Bool {
        guard hasSynced, let timeSinceContact else { return false }
        return timeSinceContact <= limit
    }
}
