/// Why bytes are no archive that is read here, or files make none.
public struct ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A clause that says what is wrong, and where.
    public let message: String

    /// Creates an error.
    public init(_ message: String) { self.message = message }

    /// The clause.
    public var description: String { message }
}
