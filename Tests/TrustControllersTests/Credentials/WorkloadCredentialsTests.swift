import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Images of private repositories, read with what their pods are given.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite("Credentials of workloads", .timeLimit(.minutes(5))) struct WorkloadCredentialsTests {
    /// Runs `body` with a signed image that only alice may read.
    private func withPrivateImage(
        rights: ServiceAccountRights.Installation? = nil,
        _ body: @escaping @Sendable (ControllerWorld, Descriptor) async throws -> Void
    ) async throws {
        try await ControllerWorld.run(rights: rights) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            world.registry.demand([ControllerWorld.credential("alice")])
            try await world.applyQuickPolicy()
            try await body(world, image)
            try await world.expectNoSecrets()
        }
    }

    private static func isUnauthorized(_ verification: ImageVerification, naming text: String) -> Bool {
        verification.status?.verdict == .unknown && verification.status?.reason == .registryUnauthorized
            && verification.status?.message?.contains(text) == true
    }

    @Test("the pod's own pull secret is used, in both formats", arguments: [false, true])
    func own(isLegacy: Bool) async throws {
        try await withPrivateImage { world, image in
            try await world.putSecret("regcred", user: "alice", isLegacy: isLegacy)
            try await world.runPod("web-0", image: image, pullSecrets: ["regcred"])
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("the pull secret of the pod's service account is used")
    func account() async throws {
        try await withPrivateImage { world, image in
            try await world.putSecret("regcred", user: "alice")
            _ = try await world.client.resource(ServiceAccount.self).create(
                ServiceAccount(
                    metadata: ObjectMeta(name: "shop", namespace: world.namespace),
                    imagePullSecrets: [Pod.LocalReference(name: "regcred")]
                )
            )
            try await world.runPod("web-0", image: image, serviceAccount: "shop")
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test(
        "every secret is tried: one that the registry refuses, one that is missing and one of another kind hide no good one"
    )
    func wrongThenRight() async throws {
        try await withPrivateImage { world, image in
            try await world.putSecret("a-wrong", user: "mallory")
            try await world.putSecret("b-other", type: "Opaque", key: "x", content: "s3cr3t-x")
            try await world.putSecret(
                "c-broken",
                type: "kubernetes.io/dockerconfigjson",
                key: ".dockerconfigjson",
                content: "{\"auths\":{\"s3cr3t-y\":{\"auth\":\"s3cr3t-y\"}}}"
            )
            try await world.putSecret("regcred", user: "alice")
            try await world.runPod(
                "web-0",
                image: image,
                pullSecrets: ["a-wrong", "b-other", "c-broken", "../../other", "missing", "regcred"]
            )
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("the credentials of all pods that run an image in the namespace count")
    func union() async throws {
        try await withPrivateImage { world, image in
            try await world.putSecret("regcred", user: "alice")
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.reason == .registryUnauthorized }
            try await world.runPod("web-1", image: image, pullSecrets: ["regcred"])
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("a missing secret is named, and used as soon as it is there")
    func missing() async throws {
        try await withPrivateImage { world, image in
            try await world.runPod("web-0", image: image, pullSecrets: ["regcred"])
            let text = "pull secret \(world.namespace)/regcred does not exist"
            _ = try await world.verification(of: image) { Self.isUnauthorized($0, naming: text) }
            try await world.putSecret("regcred", user: "alice")
            world.time.advance(by: .seconds(11))
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test(
        "a secret that cannot be used is named, and nothing of it is shown",
        arguments: [
            ("Opaque", ".dockerconfigjson", "{\"auths\":{}}", "is of type Opaque"),
            ("kubernetes.io/dockercfg", ".dockercfg", "{\"r\":{\"auth\":\"s3cr3t-z\"}}", "not the base64 form"),
        ]
    )
    func unusable(type: String, key: String, content: String, expected: String) async throws {
        try await withPrivateImage { world, image in
            try await world.putSecret("regcred", type: type, key: key, content: content)
            try await world.runPod("web-0", image: image, pullSecrets: ["regcred"])
            let found = try await world.verification(of: image) { Self.isUnauthorized($0, naming: expected) }
            #expect(found.status?.message?.contains("pull secret \(world.namespace)/regcred") == true)
        }
    }

    @Test("a secret that may not be read is named with the file that allows it, for the operator as it is installed")
    func forbidden() async throws {
        try await withPrivateImage(rights: .namespaced) { world, image in
            try await world.putSecret("regcred", user: "alice")
            try await world.runPod("web-0", image: image, pullSecrets: ["regcred"])
            let found = try await world.verification(of: image) {
                Self.isUnauthorized($0, naming: "config/rbac/secrets_reader.yaml")
            }
            let message = found.status?.message ?? ""
            #expect(message.contains("pull secret \(world.namespace)/regcred may not be read by the operator"))
            #expect(!message.contains("/default may not be read"), "\(message)")
        }
    }

    @Test("an operator with the rights of an earlier version goes on without service accounts")
    func olderRights() async throws {
        try await withPrivateImage(rights: .namespaced) { world, image in
            let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/\(world.namespace)/roles/\(world.namespace)"
            var role = try JSONParser().parse(try await world.client.send(APIRequest(.get, path)).body)
            var rules = (role["rules"]?.array ?? []).filter { $0["resources"] != ["serviceaccounts"] }
            rules.append(["apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]])
            var members = try #require(role.object)
            members["rules"] = .array(rules)
            role = .object(members)
            let body = JSONSerializer().bytes(role)
            let headers = ["content-type": "application/json"]
            _ = try await world.client.send(APIRequest(.put, path, headers: headers, body: body))
            try await world.runPod("web-0", image: image, pullSecrets: ["regcred"])
            _ = try await world.verification(of: image) {
                Self.isUnauthorized($0, naming: "service account \(world.namespace)/default may not be read")
            }
            try await world.putSecret("regcred", user: "alice")
            world.time.advance(by: .seconds(11))
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("a secret that changes after a refusal is used within a minute")
    func changed() async throws {
        try await withPrivateImage { world, image in
            try await world.putSecret("regcred", user: "mallory")
            try await world.runPod("web-0", image: image, pullSecrets: ["regcred"])
            _ = try await world.verification(of: image) { Self.isUnauthorized($0, naming: "refused") }
            try await world.putSecret("regcred", user: "alice")
            world.time.advance(by: .seconds(61))
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("what one namespace may read no other is told: same image, same policy, other credentials")
    func tenants() async throws {
        try await ControllerWorld.run(seesCluster: true) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            world.registry.demand([ControllerWorld.credential("alice")])
            // One policy for all, so that nothing but the credentials is different.
            let policies = world.client.resource(ClusterTrustPolicy.self)
            let policy = ClusterTrustPolicy(
                metadata: ObjectMeta(name: world.namespace),
                spec: ClusterTrustPolicySpec(policy: world.policy().spec)
            )
            _ = try await policies.create(policy)
            try await world.putSecret("regcred", user: "alice")
            try await world.runPod("web-0", image: image, pullSecrets: ["regcred"])
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            let listings = world.registry.listings
            for user in [nil, "mallory", "alice"] {
                let status = try await Self.status(ofTenant: user, image, in: world)
                if user == "alice" {
                    #expect(status.verdict == .trusted)
                } else {
                    #expect(status.verdict == .unknown && status.reason == .registryUnauthorized, "\(status)")
                    #expect(status.findings?.allSatisfy { $0.signer == nil } == true)
                }
            }
            // Whoever has the same credential shares what was found out with it.
            #expect(world.registry.listings == listings)
            try await policies.delete(world.namespace)
        }
    }

    /// What a namespace is told of `image` that runs it with the credential of `user`.
    private static func status(
        ofTenant user: String?,
        _ image: Descriptor,
        in world: ControllerWorld
    ) async throws -> ImageVerificationStatus {
        try await world.cluster.withNamespace("\(world.namespace)-tenant") { tenant in
            if let user { try await world.putSecret("regcred", user: user, in: tenant) }
            let pullSecrets = user == nil ? [] : ["regcred"]
            try await world.runPod("web-0", image: image, pullSecrets: pullSecrets, in: tenant)
            let selection = ObjectSelection(namespace: tenant)
            let found = try await world.firstObject(ImageVerification.self, in: selection) {
                $0.status?.verdict != nil
            }
            try await world.expectNoSecrets(in: tenant)
            return try #require(found?.status)
        }
    }
}
