import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// The operator at work under its own service account, with the rights of `config` and no others.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.timeLimit(.minutes(5))) struct OperatorRightsTests {
    /// One image that is trusted, and one that is not: verifications, status and Events are written for both.
    private func work(in world: ControllerWorld) async throws {
        let signed = try world.registry.push("web")
        try world.registry.sign(signed, by: world.chain)
        let unsigned = try world.registry.push("api")
        try await world.apply(world.policy())
        try await world.runPod("web-0", image: signed)
        try await world.runPod("api-0", image: unsigned)
        _ = try await world.verification(of: signed) { $0.status?.verdict == .trusted }
        _ = try await world.verification(of: unsigned) { $0.status?.reason == .noSignature }
        let event = try await world.event(about: "api-0", reason: "ImageUnknown")
        #expect(event.type == "Warning")
        try await world.deletePod("web-0")
        try await world.waitUntilGone(ImageVerification.self, ImageVerification.name(for: signed.digest))
    }

    private static func lease(_ name: String) -> String {
        #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"\#(name)"},"spec":{}}"#
    }

    private func leases(_ namespace: String) -> String {
        "/apis/coordination.k8s.io/v1/namespaces/\(namespace)/leases"
    }

    @Test("config/rbac is enough for the whole cluster, and for nothing beyond the operator's work")
    func clusterWide() async throws {
        try await ControllerWorld.run(seesCluster: true, rights: .cluster) { world in
            try await work(in: world)
            let rights = try #require(world.rights)
            let namespace = world.namespace
            #expect(try await rights.answer(.post, leases(namespace), Self.lease("vigil")).0 == 201)
            #expect(try await rights.answer(.get, "/api/v1/namespaces").0 == 200)
            let refused: [(APIRequest.Method, String, String)] = [
                (.get, "/api/v1/namespaces/\(namespace)/secrets", ""), (.get, "/api/v1/secrets", ""),
                (.get, "/api/v1/configmaps", ""),
                (.delete, "/api/v1/namespaces/\(namespace)/pods/api-0", ""),
                (.delete, "/apis/vigil.dev/v1alpha1/namespaces/\(namespace)/trustpolicies/shop", ""),
                (.post, leases("default"), Self.lease("vigil")),
                (.get, leases(namespace), ""),
                (.get, "/apis/rbac.authorization.k8s.io/v1/clusterroles", ""),
            ]
            for (method, path, body) in refused {
                let (status, message) = try await rights.answer(method, path, body)
                #expect(status == 403, "\(method.rawValue) \(path): \(message)")
            }
        }
    }

    @Test("config/namespaced is enough for one namespace with a Role alone, and reaches no other")
    func oneNamespace() async throws {
        try await ControllerWorld.run(rights: .namespaced) { world in
            try await work(in: world)
            let rights = try #require(world.rights)
            #expect(try await rights.answer(.post, leases(world.namespace), Self.lease("vigil")).0 == 201)
            for path in [
                "/api/v1/pods", "/api/v1/namespaces", "/api/v1/namespaces/default/pods",
                "/api/v1/namespaces/\(world.namespace)/secrets", "/apis/vigil.dev/v1alpha1/clustertrustpolicies",
                "/apis/vigil.dev/v1alpha1/namespaces/default/imageverifications",
            ] {
                let (status, message) = try await rights.answer(.get, path)
                #expect(status == 403 && message.contains("forbidden"), "\(path): \(status) \(message)")
            }
        }
    }
}
