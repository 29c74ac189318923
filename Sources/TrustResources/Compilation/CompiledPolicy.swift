public import FoundationEssentials
public import KubernetesAPI
public import TrustModel

/// A policy that can be applied: read, resolved and checked.
public struct CompiledPolicy: Sendable, Hashable {
    /// What is judged by.
    public var policy: Policy
    /// How often each image is judged again.
    public var interval: Duration
    /// How long a verdict outlives an outage.
    public var maxStaleness: Duration
    /// The pods it speaks for.
    public var podSelector: LabelSelector
    /// The namespaces by label; everything for a namespaced policy.
    public var namespaceSelector: LabelSelector
    /// The namespaces by name; everything for a namespaced policy, which holds in its own alone.
    public var namespaces: ClusterTrustPolicySpec.NamespaceSelection
    /// The trust stores, the first to expire first.
    public var trustStores: [TrustPolicyStatus.TrustStoreStatus]
    /// The certificates that may vouch for signers, each once for its authority, the first to expire first; how many
    /// images they vouch for is not known here.
    public var anchors: [TrustPolicyStatus.AnchorStatus]
    /// What people should know although the policy can be applied.
    public var warnings: [String]
    /// The certificates that count although they could not be read again, each with since when and why.
    public var outages: [String] = []

    /// When the first certificate of the trust stores expires.
    public var expires: Date? { trustStores.first?.notAfter.date }

    /// Whether the policy speaks for pods with `podLabels` in `namespace`, which carries `namespaceLabels`.
    public func selects(namespace: String, namespaceLabels: [String: String], podLabels: [String: String]) -> Bool {
        if policy.name.kind == .trustPolicy, let own = policy.name.namespace, own != namespace { return false }
        return namespaces.contains(namespace) && namespaceSelector.matches(namespaceLabels)
            && podSelector.matches(podLabels)
    }
}
