import ImageTrust
import KubernetesAPI
import OCIModel
import TrustModel
import TrustResources

/// The policies of files, as `--policy` names them.
///
/// Which of them speak for an image is decided as in a cluster, as far as the files tell: by the image's repository
/// always; for an image found in a manifest also by the pod's labels, and by the namespaces where both the manifest and
/// the policy name one. Namespaces' own labels are in no manifest of a workload, so a `namespaceSelector` counts as
/// matching: rather one policy too many than one too few.
struct PolicySet: PolicySource {
    /// A policy, and the namespace its file gives it.
    struct Entry: Sendable {
        var compiled: CompiledPolicy
        /// The namespace of a `TrustPolicy`, where its file names one.
        var namespace: String?
        var prepared: PreparedPolicy
    }

    private let entries: [Entry]

    /// Creates a set; the policies are applied in order of their names.
    init(_ entries: [Entry]) { self.entries = entries.sorted { $0.compiled.policy.name < $1.compiled.policy.name } }

    func policies(for repository: RepositoryName?, in source: ImageSource?) -> [PreparedPolicy] {
        entries
            .filter { $0.compiled.policy.scope.contains(repository) && Self.selects($0, source) }
            .map(\.prepared)
    }

    private static func selects(_ entry: Entry, _ source: ImageSource?) -> Bool {
        guard let source else { return true }
        guard entry.compiled.podSelector.matches(source.podLabels) else { return false }
        guard let namespace = source.namespace else { return true }
        if let own = entry.namespace, own != namespace { return false }
        return entry.compiled.namespaces.contains(namespace)
    }
}
