/// The API's own answer about a request, mostly a failure (`metav1.Status`).
public struct StatusFailure: Sendable, Hashable, Codable {
    /// One cause among several.
    public struct Cause: Sendable, Hashable, Codable {
        /// A constant such as `FieldValueInvalid`.
        public var reason: String?
        /// A sentence.
        public var message: String?
        /// The field it is about.
        public var field: String?
    }

    /// What the request was about.
    public struct Details: Sendable, Hashable, Codable {
        /// The object's name.
        public var name: String?
        /// The object's group.
        public var group: String?
        /// The object's kind, or plural resource name.
        public var kind: String?
        /// The object's uid.
        public var uid: String?
        /// The causes.
        public var causes: [Cause]?
        /// When to try again.
        public var retryAfterSeconds: Int?
    }

    /// List metadata: a continue token may come with an expired list.
    public struct Metadata: Sendable, Hashable, Codable {
        /// Where an interrupted list may go on.
        public var `continue`: String?
    }

    /// `Failure` or `Success`.
    public var status: String?
    /// A sentence.
    public var message: String?
    /// A constant such as `NotFound`.
    public var reason: String?
    /// The HTTP status code.
    public var code: Int?
    /// What the request was about.
    public var details: Details?
    /// List metadata.
    public var metadata: Metadata?

    /// Creates a status.
    public init(status: String = "Failure", message: String, reason: String, code: Int, details: Details? = nil) {
        self.status = status
        self.message = message
        self.reason = reason
        self.code = code
        self.details = details
    }
}
