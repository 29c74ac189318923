import ImageTrust
import JSONModel
import KubernetesAPI
import OCIModel
import TrustModel
import TrustResources

/// The policies of files, as `--policy` names them.
///
/// Which of them speak for an image is decided as in a cluster, as far as the files tell: by the image's repository
/// always; for an image found in a manifest also by the pod's labels, and by the namespaces where both the manifest and
/// the policy name one. Namespaces' own labels are in no manifest of a workload; where they are not known, a
/// `namespaceSelector` counts as matching: rather one policy too many than one too few.
struct PolicySet: PolicySource {
    /// A policy, and the namespace its file gives it.
    struct Entry: Sendable {
        var compiled: CompiledPolicy
        /// The namespace of a `TrustPolicy`, where its file names one.
        var namespace: String?
        var prepared: PreparedPolicy
        /// The object as it was read.
        var object: JSONValue
        /// The certificates that it takes from elsewhere.
        var certificates: [CertificateReference: [UInt8]]
    }

    private let entries: [Entry]

    /// Creates a set; the policies are applied in order of their names.
    init(_ entries: [Entry]) { self.entries = entries.sorted { $0.compiled.policy.name < $1.compiled.policy.name } }

    func policies(
        for repository: RepositoryName?,
        written name: String? = nil,
        in source: ImageSource?
    ) -> [PreparedPolicy] {
        entries
            .filter { $0.compiled.policy.scope.contains(repository) && Self.rejection($0, of: source) == nil }
            .map(\.prepared)
    }

    var evidence: EvidenceBundle.Policies {
        var objects = PolicyObjects(entries.map(\.object))
        for entry in entries { objects.add(entry.certificates) }
        return .objects(objects.list)
    }

    func silences(
        about repository: RepositoryName?,
        written name: String? = nil,
        in source: ImageSource?
    ) -> [PolicySilence] {
        entries.compactMap { entry in
            let policy = entry.compiled.policy
            let cause = policy.scope.silence(about: repository) ?? Self.rejection(entry, of: source)
            return cause.map { PolicySilence(policy: policy.name, cause: $0) }
        }
    }

    /// Why a policy does not select `source`; `nil` when it does.
    private static func rejection(_ entry: Entry, of source: ImageSource?) -> String? {
        guard let source else { return nil }
        guard entry.compiled.podSelector.matches(source.podLabels) else {
            return "its podSelector does not select the labels of the pod"
        }
        guard let namespace = source.namespace else { return nil }
        if let own = entry.namespace, own != namespace {
            return "it is for namespace \(own), the pod is in \(namespace)"
        }
        guard entry.compiled.namespaces.contains(namespace) else { return "its namespaces leave out \(namespace)" }
        guard let labels = source.namespaceLabels, !entry.compiled.namespaceSelector.matches(labels) else { return nil }
        return "its namespaceSelector does not select the labels of \(namespace)"
    }
}
