/// Why a registry did not give what it was asked for.
public struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it was.
    ///
    /// Absence and outage are never the same code.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// No connection, or it broke.
        case unreachable
        /// The connection cannot be trusted: certificate, plain HTTP instead of TLS, a redirect or a token service that
        /// must not be followed.
        case insecure
        /// Nobody may read this without credentials, or the credentials were refused (401).
        case unauthorized
        /// The credentials are known and not sufficient (403).
        case forbidden
        /// Credentials exist but cannot be obtained, as from a credential helper.
        case credentialsUnavailable
        /// The repository is there, the manifest or blob is not; or the registry does not say which (404).
        case notFound
        /// The registry says that it has no such repository (404, `NAME_UNKNOWN`).
        case repositoryNotFound
        /// Too many requests (429).
        case throttled
        /// The registry failed (5xx).
        case serverError
        /// The registry refused the request for another reason (other 4xx).
        case refused
        /// The answer breaks the protocol or the format of manifests.
        case malformed
        /// The bytes are not those the digest or the size speaks of.
        case digestMismatch
        /// The answer is larger, or longer, than what is accepted.
        case tooLarge
        /// A time limit passed.
        case timedOut
        /// The task was cancelled.
        case cancelled
    }

    /// What kind of trouble it was.
    public let code: Code
    /// A sentence that names registry, repository and cause, free of secrets.
    public let message: String
    /// The registry asked, as written in the reference: `host[:port]`.
    public let host: String
    /// The repository asked for, below the registry; empty when none was.
    public let repository: String
    /// How long the registry asks to be left alone.
    public let retryAfter: Duration?
    /// Whether nothing was asked: the host is left alone for a while, or its allowance is used up.
    public let isHeldBack: Bool

    /// Creates an error.
    public init(
        _ code: Code,
        _ message: String,
        host: String,
        repository: String,
        retryAfter: Duration? = nil,
        isHeldBack: Bool = false
    ) {
        self.code = code
        self.message = message
        self.host = host
        self.repository = repository
        self.retryAfter = retryAfter
        self.isHeldBack = isHeldBack
    }

    /// The sentence.
    public var description: String { message }

    /// Whether the same request may well succeed later: the registry or the network was at fault, not the request.
    public var isTransient: Bool {
        switch code {
        case .unreachable, .throttled, .serverError, .timedOut: true
        default: false
        }
    }

    /// Whether it says that something is not there, rather than that it could not be seen.
    public var isAbsence: Bool { code == .notFound || code == .repositoryNotFound }
}
