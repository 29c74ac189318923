public import KubernetesAPI

/// What is held of one image, in the form that tools for policies of any sort read (`wgpolicyk8s.io/v1alpha2`).
///
/// A copy for those tools: everything in it stands in an ``ImageVerification``.
public struct PolicyReport: KubernetesObject, Hashable {
    /// `policyreports` in `wgpolicyk8s.io/v1alpha2`.
    public static let resource = ResourceType(
        group: "wgpolicyk8s.io",
        version: "v1alpha2",
        plural: "policyreports",
        kind: "PolicyReport",
        isNamespaced: true
    )

    /// Metadata.
    public var metadata: ObjectMeta
    /// What the report is about.
    public var scope: ObjectReference?
    /// How many results of each sort there are.
    public var summary: Summary?
    /// The results, one for each policy, ``maximumResults`` at most.
    public var results: [Result]?

    /// The most results in a report.
    public static let maximumResults = 32

    /// Creates a report.
    public init(
        metadata: ObjectMeta,
        scope: ObjectReference? = nil,
        summary: Summary? = nil,
        results: [Result]? = nil
    ) {
        self.metadata = metadata
        self.scope = scope
        self.summary = summary
        self.results = results
    }

    /// An object by its name.
    public struct ObjectReference: Sendable, Hashable, Codable {
        /// Group and version.
        public var apiVersion: String?
        /// The kind.
        public var kind: String?
        /// The namespace.
        public var namespace: String?
        /// The name.
        public var name: String?
        /// The uid.
        public var uid: String?
    }

    /// How many results of each sort there are.
    public struct Summary: Sendable, Hashable, Codable {
        /// Requirements are met.
        public var pass: Int?
        /// Requirements are not met.
        public var fail: Int?
        /// Not met, and not counted against the resource.
        public var warn: Int?
        /// It could not be found out.
        public var error: Int?
        /// Not applied.
        public var skip: Int?
    }

    /// The judgement under one policy.
    public struct Result: Sendable, Hashable, Codable {
        /// Who judged.
        public var source: String?
        /// The policy.
        public var policy: String
        /// What in the policy.
        public var rule: String?
        /// What became of it.
        public var result: Outcome?
        /// Why, for people.
        public var message: String?
        /// What sort of policy it is.
        public var category: String?
        /// How bad it is: `critical`, `high`, `medium`, `low` or `info`.
        public var severity: String?
        /// Whether it counts.
        public var scored: Bool?
        /// When it became so.
        public var timestamp: Timestamp?
        /// Who is concerned.
        public var resources: [ObjectReference]?
        /// What else is known.
        public var properties: [String: String]?
    }

    /// What became of a policy.
    public enum Outcome: String, Sendable, Hashable, Codable {
        case pass, fail, warn, error, skip
    }

    /// A moment, in seconds and nanoseconds since 1970.
    public struct Timestamp: Sendable, Hashable, Codable {
        /// Whole seconds.
        public var seconds: Int64
        /// Nanoseconds beyond them.
        public var nanos: Int32
    }

    /// What the operator decides about, which is compared: the label, the owner and the report itself.
    public struct Content: Sendable, Hashable {
        let manager: String?
        let owners: [OwnerReference]
        let scope: ObjectReference?
        let summary: Summary?
        let results: [Result]?
    }

    /// What is compared of it.
    public var content: Content {
        Content(
            manager: metadata.labels[TrustAPI.managedByLabel],
            owners: metadata.ownerReferences,
            scope: scope,
            summary: summary,
            results: results
        )
    }
}
