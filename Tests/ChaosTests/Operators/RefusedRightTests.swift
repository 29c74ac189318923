import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import SigningTestKit
import Testing
import TrustModel
import TrustResources

/// Chaos 18 for whole operators: a right is taken away and given back.
@Suite struct RefusedRightTests {
    /// Puts the scene's trust anchor into a Secret.
    private static func plantAnchor(in world: OperatorWorld) async throws {
        let value = Data(world.pem(world.chain.root.der).utf8).base64EncodedString()
        let body = #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"anchor"},"data":{"ca.pem":"\#(value)"}}"#
        let request = APIRequest(
            .post,
            "/api/v1/namespaces/\(world.namespace)/secrets",
            headers: ["content-type": "application/json"],
            body: Array(body.utf8)
        )
        _ = try await world.client.send(request)
    }

    @Test(
        "chaos 18: a Secret that may not be read is a condition and an Event, verdicts outlive it, and all is well with the right",
        arguments: Chaos.seeds
    )
    func secret(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 18 (operators)", seed: seed) { world in
            try await Self.plantAnchor(in: world)
            var policy = world.policy()
            policy.spec.authorities[0].notary?.trustStores?[0].certificates = CertificateSource(
                secretRef: CertificateSource.KeyReference(name: "anchor", key: "ca.pem")
            )
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(policy)
            let alpha = try world.start("alpha")
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }

            // Who comes after alpha knows nothing yet, and may not read it.
            let rule = world.faults.add(
                FaultMatch([.get, .list, .watch], "secrets", client: "beta"),
                .status(403, "Forbidden", "secrets \"anchor\" is forbidden")
            )
            alpha.kill()
            try world.start("beta")
            try await world.waitForLeader("beta")
            let refused = try await world.object(TrustPolicy.self, "shop") {
                $0.status?.conditions?[type: "Ready"]?.status == .false
            }
            let conditions = refused.status?.conditions ?? []
            #expect(conditions[type: "Ready"]?.reason == Reason.trustStoreUnavailable.rawValue, "\(conditions)")
            #expect(conditions[type: "Ready"]?.message.contains("anchor") == true, "\(conditions)")
            #expect(conditions[type: "Reconciling"]?.status == .true, "it ends without a person: \(conditions)")
            try await world.pass(.seconds(120))
            #expect(world.faults.firings(of: rule) >= 2, "it asks again")
            let events = try await world.client.resource(Event.self).list(ObjectSelection(namespace: world.namespace))
                .items
            let told = events.filter { $0.regarding?.kind == "TrustPolicy" && $0.type == "Warning" }
            #expect(!told.isEmpty && told.count <= 2, "\(told.map { $0.note ?? "" })")
            let kept = try await world.verification(of: image) { _ in true }
            #expect(
                kept.status?.verdict == .trusted,
                "an outage is no evidence: \(String(describing: kept.status?.reason))"
            )

            world.faults.remove(rule)
            let recovered = try await world.object(TrustPolicy.self, "shop") {
                $0.status?.conditions?[type: "Ready"]?.status == .true
            }
            #expect(recovered.status?.conditions?[type: "Reconciling"] == nil)
            _ = try await world.verification(of: image) {
                $0.status?.verdict == .trusted && $0.status?.conditions?[type: "Fresh"]?.status == .true
            }
        }
    }
}
