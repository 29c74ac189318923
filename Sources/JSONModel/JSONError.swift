/// Why a text is not acceptable JSON, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was found wrong.
    public enum Problem: Sendable, Hashable {
        /// A byte that cannot stand here, or a word that is no literal.
        case unexpectedByte
        /// The text ends inside a value.
        case unexpectedEnd
        /// Something follows the value.
        case trailingContent
        /// A number outside the grammar of RFC 8259 §6, or not finite.
        case invalidNumber
        /// A malformed escape, a lone surrogate, a raw control character or invalid UTF-8 inside a string.
        case invalidString
        /// The same member twice in one object, where that is refused.
        case duplicateKey(String)
        /// A value of another kind than was asked for; the word says what was asked for.
        case wrongKind(String)
        /// A limit of ``JSONLimits`` was reached; the word says which.
        case limitExceeded(String)
    }

    /// What was found wrong.
    public let problem: Problem
    /// The byte at which it was found, from 0.
    public let offset: Int

    /// Creates an error.
    public init(_ problem: Problem, offset: Int) {
        self.problem = problem
        self.offset = offset
    }

    /// One sentence for people.
    public var description: String {
        let what =
            switch problem {
            case .unexpectedByte: "unexpected character"
            case .unexpectedEnd: "the text ends too early"
            case .trailingContent: "unexpected content after the value"
            case .invalidNumber: "malformed number"
            case .invalidString: "malformed string"
            case .duplicateKey(let key): "duplicate member \"\(key.prefix(64))\""
            case .wrongKind(let kind): "expected \(kind)"
            case .limitExceeded(let limit): "too large: \(limit)"
            }
        return "\(what) at byte \(offset)"
    }
}
