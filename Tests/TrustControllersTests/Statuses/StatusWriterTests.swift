import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing
import TrustResources

@testable import TrustControllers

/// What becomes of a status that was decided on an older state of its object.
@Suite("Status writer", .timeLimit(.minutes(2)))
struct StatusWriterTests {
    /// Runs `body` with a policy and what writes its status.
    private static func withPolicy(
        _ body: @escaping @Sendable (ResourceClient<TrustPolicy>, TrustPolicy, StatusWriter) async throws -> Void
    ) async throws {
        try await IntegrationCluster.with { cluster in
            try await cluster.withNamespace("vigil-test") { namespace in
                let policies = cluster.client.resource(TrustPolicy.self)
                let policy = try await policies.create(Self.policy(in: namespace))
                try await body(policies, policy, StatusWriter(client: cluster.client))
            }
        }
    }

    private static func policy(in namespace: String) -> TrustPolicy {
        TrustPolicy(
            metadata: ObjectMeta(name: "shop", namespace: namespace),
            spec: TrustPolicySpec(authorities: [AuthoritySource(name: "example", notary: NotarySource(level: "skip"))])
        )
    }

    private static func status(_ number: Int64) -> TrustPolicyStatus {
        var status = TrustPolicyStatus()
        status.observedGeneration = number
        return status
    }

    @Test("a status is replaced whole while nobody changed the object")
    func unchanged() async throws {
        try await Self.withPolicy { policies, policy, writer in
            var written = policy
            for number in 1...2 as ClosedRange<Int64> {
                written = try #require(try await writer.write(Self.status(number), of: written))
                let stored = try await policies.get("shop", namespace: policy.metadata.namespace)
                #expect(stored.status == Self.status(number))
                #expect(stored.metadata.resourceVersion == written.metadata.resourceVersion)
                #expect(stored.metadata.uid == written.metadata.uid)
            }
        }
    }

    @Test("a late write cannot cover the status that another wrote since")
    func late() async throws {
        try await Self.withPolicy { policies, policy, writer in
            _ = try #require(try await writer.write(Self.status(2), of: policy))
            #expect(try await writer.write(Self.status(1), of: policy) == nil)
            let stored = try await policies.get("shop", namespace: policy.metadata.namespace)
            #expect(stored.status == Self.status(2))
        }
    }

    @Test("an object that was edited, deleted or made again is left alone")
    func moved() async throws {
        try await Self.withPolicy { policies, policy, writer in
            let namespace = policy.metadata.namespace
            _ = try await policies.patch(
                "shop",
                namespace: namespace,
                .merge(["metadata": ["labels": ["edited": "yes"]]])
            )
            #expect(try await writer.write(Self.status(1), of: policy) == nil)
            try await policies.delete("shop", namespace: namespace, uid: policy.metadata.uid)
            #expect(try await writer.write(Self.status(1), of: policy) == nil)
            _ = try await policies.create(Self.policy(in: namespace ?? ""))
            #expect(try await writer.write(Self.status(1), of: policy) == nil)
            #expect(try await policies.get("shop", namespace: namespace).status?.conditions == nil)
        }
    }
}
