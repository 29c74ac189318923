import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import SigningTestKit
import TestTiming
import Testing
import TrustModel
import TrustResources

/// What becomes of policies when their anchors change, end, or are used.
///
/// Where anchors change, the controllers' clock stands still, so that they do not come back to a policy after a while:
/// what they see, a watch has told them.
@Suite(.timeLimit(.minutes(5))) struct AnchorTests {
    private func policy(_ world: ControllerWorld, _ source: CertificateSource) -> TrustPolicy {
        var policy = world.policy()
        policy.spec.authorities[0].notary?.trustStores = [
            TrustStoreSource(type: "ca", name: "example", certificates: source)
        ]
        return policy
    }

    /// A policy for the namespace of `world`, with a trust store for each object of these kinds in another namespace.
    private func clusterPolicy(_ world: ControllerWorld, _ kinds: [String], in anchors: String) -> ClusterTrustPolicy {
        let reference = CertificateSource.KeyReference(
            namespace: anchors,
            name: Self.reference.name,
            key: Self.reference.key
        )
        var policy = world.policy()
        policy.spec.authorities[0].notary?.trustStores = kinds.map { kind in
            let isSecret = kind == "Secret"
            return TrustStoreSource(
                type: "ca",
                name: kind.lowercased(),
                certificates: CertificateSource(
                    configMapRef: isSecret ? nil : reference,
                    secretRef: isSecret ? reference : nil
                )
            )
        }
        return ClusterTrustPolicy(
            metadata: ObjectMeta(name: "\(world.namespace)-baseline"),
            spec: ClusterTrustPolicySpec(
                policy: policy.spec,
                namespaces: ClusterTrustPolicySpec.NamespaceSelection(include: [world.namespace])
            )
        )
    }

    /// Creates an object with the anchors of `chain`, in the namespace of `world` or another.
    private func create(
        _ kind: String,
        _ world: ControllerWorld,
        _ chain: TestChain,
        in other: String? = nil
    ) async throws {
        let object: JSONValue = [
            "apiVersion": "v1", "kind": .string(kind), "metadata": ["name": "anchors"],
            "data": data(kind, chain),
        ]
        try await send(.post, kind, world, object, in: other)
    }

    /// Gives the object the anchors of `chain`.
    private func change(
        _ kind: String,
        _ world: ControllerWorld,
        _ chain: TestChain,
        in other: String? = nil
    ) async throws {
        try await send(.patch, kind, world, ["data": data(kind, chain)], in: other)
    }

    private func data(_ kind: String, _ chain: TestChain) -> JSONValue {
        let pem = chain.root.pem
        return ["ca.pem": .string(kind == "Secret" ? Data(pem.utf8).base64EncodedString() : pem)]
    }

    private func send(
        _ method: APIRequest.Method,
        _ kind: String,
        _ world: ControllerWorld,
        _ body: JSONValue? = nil,
        in other: String? = nil
    ) async throws {
        let collection = "/api/v1/namespaces/\(other ?? world.namespace)/\(kind.lowercased())s"
        let type = method == .patch ? "application/merge-patch+json" : "application/json"
        let request = APIRequest(
            method,
            method == .post ? collection : "\(collection)/anchors",
            headers: ["content-type": type],
            body: body.map { JSONSerializer().bytes($0) }
        )
        _ = try await world.client.send(request)
    }

    private static let reference = CertificateSource.KeyReference(name: "anchors", key: "ca.pem")

    private func hasReady(_ status: Condition.Status) -> @Sendable (TrustPolicy) -> Bool {
        { $0.status?.conditions?[type: ConditionType.ready]?.status == status }
    }

    @Test("a ConfigMap that appears, changes or goes away is acted on at once, with the rights of config alone")
    func configMaps() async throws {
        for rights in [ServiceAccountRights.Installation.namespaced, .cluster] {
            try await ControllerWorld.run(seesCluster: rights == .cluster, rights: rights, clock: ManualClock()) {
                world in
                let image = try world.registry.push("web")
                try world.registry.sign(image, by: world.chain)
                try await world.runPod("web-0", image: image)
                try await world.apply(policy(world, CertificateSource(configMapRef: Self.reference)))
                _ = try await world.object(TrustPolicy.self, "shop", where: hasReady(.false))
                try await create("ConfigMap", world, try TestChain.make(number: 1))
                _ = try await world.object(TrustPolicy.self, "shop", where: hasReady(.true))
                _ = try await world.verification(of: image) { $0.status?.reason == .noTrustedSignature }
                try await change("ConfigMap", world, world.chain)
                _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
                try await send(.delete, "ConfigMap", world)
                _ = try await world.object(TrustPolicy.self, "shop", where: hasReady(.false))
            }
        }
    }

    @Test("a Secret is watched where a Role grants that by its name")
    func secrets() async throws {
        try await ControllerWorld.run(rights: .namespaced, clock: ManualClock()) { world in
            let rights = try #require(world.rights)
            try await grantSecrets(in: world)
            try await create("Secret", world, try TestChain.make(number: 1))
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.runPod("web-0", image: image)
            try await world.apply(policy(world, CertificateSource(secretRef: Self.reference)))
            _ = try await world.verification(of: image) { $0.status?.reason == .noTrustedSignature }
            try await change("Secret", world, world.chain)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            let collection = "/api/v1/namespaces/\(world.namespace)/secrets"
            #expect(try await rights.answer(.get, collection).0 == 403)
            #expect(try await rights.answer(.get, "\(collection)/anchors").0 == 200)
        }
    }

    @Test(
        "what a cluster policy refers to in another namespace is acted on at once when it changes or goes away",
        arguments: [["ConfigMap"], ["Secret"], ["ConfigMap", "Secret"]]
    )
    func clusterPolicies(kinds: [String]) async throws {
        try await ControllerWorld.run(seesCluster: true, rights: .cluster, clock: ManualClock()) { world in
            try await world.cluster.withNamespace("\(world.namespace)-anchors") { anchors in
                let stranger = try TestChain.make(number: 1)
                if kinds.contains("Secret") { try await grantSecrets(in: world, of: anchors) }
                for kind in kinds { try await create(kind, world, stranger, in: anchors) }
                let image = try world.registry.push("web")
                try world.registry.sign(image, by: world.chain)
                try await world.runPod("web-0", image: image)
                let policies = world.client.resource(ClusterTrustPolicy.self)
                let policy = try await policies.create(clusterPolicy(world, kinds, in: anchors))
                _ = try await world.verification(of: image) { $0.status?.reason == .noTrustedSignature }
                for kind in kinds {
                    try await change(kind, world, world.chain, in: anchors)
                    _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
                    try await change(kind, world, stranger, in: anchors)
                    _ = try await world.verification(of: image) { $0.status?.reason == .noTrustedSignature }
                }
                try await send(.delete, try #require(kinds.last), world, in: anchors)
                _ = try await world.object(ClusterTrustPolicy.self, policy.metadata.name) { policy in
                    policy.status?.conditions?[type: ConditionType.ready]?.reason == "TrustStoreUnavailable"
                }
                try await policies.delete(policy.metadata.name)
            }
        }
    }

    /// What secrets_reader.yaml says, for one Secret of the test's namespace or another.
    private func grantSecrets(in world: ControllerWorld, of other: String? = nil) async throws {
        let role = """
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "anchors"}, "rules": [
              {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
              {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["anchors"], "verbs": ["watch"]}]}
            """
        let binding = """
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "anchors"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "anchors"},
             "subjects": [{"kind": "ServiceAccount", "name": "\(world.namespace)", "namespace": "\(world.namespace)"}]}
            """
        let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/\(other ?? world.namespace)"
        for (collection, body) in [("roles", role), ("rolebindings", binding)] {
            let request = APIRequest(
                .post,
                "\(path)/\(collection)",
                headers: ["content-type": "application/json"],
                body: Array(body.utf8)
            )
            _ = try await world.client.send(request)
        }
    }

    @Test("the status says how many running images each anchor still vouches for")
    func uses() async throws {
        try await ControllerWorld.run { world in
            let other = try TestChain.make(number: 1)
            var policy = world.policy()
            policy.spec.authorities[0].notary?.trustStores?.append(
                TrustStoreSource(type: "ca", name: "other", certificates: CertificateSource(inline: other.root.pem))
            )
            let first = try world.registry.push("web")
            try world.registry.sign(first, by: world.chain)
            let second = try world.registry.push("api")
            try world.registry.sign(second, by: world.chain)
            try await world.apply(policy)
            try await world.runPod("web-0", image: first)
            try await world.runPod("web-1", image: first)
            try await world.runPod("api-0", image: second)
            let fingerprints = [Digest.of(world.chain.root.der).hex, Digest.of(other.root.der).hex]
            func uses(_ counts: [Int]) -> @Sendable (TrustPolicy) -> Bool {
                { policy in
                    let anchors = policy.status?.anchors ?? []
                    return fingerprints.map { print in anchors.first { $0.sha256 == print }?.images } == counts
                }
            }
            let policyWithUses = try await world.object(TrustPolicy.self, "shop", where: uses([2, 0]))
            #expect(policyWithUses.status?.anchors?.first?.subject.contains("CN=Example Root") == true)
            #expect(policyWithUses.status?.anchors?.first?.authority == "example")
            try await world.deletePod("api-0")
            _ = try await world.object(TrustPolicy.self, "shop", where: uses([1, 0]))
        }
    }

    @Test("images that stop being trusted within 30 days are said ahead of time, in a condition and an Event")
    func lapsing() async throws {
        try await ControllerWorld.run { world in
            var recipe = CertificateRecipe.authority("Ending Root")
            recipe.notAfter = ControllerWorld.start + 5 * 86_400
            let chain = try TestChain.make(root: recipe)
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: chain)
            try await world.apply(policy(world, CertificateSource(inline: chain.root.pem)))
            _ = try await world.object(TrustPolicy.self, "shop") { policy in
                policy.status?.conditions?[type: ConditionType.trustLapsing]?.status == .false
            }
            try await world.runPod("web-0", image: image)
            let event = try await world.event(about: "shop", reason: "TrustLapsing")
            #expect(event.type == "Warning")
            #expect(event.note?.hasPrefix("1 trusted image lapses within 30 days, 1 of them within 7 days") == true)
            try await world.deletePod("web-0")
            _ = try await world.object(TrustPolicy.self, "shop") { policy in
                policy.status?.conditions?[type: ConditionType.trustLapsing]?.reason == "VerdictsHold"
            }
        }
    }

    @Test("a certificate that ends within 30 days is said ahead of time, in a condition and an Event")
    func expiring() async throws {
        try await ControllerWorld.run { world in
            var recipe = CertificateRecipe.authority("Ending Root")
            recipe.notAfter = ControllerWorld.start + 29 * 86_400
            let chain = try TestChain.make(root: recipe)
            try await world.apply(policy(world, CertificateSource(inline: chain.root.pem)))
            let event = try await world.event(about: "shop", reason: "TrustStoreExpiring")
            #expect(event.type == "Warning")
            #expect(event.note?.contains("add its successor") == true)
            _ = try await world.object(TrustPolicy.self, "shop") { policy in
                policy.status?.conditions?[type: ConditionType.trustStoreExpiring]?.reason == "CertificateExpiresSoon"
            }
        }
    }
}
