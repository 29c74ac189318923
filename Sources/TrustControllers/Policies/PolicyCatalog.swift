import FoundationEssentials
import ImageTrust
import KubernetesAPI
import OCIModel
import Synchronization
import TrustModel
import TrustResources

/// The policies that are in force, as the policy controllers prepared them.
///
/// Read by the image controller.
public final class PolicyCatalog: Sendable {
    private let entries = Mutex<[PolicyName: PolicyEntry]>([:])

    /// Creates an empty catalog.
    public init() {}

    /// Puts a policy into force.
    ///
    /// - Returns: whether anything changed for the images it speaks for.
    func update(_ entry: PolicyEntry) -> Bool {
        entries.withLock { entries in
            let previous = entries.updateValue(entry, forKey: entry.name)
            return previous?.revision != entry.revision || previous?.scope != entry.scope
                || previous?.demand != entry.demand
        }
    }

    /// Takes a policy out of force.
    ///
    /// - Returns: whether it was in force.
    func remove(_ name: PolicyName) -> Bool { entries.withLock { $0.removeValue(forKey: name) != nil } }

    func entry(_ name: PolicyName) -> PolicyEntry? { entries.withLock { $0[name] } }
}

/// One policy as it stands: whom it speaks for, and either what it holds or why it cannot be applied.
struct PolicyEntry: Sendable {
    /// Whether the policy can be applied.
    enum State: Sendable {
        case ready(PreparedPolicy)
        /// It speaks for its images, and none of them is trusted by it.
        case invalid(Reason, message: String)
    }

    /// A person's request that the policy's images be verified anew, and when it was seen.
    struct Demand: Sendable, Hashable {
        let request: VerificationRequest
        let seenAt: Date
    }

    let name: PolicyName
    /// uid and generation of the object this was made from.
    let source: PolicySource
    /// Which pods and namespaces it holds in.
    let scope: PolicyScope
    let state: State
    let interval: Duration
    let maxStaleness: Duration
    /// Changes with everything that can change a verdict.
    let revision: String
    /// The last request for its images, before which no judgement of them counts; `nil` where there was none.
    var demand: Demand?
}

extension [PolicyEntry] {
    /// How soon an image is looked at again that all of these speak for.
    var shortestInterval: Duration { map(\.interval).min() ?? PolicyCompiler.defaultInterval }

    /// How long a verdict outlives an outage under all of these.
    var shortestMaxStaleness: Duration { map(\.maxStaleness).min() ?? PolicyCompiler.defaultMaxStaleness }
}

/// The state of a policy object that an entry was made from.
struct PolicySource: Sendable, Hashable {
    let uid: String
    let generation: Int64

    init(_ metadata: ObjectMeta) {
        uid = metadata.uid ?? ""
        generation = metadata.generation ?? 0
    }
}

/// Which pods a policy speaks for: by namespace, namespace labels, pod labels and image.
struct PolicyScope: Sendable, Hashable {
    /// The namespace of a namespaced policy.
    let namespace: String?
    /// The namespaces of a cluster policy, by name and label.
    let namespaces: ClusterTrustPolicySpec.NamespaceSelection?
    let namespaceSelector: LabelSelector?
    let podSelector: LabelSelector?
    let images: ImageScope

    func holds(inNamespace name: String, labels: [String: String]) -> Bool {
        if let namespace { return namespace == name }
        return (namespaces?.contains(name) ?? true) && (namespaceSelector?.matches(labels) ?? true)
    }

    func selects(podLabels: LabelSet) -> Bool { podSelector?.matches(podLabels) ?? true }

    var selectsEveryPod: Bool { podSelector?.isEmpty ?? true }
}
