import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Objects that others edit, delete and make again while the operator works on them.
@Suite struct ObjectLifeTests {
    /// For how many seconds the robot edits.
    private static var robotTime: Int { Chaos.runsSlowScenarios ? 30 : 4 }

    @Test(
        "chaos 13: a robot that edits a policy fifty times a second is neither fought nor followed",
        arguments: Chaos.seeds
    )
    func conflictingWriter(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 13", seed: seed) { world in
            let image = try await world.runTrustedImage(by: "alpha")
            let policies = world.client.resource(TrustPolicy.self)
            let edits = Shared(0)
            let start = world.simulation.now
            let robot = world.robot {
                let number = edits.change { edits -> Int in
                    edits += 1
                    return edits
                }
                switch number % 3 {
                case 0:
                    _ = try await policies.patch(
                        "shop",
                        namespace: world.namespace,
                        .merge(["metadata": ["labels": ["robot": .string("\(number)")]]])
                    )
                case 1:
                    _ = try await policies.patch(
                        "shop",
                        namespace: world.namespace,
                        .merge(["spec": ["interval": .string("\(60 + number % 7)s")]])
                    )
                default:
                    _ = try await policies.patch(
                        "shop",
                        namespace: world.namespace,
                        .merge(["status": ["images": ["trusted": 99]]]),
                        subresource: "status"
                    )
                }
                try await world.pass(.milliseconds(20))
            }
            try await world.pass(.seconds(Self.robotTime))
            await robot.stop()
            let stopped = world.simulation.now
            let onPolicy = await world.attempts(by: "alpha", since: start).filter { $0.key.contains("trustpolicies") }
            #expect(edits.value >= Self.robotTime * 33)
            #expect(onPolicy.count <= 3 * edits.value, "\(onPolicy.count) writes for \(edits.value) edits")
            try await world.pass(.seconds(5))
            let settled = world.simulation.now
            try await world.pass(.seconds(55))
            let late = await world.attempts(since: settled).map { "\($0.method) \($0.key)" }
            #expect(late.isEmpty, "written more than 5 s after the robot stopped at \(stopped): \(late)")
            let policy = try await policies.get("shop", namespace: world.namespace)
            #expect(policy.status?.images?.trusted == 1, "what the robot wrote was put right")
            #expect(policy.status?.observedGeneration == policy.metadata.generation)
            try await world.expectVerdicts([(image, "Trusted")])
        }
    }

    @Test(
        "chaos 13: who applies a status that is the operator's is told of a conflict; who forces it is put right",
        arguments: Chaos.seeds
    )
    func applied(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 13 (server-side apply)", seed: seed) { world in
            _ = try await world.runTrustedImage(by: "alpha")
            try await world.pass(.seconds(5))
            let start = world.simulation.now
            for _ in 0..<20 {
                let error = await #expect(throws: APIError.self) { try await Self.applyStatus(in: world, force: false) }
                let causes = error?.details?.causes?.map(\.reason) ?? []
                #expect(error?.code == .conflict && causes == ["FieldManagerConflict"], "\(causes)")
                try await world.pass(milliseconds: 10...50)
            }
            try await world.pass(.seconds(5))
            #expect(await world.attempts(since: start).isEmpty, "what was refused is none of the operator's business")
            let forced = world.simulation.now
            for _ in 0..<20 {
                _ = try await Self.applyStatus(in: world, force: true)
                try await world.pass(milliseconds: 10...500)
            }
            try await world.pass(.seconds(5))
            let settled = world.simulation.now
            #expect(await world.attempts(since: forced).count <= 3 * 20)
            let policy = try await world.client.resource(TrustPolicy.self).get("shop", namespace: world.namespace)
            #expect(policy.status?.images?.trusted == 1, "what was applied was put right")
            // The field is the operator's again.
            let last = await #expect(throws: APIError.self) { try await Self.applyStatus(in: world, force: false) }
            #expect(last?.code == .conflict)
            try await world.pass(.seconds(40))
            #expect(await world.attempts(since: settled).isEmpty)
        }
    }

    /// Says as `kubectl apply --server-side` would that the policy has 99 trusted images.
    private static func applyStatus(in world: OperatorWorld, force: Bool) async throws -> TrustPolicy {
        let claim: JSONValue = [
            "apiVersion": "vigil.dev/v1alpha1", "kind": "TrustPolicy", "metadata": ["name": "shop"],
            "status": ["images": ["trusted": 99]],
        ]
        return try await world.client.resource(TrustPolicy.self).patch(
            "shop",
            namespace: world.namespace,
            .apply(claim, fieldManager: "gitops", force: force),
            subresource: "status"
        )
    }

    @Test("chaos 13: a verdict that another writes into a status is put right at the next look", arguments: Chaos.seeds)
    func forgedVerdict(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 13 (forged verdict)", seed: seed) { world in
            let image = try world.registry.push("web")
            try await world.apply(world.policy())
            try world.start("alpha")
            try await world.runPod("web-0", image: image)
            let first = try await world.verification(of: image) { $0.status?.verdict == .unknown }
            for _ in 0..<3 {
                try await world.pass(milliseconds: 0...60_000)
                let start = world.simulation.now
                _ = try await world.client.resource(ImageVerification.self).patch(
                    first.metadata.name,
                    namespace: world.namespace,
                    .merge(["status": ["verdict": "Trusted", "reason": "Verified"]]),
                    subresource: "status"
                )
                _ = try await world.verification(of: image) { $0.status?.verdict == .unknown }
                #expect(world.simulation.now - start <= .seconds(66), "later than the interval of a minute")
            }
            try await world.expectQuiet(for: .seconds(40))
        }
    }

    @Test(
        "chaos 17: a namespace that is deleted in the middle of a judgement is left alone",
        arguments: Chaos.seeds,
        [false, true]
    )
    func namespaceDeleted(_ seed: UInt64, _ watchesCluster: Bool) async throws {
        let name = "chaos 17 (\(watchesCluster ? "cluster" : "namespace"))"
        try await OperatorWorld.run(name, seed: seed, watchesCluster: watchesCluster) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try world.start("alpha")
            try await world.waitForLeader("alpha")
            try await world.pass(.seconds(2))
            world.gatedRegistry.hold()
            try await world.runPod("web-0", image: image)
            try await world.pass(.seconds(2))
            #expect(world.gatedRegistry.waiting > 0, "a judgement must be under way")
            // A finalizer of somebody else keeps the namespace terminating for a while.
            let blocker = APIRequest(
                .post,
                "/api/v1/namespaces/\(world.namespace)/configmaps",
                headers: ["content-type": "application/json"],
                body: Array(
                    #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"slow","finalizers":["example.com/slow"]}}"#
                        .utf8
                )
            )
            _ = try await world.client.send(blocker)
            try await world.client.resource(Namespace.self).delete(world.namespace)
            let deleted = world.simulation.now
            world.gatedRegistry.release()
            try await world.pass(.seconds(60))
            let attempts = await world.attempts(since: deleted)
            let created = attempts.filter { $0.request.verb == .create && $0.isCommitted }
            #expect(created.isEmpty, "created in a namespace that ends: \(created.map(\.key))")
            #expect(attempts.count <= 12, "\(attempts.count) attempts: \(attempts.prefix(20).map(\.key))")
            _ = try await world.client.send(
                APIRequest(
                    .patch,
                    "/api/v1/namespaces/\(world.namespace)/configmaps/slow",
                    headers: ["content-type": "application/merge-patch+json"],
                    body: Array(#"{"metadata":{"finalizers":null}}"#.utf8)
                )
            )
            try await world.pass(.seconds(5))
            let left = try? await world.client.resource(Namespace.self).get(world.namespace)
            #expect(left == nil, "the namespace is gone")
            try await world.expectQuiet()
        }
    }

    @Test("chaos 26: what is made again under a name starts afresh", arguments: Chaos.seeds, [false, true])
    func madeAgain(_ seed: UInt64, _ isUnseen: Bool) async throws {
        try await OperatorWorld.run("chaos 26 (\(isUnseen ? "unseen" : "seen"))", seed: seed) { world in
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            try world.start("alpha")
            try await world.runPod("web-0", image: image)
            let first = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            try await world.pass(.seconds(2))
            let withheld = isUnseen ? world.faults.add(FaultMatch([.watch], client: "alpha"), .withholdEvents()) : nil
            let policies = world.client.resource(TrustPolicy.self)
            try await policies.delete("shop", namespace: world.namespace)
            try await world.client.resource(ImageVerification.self).delete(
                first.metadata.name,
                namespace: world.namespace
            )
            // Under the same name, and this one trusts somebody else.
            let other = world.policy(identity: "x509.subject: C=DE, ST=BE, O=Somebody")
            let second = try await world.apply(other)
            if let withheld {
                try await world.pass(.seconds(3))
                world.faults.remove(withheld)
            }
            let again = try await world.verification(of: image) { $0.status?.verdict == .unknown }
            #expect(again.metadata.uid != first.metadata.uid)
            // Its history is its own. If the old policy's end is seen late it may begin with that one's verdict.
            let history = again.status?.history ?? []
            #expect(history.last?.from == nil && history.count <= 2, "\(history)")
            let made = again.metadata.creationTimestamp
            #expect(history.allSatisfy { change in made.map { change.time >= $0 } == true }, "\(history)")
            let policy = try await world.object(TrustPolicy.self, "shop") { $0.status?.images?.unknown == 1 }
            #expect(policy.metadata.uid == second.metadata.uid && policy.status?.images?.trusted ?? 0 == 0)
            #expect(policy.status?.observedGeneration == policy.metadata.generation)
            try await world.expectQuiet(for: .seconds(40))
        }
    }
}
