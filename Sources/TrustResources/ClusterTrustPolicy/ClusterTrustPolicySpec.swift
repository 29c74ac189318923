public import KubernetesAPI

/// What a cluster policy declares: the specification of a policy, and the namespaces it holds in.
public struct ClusterTrustPolicySpec: Sendable, Hashable {
    /// The members it shares with a namespaced policy; on the wire they stand beside the others.
    public var policy: TrustPolicySpec
    /// The namespaces, by label; `nil` or empty: every namespace.
    public var namespaceSelector: LabelSelector?
    /// The namespaces, by name; both this and ``namespaceSelector`` must select a namespace.
    public var namespaces: NamespaceSelection?

    /// Creates a specification.
    public init(
        policy: TrustPolicySpec,
        namespaceSelector: LabelSelector? = nil,
        namespaces: NamespaceSelection? = nil
    ) {
        self.policy = policy
        self.namespaceSelector = namespaceSelector
        self.namespaces = namespaces
    }

    /// Whether the policy holds in `namespace`, which carries `labels`.
    public func selects(namespace: String, labels: [String: String]) -> Bool {
        (namespaces?.contains(namespace) ?? true) && (namespaceSelector?.matches(labels) ?? true)
    }

    /// Namespaces by name, written in full.
    public struct NamespaceSelection: Sendable, Hashable, Codable {
        /// The names; `nil` or empty: every namespace.
        public var include: [String]?
        /// Names taken out again.
        public var exclude: [String]?

        /// Creates a selection.
        public init(include: [String]? = nil, exclude: [String]? = nil) {
            self.include = include
            self.exclude = exclude
        }

        /// Whether `namespace` is selected.
        public func contains(_ namespace: String) -> Bool {
            let included = include ?? []
            return (included.isEmpty || included.contains(namespace)) && !(exclude ?? []).contains(namespace)
        }
    }
}

extension ClusterTrustPolicySpec: Codable {
    private enum CodingKeys: String, CodingKey { case namespaceSelector, namespaces }

    /// Reads the shared members and its own from one object.
    ///
    /// - Throws: `DecodingError` when a member has the wrong type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        policy = try TrustPolicySpec(from: decoder)
        namespaceSelector = try container.decodeIfPresent(LabelSelector.self, forKey: .namespaceSelector)
        namespaces = try container.decodeIfPresent(NamespaceSelection.self, forKey: .namespaces)
    }

    /// Writes the shared members and its own into one object.
    ///
    /// - Throws: whatever the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        try policy.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(namespaceSelector, forKey: .namespaceSelector)
        try container.encodeIfPresent(namespaces, forKey: .namespaces)
    }
}
