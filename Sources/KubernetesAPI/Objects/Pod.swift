/// A pod (`core/v1`), the part that says which images run where.
public struct Pod: KubernetesObject, Hashable {
    /// `pods` in the core group.
    public static let resource = ResourceType(group: "", version: "v1", plural: "pods", kind: "Pod", isNamespaced: true)

    /// Metadata.
    public var metadata: ObjectMeta
    /// The specification.
    public var spec: Specification?
    /// What the kubelet reports.
    public var status: PodStatus?

    /// Creates a pod.
    public init(metadata: ObjectMeta, spec: Specification? = nil, status: PodStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// What was asked to run.
    public struct Specification: Sendable, Hashable, Codable {
        /// Regular containers.
        public var containers: [Container]?
        /// Init containers; those with restart policy `Always` are sidecars.
        public var initContainers: [Container]?
        /// Debug containers added to the running pod.
        public var ephemeralContainers: [Container]?
        /// Labels that the node must have (scheduler and kubelet both see to it).
        public var nodeSelector: [String: String]?
        /// The operating system that the node must have.
        public var os: OperatingSystem?
        /// The node, once scheduled.
        public var nodeName: String?
        /// The service account it runs as.
        public var serviceAccountName: String?
        /// Secrets with registry credentials.
        public var imagePullSecrets: [LocalReference]?

        /// Creates a specification.
        public init(
            containers: [Container]? = nil,
            initContainers: [Container]? = nil,
            ephemeralContainers: [Container]? = nil
        ) {
            self.containers = containers
            self.initContainers = initContainers
            self.ephemeralContainers = ephemeralContainers
        }
    }

    /// The operating system that a pod is for.
    public struct OperatingSystem: Sendable, Hashable, Codable {
        /// `linux` or `windows`.
        public var name: String?

        /// Names it.
        public init(name: String?) { self.name = name }
    }

    /// A reference to an object in the pod's namespace.
    public struct LocalReference: Sendable, Hashable, Codable {
        /// The name.
        public var name: String?

        /// Refers to `name`.
        public init(name: String?) { self.name = name }
    }

    /// One container to run.
    public struct Container: Sendable, Hashable, Codable {
        /// The name, unique in the pod.
        public var name: String
        /// The image as written.
        public var image: String?

        /// Creates a container.
        public init(name: String, image: String?) {
            self.name = name
            self.image = image
        }
    }

    /// What the kubelet reports.
    public struct PodStatus: Sendable, Hashable, Codable {
        /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
        public var phase: String?
        /// Regular containers.
        public var containerStatuses: [ContainerStatus]?
        /// Init containers and sidecars.
        public var initContainerStatuses: [ContainerStatus]?
        /// Debug containers.
        public var ephemeralContainerStatuses: [ContainerStatus]?

        /// Creates a status.
        public init(
            phase: String? = nil,
            containerStatuses: [ContainerStatus]? = nil,
            initContainerStatuses: [ContainerStatus]? = nil,
            ephemeralContainerStatuses: [ContainerStatus]? = nil
        ) {
            self.phase = phase
            self.containerStatuses = containerStatuses
            self.initContainerStatuses = initContainerStatuses
            self.ephemeralContainerStatuses = ephemeralContainerStatuses
        }
    }

    /// What the kubelet reports of one container.
    public struct ContainerStatus: Sendable, Hashable, Codable {
        /// The container's name.
        public var name: String
        /// The image as the runtime names it.
        public var image: String?
        /// The image's identity as the runtime reports it; its form differs between runtimes.
        public var imageID: String?

        /// Creates a status.
        public init(name: String, image: String?, imageID: String?) {
            self.name = name
            self.image = image
            self.imageID = imageID
        }
    }
}
