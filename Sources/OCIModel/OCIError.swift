/// Why a reference, digest, descriptor or manifest is not acceptable.
public struct OCIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of thing was wrong.
    public enum Code: String, Sendable, Hashable {
        /// The image reference breaks the grammar or a length bound.
        case invalidReference
        /// The digest is not `algorithm:hex` with an accepted algorithm, lower-case hex and the right length.
        case invalidDigest
        /// The manifest or index is malformed, ambiguous or of another type than announced.
        case invalidManifest
        /// A descriptor lacks a member or has one out of bounds.
        case invalidDescriptor
    }

    /// What kind of thing was wrong.
    public let code: Code
    /// A sentence that names the offending part.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    public var description: String { message }
}
