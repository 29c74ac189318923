/// A reference to any object (`core/v1` ObjectReference).
public struct ObjectReference: Sendable, Hashable, Codable {
    /// Group and version.
    public var apiVersion: String?
    /// Kind.
    public var kind: String?
    /// Namespace; `nil` for cluster-scoped objects.
    public var namespace: String?
    /// Name.
    public var name: String?
    /// Uid.
    public var uid: String?
    /// Version of the object that was looked at.
    public var resourceVersion: String?

    /// Creates a reference.
    public init(
        apiVersion: String?,
        kind: String?,
        namespace: String?,
        name: String?,
        uid: String?,
        resourceVersion: String? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
    }

    /// A reference to `object`.
    public init<Object: KubernetesObject>(to object: Object) {
        self.init(
            apiVersion: Object.resource.apiVersion,
            kind: Object.resource.kind,
            namespace: object.metadata.namespace,
            name: object.metadata.name,
            uid: object.metadata.uid,
            resourceVersion: object.metadata.resourceVersion
        )
    }
}

/// An Event (`events.k8s.io/v1`): something that happened to an object.
public struct Event: KubernetesObject, Hashable {
    /// `events` in `events.k8s.io`.
    public static let resource = ResourceType(
        group: "events.k8s.io",
        version: "v1",
        plural: "events",
        kind: "Event",
        isNamespaced: true
    )

    /// A run of equal Events.
    public struct Series: Sendable, Hashable, Codable {
        /// How many there were, 2 or more.
        public var count: Int
        /// When the last was seen.
        public var lastObservedTime: MicroTime

        /// Creates a series.
        public init(count: Int, lastObservedTime: MicroTime) {
            self.count = count
            self.lastObservedTime = lastObservedTime
        }
    }

    /// `events.k8s.io/v1`.
    public var apiVersion: String? = "events.k8s.io/v1"
    /// `Event`.
    public var kind: String? = "Event"
    /// Metadata.
    public var metadata: ObjectMeta
    /// When it happened.
    public var eventTime: MicroTime?
    /// The repetition, if any.
    public var series: Series?
    /// The component that reports, a qualified name.
    public var reportingController: String?
    /// The instance of it, 128 characters at most.
    public var reportingInstance: String?
    /// What the component did, 128 characters at most.
    public var action: String?
    /// Why: a constant in UpperCamelCase, 128 characters at most.
    public var reason: String?
    /// The object it happened to.
    public var regarding: ObjectReference?
    /// Another object that matters.
    public var related: ObjectReference?
    /// A sentence, 1024 bytes at most.
    public var note: String?
    /// `Normal` or `Warning`.
    public var type: String?

    /// Creates an Event with metadata only.
    public init(metadata: ObjectMeta) { self.metadata = metadata }
}
