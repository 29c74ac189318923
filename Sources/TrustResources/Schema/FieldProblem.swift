/// Something in an object that its schema does not allow.
public struct FieldProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where, such as `spec.authorities[0].notary.level`; empty for the object as a whole.
    public let path: String
    /// What is wrong and what is allowed.
    public let message: String

    /// Creates a problem.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    /// `path: message`.
    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
