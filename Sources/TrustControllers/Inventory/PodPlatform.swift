import KubernetesAPI
import OCIModel

/// The platform of the nodes that a pod can run on, as far as the pod itself says.
///
/// The scheduler and the kubelet hold a pod to its node selector (`kubernetes.io/arch` and `kubernetes.io/os`, which the
/// kubelet sets), and the kubelet to `spec.os`. So no right to read nodes is needed.
enum PodPlatform {
    /// The label of a node that names its architecture, as GOARCH does.
    static let architectureLabel = "kubernetes.io/arch"
    /// The label of a node that names its operating system, as GOOS does.
    static let systemLabel = "kubernetes.io/os"
    /// What stands for a part that is not known, which tells no platform from another.
    private static let unknown = "unknown"

    /// The platform that a pod's specification names.
    ///
    /// - Parameters:
    ///   - architecture: the value of ``architectureLabel`` in the node selector.
    ///   - system: the value of ``systemLabel`` there, or the name in `spec.os`.
    /// - Returns: the platform; `nil` when neither part of it is named.
    static func platform(architecture: String?, system: String?) -> Platform? {
        let (architecture, system) = (readable(architecture), readable(system))
        guard architecture != nil || system != nil else { return nil }
        return Platform(os: system ?? unknown, architecture: architecture ?? unknown)
    }

    /// A label's value that could name a platform: it goes into text that is read again.
    private static func readable(_ text: String?) -> String? {
        guard let text, (1...63).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        else { return nil }
        return text
    }
}

extension Pod {
    /// The platform of the nodes that it can run on; see ``PodPlatform``.
    var platform: Platform? {
        PodPlatform.platform(
            architecture: spec?.nodeSelector?[PodPlatform.architectureLabel],
            system: spec?.nodeSelector?[PodPlatform.systemLabel] ?? spec?.os?.name
        )
    }
}
