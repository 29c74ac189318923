public import KubernetesAPI
import KubernetesRuntime
public import OCIModel
import TrustModel
import TrustResources

/// What is kept of a pod besides its name: its labels, the images its containers run, and where the credentials are that it
/// pulls them with.
public struct PodImages: Sendable, Hashable {
    /// One image of the pod, and the containers that run it.
    public struct Image: Sendable, Hashable {
        /// The name of the `ImageVerification` that stands for it in the pod's namespace.
        public let verification: String
        /// The image.
        public let image: RunningImage
        /// The platform of the nodes that the pod can run on, as far as the pod says.
        public let platform: Platform?
        /// The names of its containers, in order.
        public fileprivate(set) var containers: [String]
    }

    /// When the pod was made, by the API server's clock.
    public let created: KubernetesTime?
    /// The pod's labels, by which policies select.
    public let labels: LabelSet
    /// Its images, each once, in order of the containers.
    public let images: [Image]
    /// Where its credentials for registries are.
    public let pullSecrets: PullSecretReferences

    /// The most containers of one pod that are looked at.
    static let maximumContainers = 256

    /// Reads a pod.
    ///
    /// Every container counts: regular, init, sidecar and ephemeral. A pod that has ended runs nothing.
    public init(_ pod: Pod) {
        created = pod.metadata.creationTimestamp
        labels = LabelSet(pod.metadata.labels)
        images = Self.images(Self.containers(of: pod), on: pod.platform)
        pullSecrets = PullSecretReferences(pod)
    }

    /// A container of a pod, and what it runs.
    public struct Container: Sendable, Hashable {
        /// The container's name.
        public let name: String
        /// What it runs; `nil` before its image is pulled.
        public let image: RunningImage?
    }

    /// The containers that the kubelet reports of a pod, regular ones first; none of a pod that has ended.
    public static func containers(of pod: Pod) -> [Container] {
        guard pod.status?.phase != "Succeeded", pod.status?.phase != "Failed" else { return [] }
        let declared = declaredImages(pod)
        let statuses =
            (pod.status?.containerStatuses ?? []) + (pod.status?.initContainerStatuses ?? [])
            + (pod.status?.ephemeralContainerStatuses ?? [])
        return statuses.prefix(maximumContainers).map { status in
            let image = RunningImage(image: declared[status.name] ?? status.image, imageID: status.imageID)
            return Container(name: status.name, image: image)
        }
    }

    /// The platform of the nodes that a pod can run on, as far as its node selector and `spec.os` say.
    public static func platform(of pod: Pod) -> Platform? { pod.platform }

    /// Puts together what was read of a pod.
    init(created: KubernetesTime?, labels: LabelSet, images: [Image], pullSecrets: PullSecretReferences) {
        self.pullSecrets = pullSecrets
        self.created = created
        self.labels = labels
        self.images = images
    }

    /// What containers run, each image once, in order.
    static func images(_ containers: some Sequence<Container>, on platform: Platform?) -> [Image] {
        var images: [Image] = []
        var positions: [RunningImage: Int] = [:]
        for container in containers {
            guard let image = container.image else { continue }
            if let position = positions[image] {
                images[position].containers.append(container.name)
            } else {
                positions[image] = images.count
                images.append(
                    Image(
                        verification: verificationName(image),
                        image: image,
                        platform: platform,
                        containers: [container.name]
                    )
                )
            }
        }
        return images
    }

    /// The keys of the verifications that stand for its images, where the pod is in `namespace`.
    public func verifications(in namespace: String?) -> Set<ObjectKey> {
        Set(images.map { ObjectKey(namespace: namespace, name: $0.verification) })
    }

    private static func declaredImages(_ pod: Pod) -> [String: String] {
        let containers =
            (pod.spec?.containers ?? []) + (pod.spec?.initContainers ?? []) + (pod.spec?.ephemeralContainers ?? [])
        return Dictionary(
            containers.prefix(maximumContainers).compactMap { container in container.image.map { (container.name, $0) }
            }
        ) { first, _ in first }
    }

    private static func verificationName(_ image: RunningImage) -> String {
        if case .inRegistry(let reference) = image.identity, let digest = reference.digest {
            return ImageVerification.name(for: digest)
        }
        return ImageVerification.name(forReference: image.written)
    }
}

/// A pod as the operator knows it: its name, and what is kept of it.
typealias RunningPod = InformedObject<PodImages>

extension [RunningPod] {
    /// Their entries about the image whose verification has this name.
    func entries(of verification: String) -> [PodImages.Image] {
        flatMap { pod in pod.value.images.filter { $0.verification == verification } }
    }
}

extension RunningPod {
    /// The keys of the verifications that stand for its images.
    var verifications: Set<ObjectKey> { value.verifications(in: key.namespace) }
}
