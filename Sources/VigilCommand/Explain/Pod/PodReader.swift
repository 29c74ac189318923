import FoundationEssentials
import ImageTrust
import JSONModel
import KubernetesAPI
import KubernetesClient
import TrustControllers
import TrustModel
import TrustResources

/// Reads what explaining a pod needs, and nothing else.
struct PodReader: Sendable {
    let client: APIClient
    /// Where certificates in vaults are read.
    let vaults: any CertificateVaults
    let namespace: String
    let pod: String
    /// The one container that is wanted; `nil` for all.
    let container: String?
    /// Whether the policies are those of the cluster.
    let readsPolicies: Bool

    /// Reads it.
    ///
    /// - Throws: ``InputError`` when the pod does not exist, runs nothing, or a policy cannot be applied; otherwise what the
    ///   client throws.
    func situation() async throws -> PodSituation {
        let pod = try await found()
        let labels = try await namespaceLabels()
        var (images, waiting): ([GivenImage], [String]) = ([], [])
        for running in PodImages.containers(of: pod) where container.map({ $0 == running.name }) ?? true {
            guard let image = running.image else {
                waiting.append(running.name)
                continue
            }
            let source = source(running.name, podLabels: pod.metadata.labels, namespaceLabels: labels)
            switch image.identity {
            case .inRegistry(let reference):
                let indexes = Set([image.index].compactMap(\.self))
                images.append(GivenImage(text: "\(reference)", source: source, indexes: indexes))
            case .unidentified(let reason, let message):
                let anonymity = GivenImage.Anonymity(reason: reason, message: message)
                images.append(GivenImage(text: image.written, source: source, anonymity: anonymity))
            }
        }
        guard !images.isEmpty else {
            throw InputError(
                container.map { "pod \(namespace)/\(self.pod) has no container \($0) that runs an image" }
                    ?? "pod \(namespace)/\(self.pod) runs no image: it has ended, or has not begun"
            )
        }
        let (policies, silences) = readsPolicies ? try await policies(labels) : (nil, [])
        return PodSituation(
            namespace: namespace,
            pod: self.pod,
            platform: PodImages.platform(of: pod),
            images: images,
            waiting: waiting,
            policies: policies,
            silences: silences
        )
    }

    private func source(
        _ container: String,
        podLabels: [String: String],
        namespaceLabels: [String: String]?
    ) -> ImageSource {
        ImageSource(
            file: "the cluster",
            document: 1,
            kind: "Pod",
            namespace: namespace,
            name: pod,
            container: container,
            podLabels: podLabels,
            namespaceLabels: namespaceLabels
        )
    }

    private func found() async throws -> Pod {
        do {
            return try await client.resource(Pod.self).get(pod, namespace: namespace)
        } catch let error as APIError where error.httpStatus == 404 {
            throw InputError("there is no pod \(namespace)/\(pod); name its namespace with -n")
        }
    }

    /// The labels of the namespace; `nil` for who may not read it.
    private func namespaceLabels() async throws -> [String: String]? {
        do {
            return try await client.resource(Namespace.self).get(namespace).metadata.labels
        } catch let error as APIError where error.httpStatus == 403 || error.httpStatus == 404 {
            return nil
        }
    }

    // MARK: - Policies

    private func policies(
        _ labels: [String: String]?
    ) async throws -> (EvidenceBundle.Policies, [PolicySilence]) {
        let own = try await policies(TrustPolicy.self, ObjectSelection(namespace: namespace))
        var silences: [PolicySilence] = []
        var clusterWide: [ClusterTrustPolicy] = []
        for policy in try await policies(ClusterTrustPolicy.self, ObjectSelection()) {
            let spec = policy.spec
            // Where the labels are not known, a policy that goes by them counts as holding.
            if let labels, !spec.selects(namespace: namespace, labels: labels) {
                let name = PolicyName(kind: .clusterTrustPolicy, name: policy.metadata.name)
                silences.append(PolicySilence(policy: name, cause: "its namespaces leave out \(namespace)"))
            } else if spec.namespaces?.contains(namespace) ?? true {
                clusterWide.append(policy)
            }
        }
        var objects = PolicyObjects(
            try own.map { try Self.object($0, $0.spec) } + clusterWide.map { try Self.object($0, $0.spec) }
        )
        for policy in own {
            objects.add(try await certificates(policy.certificateReferences, of: "TrustPolicy", policy))
        }
        for policy in clusterWide {
            objects.add(try await certificates(policy.certificateReferences, of: "ClusterTrustPolicy", policy))
        }
        return (.objects(objects.list), silences)
    }

    private func policies<Policy: KubernetesObject>(
        _ type: Policy.Type,
        _ selection: ObjectSelection
    ) async throws -> [Policy] {
        do {
            return try await client.resource(type).list(selection).items.filter { $0.metadata.deletionTimestamp == nil }
        } catch let error as APIError where error.httpStatus == 404 {
            throw InputError(
                "the cluster knows no \(Policy.resource.plural): install the definitions of vigil, or name policies with --policy"
            )
        } catch let error as APIError where error.httpStatus == 403 {
            throw InputError(
                "\(Policy.resource.plural) may not be listed, so that the verdict would be half a one: \(error.message); name "
                    + "policies with --policy"
            )
        }
    }

    /// What of a policy decides, as a file would hold it.
    private static func object(_ policy: some KubernetesObject, _ spec: some Encodable) throws -> JSONValue {
        var metadata: [String: JSONValue] = ["name": .string(policy.metadata.name)]
        if let namespace = policy.metadata.namespace { metadata["namespace"] = .string(namespace) }
        let resource = type(of: policy).resource
        return [
            "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
            "metadata": .object(metadata), "spec": try JSONParser().parse(Array(JSONEncoder().encode(spec))),
        ]
    }

    private func certificates(
        _ references: [CertificateReference],
        of kind: String,
        _ policy: some KubernetesObject
    ) async throws -> [CertificateReference: [UInt8]] {
        var found: [CertificateReference: [UInt8]] = [:]
        for (reference, lookup) in try await CertificateFetcher(client: client, vaults: vaults, for: .person).lookUp(
            references
        ) {
            switch lookup {
            case .found(let bytes, _): found[reference] = bytes
            case .unavailable(let why), .refused(let why):
                throw InputError("\(kind) \(policy.metadata.name) takes certificates from \(reference), which \(why)")
            }
        }
        return found
    }
}
