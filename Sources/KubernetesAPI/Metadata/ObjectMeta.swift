/// What every object carries (`metav1.ObjectMeta`), the part that controllers read and write.
public struct ObjectMeta: Sendable, Hashable {
    /// Unique in its namespace.
    public var name: String
    /// Prefix from which the server makes a name when ``name`` is empty.
    public var generateName: String?
    /// Empty for cluster-scoped objects.
    public var namespace: String?
    /// Set by the server; differs when an object is deleted and made again under its name.
    public var uid: String?
    /// Set by the server; opaque, but comparable as a number (KEP-5504).
    public var resourceVersion: String?
    /// Counts changes of the specification.
    public var generation: Int64?
    /// When the server made the object.
    public var creationTimestamp: KubernetesTime?
    /// Set once deletion was asked for.
    public var deletionTimestamp: KubernetesTime?
    /// Labels.
    public var labels: [String: String]
    /// Annotations.
    public var annotations: [String: String]
    /// Owners, by which garbage collection works.
    public var ownerReferences: [OwnerReference]
    /// What must happen before the object goes.
    public var finalizers: [String]

    /// The longest name of an object that is a DNS subdomain (RFC 1123), in bytes.
    public static let maximumNameBytes = 253

    /// Creates metadata for an object to be written.
    public init(
        name: String,
        namespace: String? = nil,
        labels: [String: String] = [:],
        annotations: [String: String] = [:],
        ownerReferences: [OwnerReference] = []
    ) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
        self.annotations = annotations
        self.ownerReferences = ownerReferences
        self.finalizers = []
    }
}

extension ObjectMeta: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, generateName, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp
        case labels, annotations, ownerReferences, finalizers
    }

    /// Reads metadata; absent collections are empty.
    ///
    /// - Throws: `DecodingError` when a member has the wrong type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name) ?? ""
        generateName = try container.decodeIfPresent(String.self, forKey: .generateName)
        namespace = try container.decodeIfPresent(String.self, forKey: .namespace)
        uid = try container.decodeIfPresent(String.self, forKey: .uid)
        resourceVersion = try container.decodeIfPresent(String.self, forKey: .resourceVersion)
        generation = try container.decodeIfPresent(Int64.self, forKey: .generation)
        creationTimestamp = try container.decodeIfPresent(KubernetesTime.self, forKey: .creationTimestamp)
        deletionTimestamp = try container.decodeIfPresent(KubernetesTime.self, forKey: .deletionTimestamp)
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
        ownerReferences = try container.decodeIfPresent([OwnerReference].self, forKey: .ownerReferences) ?? []
        finalizers = try container.decodeIfPresent([String].self, forKey: .finalizers) ?? []
    }

    /// Writes metadata; empty collections are left out.
    ///
    /// - Throws: whatever the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if !name.isEmpty { try container.encode(name, forKey: .name) }
        try container.encodeIfPresent(generateName, forKey: .generateName)
        try container.encodeIfPresent(namespace, forKey: .namespace)
        try container.encodeIfPresent(uid, forKey: .uid)
        try container.encodeIfPresent(resourceVersion, forKey: .resourceVersion)
        try container.encodeIfPresent(generation, forKey: .generation)
        try container.encodeIfPresent(creationTimestamp, forKey: .creationTimestamp)
        try container.encodeIfPresent(deletionTimestamp, forKey: .deletionTimestamp)
        if !labels.isEmpty { try container.encode(labels, forKey: .labels) }
        if !annotations.isEmpty { try container.encode(annotations, forKey: .annotations) }
        if !ownerReferences.isEmpty { try container.encode(ownerReferences, forKey: .ownerReferences) }
        if !finalizers.isEmpty { try container.encode(finalizers, forKey: .finalizers) }
    }
}

/// A reference from a dependent to its owner (`metav1.OwnerReference`).
public struct OwnerReference: Sendable, Hashable, Codable {
    /// Group and version of the owner.
    public var apiVersion: String
    /// Kind of the owner.
    public var kind: String
    /// Name of the owner, in the same namespace or cluster-scoped.
    public var name: String
    /// The owner's uid: what garbage collection goes by.
    public var uid: String
    /// Whether the owner is the managing controller.
    public var controller: Bool?
    /// Whether foreground deletion of the owner waits for this object.
    public var blockOwnerDeletion: Bool?

    /// Creates a reference.
    public init(
        apiVersion: String,
        kind: String,
        name: String,
        uid: String,
        controller: Bool? = nil,
        blockOwnerDeletion: Bool? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
        self.blockOwnerDeletion = blockOwnerDeletion
    }
}
