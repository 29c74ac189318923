import ImageTrust
import OCIModel

/// What a cluster tells of one pod: the images that it runs, and the policies that hold where it runs.
struct PodSituation: Sendable {
    let namespace: String
    let pod: String
    /// The platform of the nodes that it can run on, as far as it says.
    let platform: Platform?
    /// The images of its containers, each container once.
    let images: [GivenImage]
    /// Containers that run nothing yet.
    let waiting: [String]
    /// The policies of its namespace, with their certificates; `nil` when they were not asked for.
    let policies: EvidenceBundle.Policies?
    /// The policies of the cluster that leave its namespace out.
    let silences: [PolicySilence]

    /// `namespace/name`.
    var name: String { "\(namespace)/\(pod)" }
}
