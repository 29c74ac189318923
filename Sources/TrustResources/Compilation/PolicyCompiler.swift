public import FoundationEssentials
import KubernetesAPI
import TrustModel

/// Reads a policy: texts become values, references become certificates, and every mistake becomes a message that names
/// the field and what to write instead.
public struct PolicyCompiler: Sendable {
    /// Gives the bytes that a reference names.
    ///
    /// Called once for each trust store.
    public typealias CertificateSourceLookup = @Sendable (CertificateReference) -> CertificateLookup

    /// The shortest and the longest `interval`.
    public static let intervalBounds: ClosedRange<Duration> = .seconds(1) ... .seconds(24 * 3600)
    /// The shortest and the longest `maxStaleness`.
    public static let stalenessBounds: ClosedRange<Duration> = .seconds(10) ... .seconds(720 * 3600)
    /// What holds where a policy says nothing.
    public static let defaultInterval: Duration = .seconds(60)
    /// What holds where a policy says nothing.
    public static let defaultMaxStaleness: Duration = .seconds(3600)

    private let lookup: CertificateSourceLookup

    /// Creates a compiler that takes certificates from `lookup`.
    public init(lookup: @escaping CertificateSourceLookup) { self.lookup = lookup }

    /// Creates a compiler that takes certificates from what was read before; whatever is missing does not exist.
    public init(certificates: [CertificateReference: CertificateLookup] = [:]) {
        self.init { certificates[$0] ?? .unavailable("does not exist") }
    }

    /// Reads a namespaced policy.
    ///
    /// Without a namespace (in a file) it belongs to `default`.
    ///
    /// - Parameters:
    ///   - policy: the policy.
    ///   - now: the present, which decides about warnings only.
    /// - Returns: what can be applied.
    /// - Throws: ``PolicyProblems`` with everything that is wrong, not just the first mistake.
    public func compile(_ policy: TrustPolicy, now: Date) throws(PolicyProblems) -> CompiledPolicy {
        let namespace = policy.metadata.namespace ?? "default"
        let name = PolicyName(kind: .trustPolicy, namespace: namespace, name: policy.metadata.name)
        return try compile(policy.spec, name: name, namespace: namespace, now: now)
    }

    /// Reads a cluster policy.
    ///
    /// - Parameters:
    ///   - policy: the policy.
    ///   - now: the present, which decides about warnings only.
    /// - Returns: what can be applied.
    /// - Throws: ``PolicyProblems`` with everything that is wrong, not just the first mistake.
    public func compile(_ policy: ClusterTrustPolicy, now: Date) throws(PolicyProblems) -> CompiledPolicy {
        let name = PolicyName(kind: .clusterTrustPolicy, name: policy.metadata.name)
        var problems: [PolicyProblem] = []
        if let selector = policy.spec.namespaceSelector {
            problems = SelectorRules.problems(in: selector, field: "spec.namespaceSelector")
        }
        var compiled = try compile(policy.spec.policy, name: name, namespace: nil, now: now, problems: problems)
        compiled.namespaceSelector = policy.spec.namespaceSelector ?? LabelSelector()
        compiled.namespaces = policy.spec.namespaces ?? ClusterTrustPolicySpec.NamespaceSelection()
        return compiled
    }

    private func compile(
        _ spec: TrustPolicySpec,
        name: PolicyName,
        namespace: String?,
        now: Date,
        problems: [PolicyProblem] = []
    ) throws(PolicyProblems) -> CompiledPolicy {
        var compilation = PolicyCompilation(namespace: namespace, now: now, lookup: lookup, problems: problems)
        let compiled = compilation.compile(spec, name: name)
        guard compilation.problems.isEmpty else { throw PolicyProblems(compilation.problems) }
        return compiled
    }
}

extension TrustPolicy {
    /// What the policy takes certificates from besides itself, without repetition.
    public var certificateReferences: [CertificateReference] {
        spec.certificateReferences(in: metadata.namespace ?? "default")
    }
}

extension ClusterTrustPolicy {
    /// What the policy takes certificates from besides itself, without repetition.
    public var certificateReferences: [CertificateReference] { spec.policy.certificateReferences(in: nil) }
}

extension TrustPolicySpec {
    fileprivate func certificateReferences(in namespace: String?) -> [CertificateReference] {
        var seen: Set<CertificateReference> = []
        return authorities.flatMap { $0.notary?.trustStores ?? [] }
            .compactMap { $0.certificates.reference(in: namespace) }
            .filter { seen.insert($0).inserted }
    }
}

extension CertificateSource {
    /// The reference, as seen from a policy in `namespace`, the only one it may then name; `nil` for a cluster policy.
    ///
    /// There is none for inline certificates, for a source that is none or several, and without any namespace.
    public func reference(in namespace: String?) -> CertificateReference? {
        guard count == 1 else { return nil }
        if let azureKeyVault { return .keyVault(azureKeyVault) }
        guard let key = configMapRef ?? secretRef else { return nil }
        if let namespace, let other = key.namespace, other != namespace { return nil }
        guard let place = namespace ?? key.namespace else { return nil }
        return .object(
            CertificateObject(
                kind: configMapRef != nil ? .configMap : .secret,
                namespace: place,
                name: key.name,
                key: key.key
            )
        )
    }
}
