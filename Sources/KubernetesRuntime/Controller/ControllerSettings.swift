/// How a controller works.
public struct ControllerSettings: Sendable, Hashable {
    /// The number of keys worked on at the same time.
    ///
    /// Default 1.
    public var workers: Int
    /// How long the caches may take to fill.
    ///
    /// Default 2 min.
    public var cacheSyncTimeout: Duration
    /// How long the work on one key may take before it is cancelled and counts as failed; `nil` for no limit.
    public var reconcileTimeout: Duration?

    /// Creates settings.
    public init(workers: Int = 1, cacheSyncTimeout: Duration = .seconds(120), reconcileTimeout: Duration? = nil) {
        self.workers = workers
        self.cacheSyncTimeout = cacheSyncTimeout
        self.reconcileTimeout = reconcileTimeout
    }
}

/// A controller could not work.
public struct ControllerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it was.
    public enum Code: String, Sendable, Hashable {
        /// The caches were not filled in time.
        case cachesNotSynced
        /// The work on a key took too long.
        case reconcileTimedOut
    }

    /// What kind of trouble it was.
    public let code: Code
    /// A sentence that says what happened.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
