import EmbeddedKubernetes
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

extension SimulatedOperator.End {
    /// Whether it ended because its lease was lost: exit status 1.
    var isLossOfLeadership: Bool {
        if case .failed(let cause) = self { cause.contains("is lost") } else { false }
    }
}

/// Something that keeps changing the cluster so that the leader has something to write.
final class Robot: Sendable {
    let task: Task<Void, Never>

    init(_ task: Task<Void, Never>) { self.task = task }

    /// Ends it after the step it is at.
    func stop() async {
        task.cancel()
        await task.value
    }
}

extension OperatorWorld {
    /// A signed image that a pod runs under a policy that trusts it, as soon as it has its verdict.
    ///
    /// With `name` that operator is started first, after the policy was made.
    func runTrustedImage(by name: String? = nil) async throws -> Descriptor {
        let image = try registry.push("web")
        try registry.sign(image, by: chain)
        try await apply(policy())
        if let name { try start(name) }
        try await runPod("web-0", image: image)
        _ = try await verification(of: image) { $0.status?.verdict == .trusted }
        return image
    }

    /// Starts `alpha`, waits until it leads, and starts `beta` beside it.
    ///
    /// With `alphaOutlivesItsLease` only the gate keeps alpha from writing when its lease is lost.
    func startPair(
        alphaOutlivesItsLease: Bool = false
    ) async throws -> (alpha: SimulatedOperator, beta: SimulatedOperator) {
        try await apply(policy())
        let alpha = try start("alpha", outlivesItsLease: alphaOutlivesItsLease)
        try await waitForLeader("alpha")
        let beta = try start("beta")
        try await pass(.seconds(5))
        return (alpha, beta)
    }

    /// Runs a robot in a lane of its own.
    func robot(_ work: @escaping @Sendable () async throws -> Void) -> Robot {
        Robot(
            Task(executorPreference: simulation.lane()) {
                while !Task.isCancelled {
                    guard (try? await work()) != nil else { return }
                }
            }
        )
    }

    /// Pods come and go, one every 0.8 s, each with an image of its own: every one makes the leader write.
    func churn() -> Robot {
        let count = Shared(0)
        return robot {
            let number = count.change { count -> Int in
                count += 1
                return count
            }
            let image = try self.registry.push("churn-\(number)")
            try await self.runPod("churn-\(number)", image: image)
            if number > 5 { try await self.deletePod("churn-\(number - 5)") }
            try await self.pass(.milliseconds(800))
        }
    }

    /// Ends a churn, and returns when the cluster has come to rest: some pods go on, and their images have verdicts.
    func stopChurn(_ robot: Robot) async throws {
        await robot.stop()
        let pods = try await client.resource(Pod.self).list(ObjectSelection(namespace: namespace)).items
            .filter { $0.metadata.deletionTimestamp == nil }
        // The robot may have been stopped between a pod and its status.
        let running = pods.filter { $0.status?.containerStatuses?.isEmpty == false }
        let staying = running.sorted { $0.metadata.name < $1.metadata.name }.prefix(2)
        for pod in pods where !staying.contains(where: { $0.metadata.name == pod.metadata.name }) {
            try await deletePod(pod.metadata.name)
        }
        let images = try staying.map { try registry.push($0.metadata.name) }
        for image in images { _ = try await verification(of: image) { $0.status?.verdict != nil } }
        try await pass(.seconds(5))
        try await expectVerdicts(images.map { ($0, "Unknown") })
    }

    /// Lets a time pass that the seed draws: wherever the operators are at that moment.
    func pass(milliseconds range: ClosedRange<Int>) async throws {
        try await pass(.milliseconds(simulation.draw { Int.random(in: range, using: &$0) }))
    }

    /// Expects that an operator holds the Lease, and that nobody has taken it from another.
    func expectOnlyLeader(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) async {
        let holding = await leaseHolding()
        #expect(holding?.holder == name && holding?.transitions == 0, sourceLocation: sourceLocation)
    }

    /// What the Lease says.
    func leaseHolding() async -> (holder: String, transitions: Int)? {
        let found = try? await client.resource(Lease.self).get(lease.name, namespace: lease.namespace)
        return found.map { ($0.spec?.holderIdentity ?? "", $0.spec?.leaseTransitions ?? 0) }
    }

    /// The writes of the Lease by an operator that were committed.
    func renewals(by name: String) async -> [RecordedMutation] {
        await cluster.recordedMutations.filter { $0.isCommitted && $0.isOfLease && $0.client == name }
    }
}
