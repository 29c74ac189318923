public import KubernetesAPI
public import KubernetesClient
import OCIModel
import TrustResources

/// What does not agree between the images that run under a policy and the verdicts that there are.
///
/// Every policy that says nothing of images or pods speaks for all of its namespace; others are not looked at.
public struct VerdictLedger: Sendable {
    /// Images without a verdict that run where a policy speaks for all of its namespace.
    public let missing: Set<ObjectKey>
    /// What an operator made for images that nothing runs.
    public let leftBehind: [ObjectKey]

    /// Whether all agrees.
    public var isBalanced: Bool { missing.isEmpty && leftBehind.isEmpty }

    /// Reads a namespace, or the whole cluster.
    ///
    /// - Parameters:
    ///   - client: the way to the cluster.
    ///   - namespace: which; `nil` for all.
    /// - Throws: `APIError`, `TransportError`, `CancellationError`.
    public init(of client: APIClient, namespace: String?) async throws {
        let selection = ObjectSelection(namespace: namespace)
        let pods = try await client.resource(Pod.self).list(selection).items
        let policies = try await client.resource(TrustPolicy.self).list(selection).items
        let verifications = try await client.resource(ImageVerification.self).list(selection).items
        var running: Set<ObjectKey> = []
        for pod in pods where pod.metadata.deletionTimestamp == nil {
            for status in pod.status?.containerStatuses ?? [] {
                guard let id = status.imageID, let at = id.lastIndex(of: "@"),
                    let digest = try? Digest(String(id[id.index(after: at)...]))
                else { continue }
                let name = ImageVerification.name(for: digest)
                running.insert(ObjectKey(namespace: pod.metadata.namespace, name: name))
            }
        }
        let guarded = Set(
            policies.filter { $0.spec.images == nil && $0.spec.podSelector == nil }.map(\.metadata.namespace)
        )
        let judged = Set(verifications.filter { $0.status?.verdict != nil }.map(\.key))
        missing = running.filter { guarded.contains($0.namespace) && !judged.contains($0) }
        leftBehind = verifications.filter { $0.isManaged && !running.contains($0.key) }.map(\.key)
    }
}
