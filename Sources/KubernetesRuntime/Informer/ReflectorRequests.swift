/// One page of a list that a reflector wants.
public struct ReflectorListRequest: Sendable, Hashable {
    /// The page size; `nil` for everything at once.
    public var limit: Int?
    /// The token of the previous page; `nil` for the first.
    public var continueToken: String?

    /// Creates a request.
    public init(limit: Int? = nil, continueToken: String? = nil) {
        self.limit = limit
        self.continueToken = continueToken
    }
}

/// A watch that a reflector wants.
public struct ReflectorWatchRequest: Sendable, Hashable {
    /// The version to continue from; empty for the most recent.
    public var resourceVersion: String
    /// Whether the stream begins with the existing objects (`sendInitialEvents`, with
    /// `resourceVersionMatch=NotOlderThan`) and marks their end with a bookmark.
    public var sendsInitialEvents: Bool
    /// After how many seconds the server shall end the stream.
    public var timeoutSeconds: Int

    /// Creates a request.
    public init(resourceVersion: String, sendsInitialEvents: Bool, timeoutSeconds: Int) {
        self.resourceVersion = resourceVersion
        self.sendsInitialEvents = sendsInitialEvents
        self.timeoutSeconds = timeoutSeconds
    }
}

/// One line of a watch, as far as it decides what to do next.
public enum ReflectorEvent: Sendable, Hashable {
    /// An object that was not there before, or one of the existing objects at the start of a watch-list.
    case added(resourceVersion: String)
    /// An object changed.
    case modified(resourceVersion: String)
    /// An object went away, or stopped matching the selectors; the version is that of the event.
    case deleted(resourceVersion: String)
    /// Nothing happened up to this version.
    case bookmark(resourceVersion: String, endsInitialEvents: Bool)
    /// The server reports a failure and is about to end the stream.
    case failed(ReflectorFailure)
}
