import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Operators that watch the whole cluster, while its namespaces change, in virtual time.
@Suite struct ClusterScopeTests {
    private static let tenants = (0..<5).map { "tenant-\($0)" }

    @Test(
        "chaos 40: namespaces come, change their labels and go while leaders die; in the end each has what its labels say",
        arguments: Chaos.seeds
    )
    func namespaces(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 40", seed: seed, watchesCluster: true) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.applyClusterPolicy(selecting: ["guarded": "yes"])
            try world.start("first")
            try await world.waitForLeader("first")
            try world.start("second")
            // What each namespace is labelled with, while it is there.
            var guarded: [String: Bool] = [:]
            for round in 0..<30 {
                let (tenant, change, pause) = world.simulation.draw { generator in
                    (
                        Self.tenants.randomElement(using: &generator) ?? "", Int.random(in: 0..<4, using: &generator),
                        Int.random(in: 0...3000, using: &generator)
                    )
                }
                switch (guarded[tenant], change) {
                case (nil, _):
                    guarded[tenant] = change < 2
                    try await world.makeTenant(tenant, isGuarded: change < 2, running: image)
                case (_?, 0):
                    guarded[tenant] = nil
                    try await world.client.resource(Namespace.self).delete(tenant)
                    try await world.waitUntilGone(tenant)
                case (let isGuarded?, _):
                    guarded[tenant] = !isGuarded
                    try await world.label(tenant, isGuarded: !isGuarded)
                }
                if round == 10 || round == 20 {
                    world.livingOperators.first?.kill()
                    try world.start("after \(round)")
                }
                try await world.pass(.milliseconds(pause))
            }
            try await world.pass(.seconds(60))
            try #require(!guarded.isEmpty)
            for tenant in Self.tenants {
                let verdicts = try await world.verdicts(in: tenant)
                #expect(verdicts == (guarded[tenant] == true ? ["Trusted"] : []), "\(tenant), seed \(seed)")
            }
            try await world.expectQuiet()
        }
    }

    @Test(
        "chaos 40: a cluster policy that changes while the leader is cut off holds everywhere soon after another leads",
        arguments: Chaos.seeds
    )
    func policy(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 40 (policy)", seed: seed, watchesCluster: true) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.applyClusterPolicy(selecting: ["guarded": "yes"])
            let alpha = try world.start("alpha")
            try await world.waitForLeader("alpha")
            try world.start("beta")
            for tenant in Self.tenants { try await world.makeTenant(tenant, isGuarded: true, running: image) }
            try await world.pass(.seconds(20))
            for tenant in Self.tenants { #expect(try await world.verdicts(in: tenant) == ["Trusted"]) }
            world.faults.partition("alpha", .bothWays)
            try await world.applyClusterPolicy(
                selecting: ["guarded": "yes"],
                identity: "x509.subject: C=DE, ST=BE, O=Somebody"
            )
            try await world.pass(.seconds(60))
            #expect(alpha.end?.isLossOfLeadership == true)
            for tenant in Self.tenants { #expect(try await world.verdicts(in: tenant) == ["Unknown"], "\(tenant)") }
            try await world.expectQuiet()
        }
    }
}

extension OperatorWorld {
    /// A policy for the namespaces with these labels, which trusts whom ``policy(_:identity:)`` does.
    fileprivate func applyClusterPolicy(
        selecting labels: [String: String],
        identity: String = "x509.subject: C=US, ST=WA, O=Example"
    ) async throws {
        var spec = ClusterTrustPolicySpec(policy: policy(identity: identity).spec)
        spec.namespaceSelector = LabelSelector(matchLabels: labels)
        let policies = client.resource(ClusterTrustPolicy.self)
        let policy = ClusterTrustPolicy(metadata: ObjectMeta(name: "baseline"), spec: spec)
        do {
            _ = try await policies.create(policy)
        } catch let error as APIError where error.code == .alreadyExists {
            _ = try await policies.update("baseline") { stored in
                stored.spec = spec
                return true
            }
        }
    }

    /// Makes a namespace with one pod.
    fileprivate func makeTenant(_ name: String, isGuarded: Bool, running image: Descriptor) async throws {
        let metadata = ObjectMeta(name: name, labels: ["guarded": isGuarded ? "yes" : "no"])
        _ = try await client.resource(Namespace.self).create(Namespace(metadata: metadata))
        try await runPod("web-0", image: image, in: name)
    }

    fileprivate func label(_ name: String, isGuarded: Bool) async throws {
        let labels: JSONValue = ["guarded": isGuarded ? "yes" : "no"]
        _ = try await client.resource(Namespace.self).patch(name, .merge(["metadata": ["labels": labels]]))
    }

    /// Suspends until a namespace is gone with everything in it.
    fileprivate func waitUntilGone(_ name: String) async throws {
        let end = simulation.now + patience
        while simulation.now < end {
            do {
                _ = try await client.resource(Namespace.self).get(name)
            } catch let error as APIError where error.code == .notFound {
                return
            }
            try await pass(.milliseconds(100))
        }
        throw SceneError("namespace \(name) was not gone within \(patience)")
    }

    /// What is held of the images that run in a namespace.
    fileprivate func verdicts(in name: String) async throws -> [String] {
        try await client.resource(ImageVerification.self).list(ObjectSelection(namespace: name)).items
            .map { $0.status?.verdict?.rawValue ?? "" }
    }
}
