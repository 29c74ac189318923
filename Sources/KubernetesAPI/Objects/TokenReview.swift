/// Asks the API server whose a bearer token is (`authentication.k8s.io/v1`).
///
/// It is answered and not stored.
public struct TokenReview: KubernetesObject, Hashable {
    /// `tokenreviews` in `authentication.k8s.io`.
    public static let resource = ResourceType(
        group: "authentication.k8s.io",
        version: "v1",
        plural: "tokenreviews",
        kind: "TokenReview",
        isNamespaced: false
    )

    /// Metadata; empty.
    public var metadata = ObjectMeta(name: "")
    /// The question.
    public var spec: Specification
    /// The answer.
    public var status: Status?

    /// Creates a question.
    ///
    /// - Parameters:
    ///   - token: the token, without `Bearer`.
    ///   - audiences: for whom it must have been made, one of them suffices; `nil` for the API server itself.
    public init(token: String, audiences: [String]? = nil) {
        spec = Specification(token: token, audiences: audiences)
    }

    /// The question.
    public struct Specification: Sendable, Hashable, Codable {
        /// The token.
        public var token: String?
        /// For whom it must have been made.
        public var audiences: [String]?
    }

    /// The answer.
    public struct Status: Sendable, Hashable, Codable {
        /// Whether the token is good; absent for `false`.
        public var authenticated: Bool?
        /// Whose it is.
        public var user: UserInfo?
        /// The audiences of the question that it was made for; absent where the server does not look at audiences.
        public var audiences: [String]?
        /// Why it is not good.
        public var error: String?
    }

    /// A user as the API server knows it.
    public struct UserInfo: Sendable, Hashable, Codable {
        /// The name; empty for nobody.
        public var username: String?
        /// What tells users apart that have a name one after the other.
        public var uid: String?
        /// The groups.
        public var groups: [String]?
        /// What else the authenticator knows.
        public var extra: [String: [String]]?

        /// Creates a user.
        public init(
            username: String?,
            uid: String? = nil,
            groups: [String]? = nil,
            extra: [String: [String]]? = nil
        ) {
            self.username = username
            self.uid = uid
            self.groups = groups
            self.extra = extra
        }
    }
}
