/// Why an input cannot be used: which one, where in it, and what to do about it.
public struct InputError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence without a full stop, without the name of the program.
    public let message: String

    /// Creates an error.
    public init(_ message: String) { self.message = message }

    /// The sentence.
    public var description: String { message }
}
