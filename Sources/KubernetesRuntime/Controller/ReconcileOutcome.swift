/// How the work on a key ended, when it did not fail.
public enum ReconcileOutcome: Sendable, Hashable {
    /// Nothing is left to do until something changes.
    case done
    /// Look again after a time, unless something changes earlier.
    case requeue(after: Duration)
    /// Look again soon, with the delay of a failure but without being one.
    case retry
}

/// A failure that trying again will not cure.
///
/// The key is not worked on again until something changes.
public struct TerminalReconcileError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let underlying: any Error

    /// Creates a terminal error.
    public init(_ underlying: any Error) { self.underlying = underlying }

    /// The underlying error's sentence.
    public var description: String { String(describing: underlying) }
}
