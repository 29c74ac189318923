import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Chaos 35: what people do to policies by mistake, as Acto does it to operators.
@Suite struct MisoperationTests {
    /// What is missing, and may come yet: no reason to call for a person.
    private static let missing = "a reference to what is not there"

    /// Specifications that the schema lets pass and no operator can apply, each with what is wrong.
    private static let invalid: [(name: String, change: @Sendable (inout TrustPolicySpec) -> Void)] = [
        (
            "certificates that are none",
            { $0.authorities[0].notary?.trustStores?[0].certificates.inline = "no certificate" }
        ),
        (
            missing,
            {
                $0.authorities[0].notary?.trustStores?[0].certificates = CertificateSource(
                    configMapRef: CertificateSource.KeyReference(name: "absent", key: "ca.pem")
                )
            }
        ),
        (
            "a reference to a secret that is no certificate",
            {
                $0.authorities[0].notary?.trustStores?[0].certificates = CertificateSource(
                    secretRef: CertificateSource.KeyReference(name: SecretWatch.name, key: SecretWatch.key)
                )
            }
        ),
        (
            "an identity that cannot be read",
            { $0.authorities[0].notary?.trustedIdentities = ["x509.subject: nonsense"] }
        ),
    ]

    @Test(
        "chaos 35: each invalid policy is Stalled with a reason, what is missing is waited for, and the valid one after is in force",
        arguments: Chaos.seeds
    )
    func invalidSequences(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 35 (invalid)", seed: seed) { world in
            let image = try await world.runTrustedImage(by: "alpha")
            let order = world.simulation.draw { Self.invalid.shuffled(using: &$0) }
            for (name, change) in order {
                var wrong = world.policy()
                change(&wrong.spec)
                let applied = try await world.apply(wrong)
                let stalled = try await world.object(TrustPolicy.self, "shop") {
                    $0.status?.observedGeneration == applied.metadata.generation
                }
                let conditions = stalled.status?.conditions ?? []
                let ready = conditions[type: "Ready"]
                #expect(ready?.status == .false && ready?.reason.isEmpty == false, "\(name): \(conditions)")
                let (state, other) =
                    name == Self.missing ? ("Reconciling", "Stalled") : ("Stalled", "Reconciling")
                let explained = conditions[type: state]
                #expect(explained?.status == .true && explained?.message.isEmpty == false, "\(name): \(conditions)")
                #expect(conditions[type: other] == nil, "\(name): \(conditions)")
                // A policy that cannot be applied still speaks, and vouches for nothing.
                _ = try await world.verification(of: image) { $0.status?.verdict == .unknown }
                let valid = try await world.apply(world.policy())
                let recovered = try await world.object(TrustPolicy.self, "shop") {
                    $0.status?.observedGeneration == valid.metadata.generation
                        && $0.status?.conditions?[type: "Ready"]?.status == .true
                }
                #expect(recovered.status?.conditions?[type: "Stalled"]?.status != .true)
                _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            }
            try await world.expectQuiet(for: .seconds(40))
        }
    }

    @Test("chaos 35: what the schema refuses changes nothing", arguments: Chaos.seeds)
    func refused(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 35 (refused)", seed: seed) { world in
            let image = try await world.runTrustedImage(by: "alpha")
            try await world.pass(.seconds(5))
            let start = world.simulation.now
            let policies = world.client.resource(TrustPolicy.self)
            let patches: [JSONValue] = [
                ["spec": ["interval": "soon"]], ["spec": ["authorities": []]], ["spec": ["require": "Most"]],
                ["spec": ["interval": "-5s"]],
            ]
            for patch in patches {
                await #expect(throws: APIError.self) {
                    _ = try await policies.patch("shop", namespace: world.namespace, .merge(patch))
                }
            }
            try await world.pass(.seconds(40))
            #expect(await world.attempts(since: start).isEmpty)
            try await world.expectVerdicts([(image, "Trusted")])
        }
    }

    @Test("chaos 35: flipping A-B-A ends where the last flip left it", arguments: Chaos.seeds, [true, false])
    func flips(_ seed: UInt64, _ endsTrusting: Bool) async throws {
        try await OperatorWorld.run("chaos 35 (A-B-A)", seed: seed) { world in
            let image = try await world.runTrustedImage(by: "alpha")
            let trusting = world.policy()
            let other = world.policy(identity: "x509.subject: C=DE, ST=BE, O=Somebody")
            for flip in 0..<(Chaos.runsSlowScenarios ? 50 : 10) {
                try await world.apply(flip.isMultiple(of: 2) == endsTrusting ? other : trusting)
                try await world.pass(milliseconds: 0...60)
            }
            let start = world.simulation.now
            try await world.pass(.seconds(10))
            try await world.expectVerdicts([(image, endsTrusting ? "Trusted" : "Unknown")])
            let policy = try await world.client.resource(TrustPolicy.self).get("shop", namespace: world.namespace)
            #expect(policy.status?.observedGeneration == policy.metadata.generation)
            let writes = await world.attempts(since: start).count
            #expect(writes <= 20, "\(writes) writes after the last flip")
            try await world.expectQuiet(for: .seconds(40))
        }
    }

    @Test("chaos 35: a policy deleted while its images are being made leaves none of them", arguments: Chaos.seeds)
    func deletedWhileCreating(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 35 (delete while creating)", seed: seed) { world in
            try world.start("alpha")
            try await world.waitForLeader("alpha")
            for round in 0..<10 {
                try await world.apply(world.policy())
                let image = try world.registry.push("web-\(round)")
                try await world.runPod("web-\(round)", image: image)
                try await world.pass(milliseconds: 0...40)
                try await world.client.resource(TrustPolicy.self).delete("shop", namespace: world.namespace)
                if round.isMultiple(of: 2) { try await world.deletePod("web-\(round)") }
            }
            try await world.pass(.seconds(20))
            // Nothing covers these images any more: no object, no verdict.
            try await world.expectVerdicts([])
            try await world.expectQuiet()
        }
    }

    @Test("chaos 35: scaled to nothing and back, the verdicts go and come again", arguments: Chaos.seeds)
    func scaledToNothing(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 35 (scale 0)", seed: seed) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try world.start("alpha")
            try await world.waitForLeader("alpha")
            for round in 0..<10 {
                for pod in 0..<3 { try await world.runPod("web-\(pod)", image: image) }
                try await world.pass(milliseconds: 0...300)
                for pod in 0..<3 { try await world.deletePod("web-\(pod)") }
                if round == 9 { break }
                try await world.pass(milliseconds: 0...300)
            }
            try await world.pass(.seconds(10))
            try await world.expectVerdicts([])
            try await world.runPod("web-last", image: image)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            let policy = try await world.object(TrustPolicy.self, "shop") { $0.status?.images?.trusted == 1 }
            #expect(policy.status?.images?.total == 1)
            try await world.expectQuiet(for: .seconds(40))
        }
    }
}
