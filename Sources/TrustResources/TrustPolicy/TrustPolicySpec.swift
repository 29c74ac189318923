public import KubernetesAPI

/// What a policy declares: which images, which authorities, how many of them must vouch.
///
/// Texts are kept as written; ``PolicyCompiler`` reads them, so that a mistake becomes a message with the field's path
/// and never an object that cannot be read.
public struct TrustPolicySpec: Sendable, Hashable, Codable {
    /// The images it speaks for; `nil`: every image.
    public var images: ImageSelection?
    /// The pods it speaks for; `nil` or empty: every pod.
    public var podSelector: LabelSelector?
    /// How often each image is judged again, in Go's syntax; 60s by default, 1s at least.
    public var interval: String?
    /// How long a verdict outlives an outage, in Go's syntax; 1h by default, not less than ``interval``.
    public var maxStaleness: String?
    /// `Any`, `All` or `AtLeast:n`; `Any` by default.
    ///
    /// See ``RequirementText``.
    public var require: String?
    /// The sources of trust, 1 to 16.
    public var authorities: [AuthoritySource]
    /// Digests settled by hand, 256 at most.
    public var decisions: [DecisionEntry]?

    /// Creates a specification.
    public init(
        images: ImageSelection? = nil,
        podSelector: LabelSelector? = nil,
        authorities: [AuthoritySource],
        decisions: [DecisionEntry]? = nil
    ) {
        self.images = images
        self.podSelector = podSelector
        self.authorities = authorities
        self.decisions = decisions
    }

    /// Which images a policy speaks for; patterns as in `TrustModel.ImageScope`.
    public struct ImageSelection: Sendable, Hashable, Codable {
        /// Patterns that speak for an image; `nil` or empty: every image.
        public var include: [String]?
        /// Patterns that take images out again.
        public var exclude: [String]?

        /// Creates a selection.
        public init(include: [String]? = nil, exclude: [String]? = nil) {
            self.include = include
            self.exclude = exclude
        }
    }
}
