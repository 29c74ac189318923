public import Yams

/// What is wrong with a text that should be YAML, or with a node of one, and where.
public struct YAMLProblem: Error, Sendable, Equatable {
    /// What is wrong.
    ///
    /// No line of the text is quoted, for it may hold a secret; a key that is written twice is named.
    public let message: String
    /// The line, counted from 1; `nil` where the problem is no single line's.
    public let line: Int?
    /// The column, counted from 1; `nil` where the problem is a whole line's.
    public let column: Int?

    /// Creates one.
    ///
    /// - Parameters:
    ///   - message: what is wrong.
    ///   - line: the line, counted from 1.
    ///   - column: the column, counted from 1.
    public init(_ message: String, line: Int? = nil, column: Int? = nil) {
        self.message = message
        self.line = line
        self.column = column
    }

    /// Creates one about a node.
    ///
    /// - Parameters:
    ///   - message: what is wrong.
    ///   - node: where.
    public init(_ message: String, at node: Node) {
        self.init(message, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }
}
