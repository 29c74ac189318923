/// Why bytes that claim to be signing material are not acceptable.
///
/// The message is a clause for people ("the protected header is not valid JSON: …"), without the bytes themselves.
public struct SigningFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The bytes do not follow the format.
        case malformed
        /// A bound of ``SigningLimits`` was reached.
        case limitExceeded
        /// A format, signing scheme or content type that is not known here.
        case unsupported
        /// The signature algorithm is not one of the allowed ones or not the one that the key demands.
        case algorithm
        /// The key is of a kind or size that may not sign.
        case key
        /// The list of critical headers breaks a rule, or a header that must be critical is not.
        case criticalHeaders
        /// A header that the scheme demands is missing, or one that it forbids is there.
        case header
        /// A certificate cannot be read.
        case certificate
        /// The certificates do not form a chain, or one of them breaks a rule for its place.
        case chain
        /// The signature does not match what it claims to sign.
        case signature
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong, in words for people.
    public let message: String

    /// Creates an error.
    ///
    /// What the message quotes is made fit to be shown.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = DisplayText.printable(message)
    }

    /// The message.
    public var description: String { message }
}
