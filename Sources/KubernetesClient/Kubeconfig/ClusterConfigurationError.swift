/// It is not clear how to reach a cluster.
public struct ClusterConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it was.
    public enum Code: String, Sendable, Hashable {
        /// There is no configuration at all.
        case notFound
        /// A file cannot be read.
        case unreadable
        /// A file, or an entry of it, does not say what it must.
        case malformed
        /// The context, cluster or user that is asked for does not exist.
        case noSuchEntry
        /// Entries contradict each other.
        case contradictory
        /// The configuration needs something this client does not do.
        case unsupported
    }

    /// What kind of trouble it was.
    public let code: Code
    /// A sentence that names the file and the entry, and says what to do.
    ///
    /// Free of secrets.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
