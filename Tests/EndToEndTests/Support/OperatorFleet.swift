import EmbeddedKubernetes
import Foundation
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import SigningTestKit
import Testing
import TrustResources

/// Several `vigil operator` processes on one stand-in cluster, each by a port of its own: the cluster knows them apart,
/// writes down what each of them wrote, and can cut off any of them.
struct OperatorFleet: ImageScene {
    /// A registry that refuses connections: verdicts are Unknown, and that is enough to be written.
    static let registry = "127.0.0.1:1"

    /// Why these tests do not run on a real cluster.
    static let reason: Comment = "needs the record of the stand-in's requests, and its faults"

    let operators: OperatorCluster
    let cluster: EmbeddedCluster
    let faults: FaultPlan
    let registry = InMemoryRegistry()
    let chain: TestChain
    let patience = Duration.seconds(60)
    let record = FleetRecord()
    private let workspace: Workspace

    var client: APIClient { operators.client }
    var namespace: String { operators.namespace }

    /// Runs `body` with a fleet of which no operator runs yet, and checks afterwards who wrote when.
    ///
    /// - Parameters:
    ///   - names: the operators that there may be; each has its port from the beginning to the end.
    ///   - body: what happens to them.
    /// - Throws: what `body` throws, and when the cluster cannot be served.
    static func with(
        _ names: [String],
        _ body: @escaping @Sendable (OperatorFleet) async throws -> Void
    ) async throws {
        let faults = FaultPlan()
        var configuration = ClusterConfiguration()
        configuration.faults = faults
        configuration.recordedMutationLimit = 200_000
        let cluster = EmbeddedCluster(configuration: configuration)
        let integration = IntegrationCluster(cluster)
        try await integration.installDefinitions()
        try await Workspace.with { workspace in
            try await integration.withNamespace("vigil-fleet") { namespace in
                let fleet = OperatorFleet(
                    operators: OperatorCluster(kubeconfig: "", cluster: integration, namespace: namespace),
                    cluster: cluster,
                    faults: faults,
                    chain: try TestChain.make(),
                    workspace: workspace
                )
                try await FleetSecret.plant(in: namespace, integration.client)
                try await fleet.apply(fleet.policy())
                try await fleet.whileServing(names) { try await body(fleet) }
                await fleet.expectSingleWriter()
                try await fleet.expectRecord(leaders: fleet.record.processes.count)
            }
        }
    }

    /// The file by which the process `name` finds the cluster.
    func kubeconfig(of name: String) -> String { "\(workspace.path)/\(name).kubeconfig" }

    private func whileServing(_ names: [String], _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names {
                let server = EmbeddedAPIServer(cluster: cluster, client: name)
                group.addTask { try await server.run() }
                try workspace.write(server.kubeconfig(port: try await server.boundPort()), to: "\(name).kubeconfig")
            }
            try await body()
            group.cancelAll()
        }
    }

    /// Pods come and go, each with an image of its own, until the task is cancelled or the record says that it is enough:
    /// every one makes the leader write.
    func churn() async throws {
        record.setChurning(true)
        defer { record.setChurning(false) }
        var number = 0
        while !Task.isCancelled, !record.endsChurn {
            number += 1
            let digest = Digest.of(Array("image \(number)".utf8))
            let image = "\(Self.registry)/shop/web"
            try await runPod(
                "churn-\(number)",
                image: "\(image):v1",
                imageID: "\(image)@\(digest)",
                pullSecrets: [FleetSecret.name]
            )
            // Long enough there that a busy machine judges it before it goes.
            if number > 60 { try await deletePod("churn-\(number - 60)") }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    // MARK: - The record

    /// What operators wrote, beside their Lease, oldest first; refused requests and no-ops left out.
    func writes(by name: String? = nil) async -> [RecordedMutation] {
        await attempts(by: name).filter(\.isCommitted)
    }

    /// What operators tried to write, beside their Lease, oldest first.
    func attempts(by name: String? = nil) async -> [RecordedMutation] {
        await cluster.recordedMutations.filter { mutation in
            mutation.request.resource != "leases.coordination.k8s.io" && mutation.client != "vigil-tests/1"
                && (name.map { $0 == mutation.client } ?? true)
        }
    }

    /// The first write by `name`, as soon as there is one.
    ///
    /// - Returns: the write.
    /// - Throws: `SceneError` when there is none within ``patience``.
    @discardableResult
    func waitForWrite(by name: String) async throws -> RecordedMutation {
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end {
            if let first = await writes(by: name).first { return first }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw SceneError("\(name) wrote nothing within \(patience)")
    }

    /// Whoever tried to write held the Lease at that moment, and no two did in one term.
    private func expectSingleWriter() async {
        var writers: [Int64: String] = [:]
        for write in await attempts() {
            guard let holding = write.leases["\(namespace)/vigil"] else {
                Issue.record("\(write.client) wrote \(write.key) before there was a lease")
                continue
            }
            let holder = holding.holder.isEmpty ? "nobody" : holding.holder
            #expect(holder == write.client, "\(write.client) wrote \(write.key) while \(holder) held the lease")
            let writer = writers[holding.transitions, default: write.client]
            #expect(writer == write.client, "\(write.client) wrote \(write.key) in the term of \(writer)")
            writers[holding.transitions] = writer
        }
    }
}
