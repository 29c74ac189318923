public import KubernetesAPI

/// The API server answered, and its answer is a failure (or could not be understood).
public struct APIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why, in the API's own words (`reason` of a `Status`).
    ///
    /// The same HTTP status can have several reasons.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The constant.
        public let rawValue: String
        /// Creates a code; unknown ones are kept as they are.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 400.
        public static let badRequest = Code(rawValue: "BadRequest")
        /// 401.
        public static let unauthorized = Code(rawValue: "Unauthorized")
        /// 403.
        public static let forbidden = Code(rawValue: "Forbidden")
        /// 404: no such object, or no such kind.
        public static let notFound = Code(rawValue: "NotFound")
        /// 405.
        public static let methodNotAllowed = Code(rawValue: "MethodNotAllowed")
        /// 406.
        public static let notAcceptable = Code(rawValue: "NotAcceptable")
        /// 409 for a creation.
        public static let alreadyExists = Code(rawValue: "AlreadyExists")
        /// 409 for a change: the object moved on, or a precondition does not hold.
        public static let conflict = Code(rawValue: "Conflict")
        /// 410.
        public static let gone = Code(rawValue: "Gone")
        /// 410: the resource version or the continue token is too old.
        public static let expired = Code(rawValue: "Expired")
        /// 413.
        public static let requestEntityTooLarge = Code(rawValue: "RequestEntityTooLarge")
        /// 415.
        public static let unsupportedMediaType = Code(rawValue: "UnsupportedMediaType")
        /// 422.
        public static let invalid = Code(rawValue: "Invalid")
        /// 429.
        public static let tooManyRequests = Code(rawValue: "TooManyRequests")
        /// 500.
        public static let internalError = Code(rawValue: "InternalError")
        /// 503.
        public static let serviceUnavailable = Code(rawValue: "ServiceUnavailable")
        /// 504.
        public static let timeout = Code(rawValue: "Timeout")
        /// Any other failure.
        public static let unknown = Code(rawValue: "Unknown")
        /// A success whose body could not be understood.
        public static let malformedResponse = Code(rawValue: "MalformedResponse")
    }

    /// Why.
    public let code: Code
    /// The HTTP status, or the code of a `Status` that came inside a stream.
    public let httpStatus: Int
    /// A sentence that says what was asked and what came back.
    public let message: String
    /// What the failure is about, where the server says.
    public let details: StatusFailure.Details?
    /// How long the server asks to wait.
    public let retryAfter: Duration?
    /// With an expired list: a token with which the list can go on, at the price of consistency.
    public let continueToken: String?
    /// The request's entry in the server's audit log (`Audit-Id`), where there was one.
    ///
    /// Not part of the sentence: it is another one each time, and sentences are compared.
    public var auditID: String?

    /// Creates an error.
    public init(
        _ code: Code,
        httpStatus: Int,
        message: String,
        details: StatusFailure.Details? = nil,
        retryAfter: Duration? = nil,
        continueToken: String? = nil
    ) {
        self.code = code
        self.httpStatus = httpStatus
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
        self.continueToken = continueToken
    }

    /// The sentence.
    public var description: String { message }

    /// Whether a resource version or continue token is too old.
    public var isExpired: Bool { httpStatus == 410 || code == .expired || code == .gone }

    /// Whether a resource version is ahead of what the server has.
    public var isResourceVersionTooLarge: Bool { hasCause("ResourceVersionTooLarge") }

    /// Whether the namespace is being deleted: creating in it again is pointless.
    public var isNamespaceTerminating: Bool { hasCause("NamespaceTerminating") }

    private func hasCause(_ reason: String) -> Bool {
        details?.causes?.contains { $0.reason == reason } ?? false
    }
}
