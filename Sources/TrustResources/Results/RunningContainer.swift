public import KubernetesAPI

/// One container of a pod, and which image it runs.
public struct RunningContainer: Sendable, Hashable {
    /// The pod.
    public let pod: ObjectKey
    /// The container's name in it.
    public let container: String
    /// The image as the pod asks for it, cut to what a status may hold.
    public let image: String
    /// Repository and digest; empty where the image has no digest in a registry.
    public let imageID: String
    /// The digest's hexadecimal digits; empty where there is none.
    public let hash: String
    /// The key of the `ImageVerification` that stands for the image.
    public let verification: ObjectKey

    /// Creates an entry.
    public init(
        pod: ObjectKey,
        container: String,
        image: String,
        imageID: String,
        hash: String,
        verification: ObjectKey
    ) {
        self.pod = pod
        self.container = container
        self.image = image.reported(to: StatusLimits.imageCharacters)
        self.imageID = imageID
        self.hash = hash
        self.verification = verification
    }
}
