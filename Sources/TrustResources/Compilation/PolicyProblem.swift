/// Why a policy cannot be applied: where, what is wrong, and what to write instead.
public struct PolicyProblem: Sendable, Hashable, CustomStringConvertible {
    /// Who has to act.
    public enum Kind: Sendable, Hashable {
        /// The policy itself must be changed.
        case invalid
        /// Something that the policy refers to cannot be read at present.
        case unresolved
    }

    /// Who has to act.
    public let kind: Kind
    /// Where, such as `spec.authorities[0].notary.level`.
    public let field: String
    /// What is wrong and what to do.
    public let message: String

    /// Creates a problem.
    public init(_ kind: Kind, field: String, message: String) {
        self.kind = kind
        self.field = field
        self.message = message
    }

    /// `field: message`.
    public var description: String { "\(field): \(message)" }
}

/// Everything that keeps a policy from being applied; never empty.
public struct PolicyProblems: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems, in the order of the fields.
    public let problems: [PolicyProblem]

    /// Creates the error.
    public init(_ problems: [PolicyProblem]) { self.problems = problems }

    /// Whether the policy itself is in order and only something it refers to is missing.
    public var isUnresolved: Bool { problems.allSatisfy { $0.kind == .unresolved } }

    /// The problems, separated by semicolons; of many only the first four.
    public var description: String {
        let shown = problems.prefix(4).map(\.description).joined(separator: "; ")
        return problems.count > 4 ? "\(shown); and \(problems.count - 4) more" : shown
    }
}
