/// Asks the API server whether a user may do something (`authorization.k8s.io/v1`).
///
/// It is answered and not stored. Here it is about a path that is no resource (`nonResourceURLs` of a ClusterRole).
public struct SubjectAccessReview: KubernetesObject, Hashable {
    /// `subjectaccessreviews` in `authorization.k8s.io`.
    public static let resource = ResourceType(
        group: "authorization.k8s.io",
        version: "v1",
        plural: "subjectaccessreviews",
        kind: "SubjectAccessReview",
        isNamespaced: false
    )

    /// Metadata; empty.
    public var metadata = ObjectMeta(name: "")
    /// The question.
    public var spec: Specification
    /// The answer.
    public var status: Status?

    /// Asks whether `user` may do `verb` on `path`.
    public init(user: TokenReview.UserInfo, verb: String, path: String) {
        spec = Specification(
            nonResourceAttributes: NonResourceAttributes(path: path, verb: verb),
            user: user.username,
            groups: user.groups,
            uid: user.uid,
            extra: user.extra
        )
    }

    /// The question.
    public struct Specification: Sendable, Hashable, Codable {
        /// What is to be done.
        public var nonResourceAttributes: NonResourceAttributes?
        /// By whom.
        public var user: String?
        /// The user's groups.
        public var groups: [String]?
        /// The user's uid.
        public var uid: String?
        /// What else the authenticator knows.
        public var extra: [String: [String]]?
    }

    /// A request for something that is no resource.
    public struct NonResourceAttributes: Sendable, Hashable, Codable {
        /// The path, such as `/metrics`.
        public var path: String?
        /// The method in lower case, such as `get`.
        public var verb: String?
    }

    /// The answer.
    public struct Status: Sendable, Hashable, Codable {
        /// Whether something allows it.
        public var allowed: Bool?
        /// Whether something forbids it; then it is not allowed whatever else is said.
        public var denied: Bool?
        /// Why.
        public var reason: String?
        /// What went wrong in finding out.
        public var evaluationError: String?
    }
}
