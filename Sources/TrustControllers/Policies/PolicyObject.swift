import FoundationEssentials
import KubernetesAPI
import TrustModel
import TrustResources

/// What both kinds of policy have in common for the controllers.
protocol PolicyObject: KubernetesObject {
    /// The members that both kinds share.
    var shared: TrustPolicySpec { get }
    /// The status that both kinds share.
    var status: TrustPolicyStatus? { get set }
    /// Which policy it is.
    var policyName: PolicyName { get }
    /// Whom it speaks for as written, whether or not the rest of it can be applied.
    var scope: PolicyScope { get }
    /// Where it takes certificates from.
    var certificateReferences: [CertificateReference] { get }
    /// Reads it.
    func compiled(_ compiler: PolicyCompiler, now: Date) throws(PolicyProblems) -> CompiledPolicy
}

extension TrustPolicy: PolicyObject {
    var shared: TrustPolicySpec { spec }
    var policyName: PolicyName {
        PolicyName(kind: .trustPolicy, namespace: metadata.namespace, name: metadata.name)
    }
    var scope: PolicyScope {
        PolicyScope(
            namespace: metadata.namespace ?? "",
            namespaces: nil,
            namespaceSelector: nil,
            podSelector: spec.podSelector,
            images: spec.imageScope
        )
    }
    func compiled(_ compiler: PolicyCompiler, now: Date) throws(PolicyProblems) -> CompiledPolicy {
        try compiler.compile(self, now: now)
    }
}

extension ClusterTrustPolicy: PolicyObject {
    var shared: TrustPolicySpec { spec.policy }
    var policyName: PolicyName { PolicyName(kind: .clusterTrustPolicy, name: metadata.name) }
    var scope: PolicyScope {
        PolicyScope(
            namespace: nil,
            namespaces: spec.namespaces,
            namespaceSelector: spec.namespaceSelector,
            podSelector: spec.policy.podSelector,
            images: spec.policy.imageScope
        )
    }
    func compiled(_ compiler: PolicyCompiler, now: Date) throws(PolicyProblems) -> CompiledPolicy {
        try compiler.compile(self, now: now)
    }
}

extension TrustPolicySpec {
    fileprivate var imageScope: ImageScope {
        ImageScope(include: images?.include ?? [], exclude: images?.exclude ?? [])
    }
}
