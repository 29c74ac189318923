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
