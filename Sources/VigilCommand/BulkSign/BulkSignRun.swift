import KubernetesAPI
import KubernetesClient
import TrustResources

/// One run of `vigil bulk-sign`: reads the cluster, prints the script.
struct BulkSignRun: Sendable {
    let cluster: ClusterAccess
    /// The one namespace whose images are signed; `nil` for all.
    let namespace: String?
    let tool: BulkSignTool
    let environment: CommandEnvironment

    /// Runs to the end.
    func status() async -> ExitStatus {
        do {
            let found = try await cluster.withClient { try await verifications($0) }
            let plan = BulkSignPlan(found.map(Self.result), namespace: namespace)
            let scope = namespace.map { "the namespace \($0)" } ?? "every namespace"
            environment.output.write(BulkSignScript(plan, tool: tool, scope: scope).text)
            let (count, left) = (plan.images.count, plan.leftOut.values.reduce(0, +))
            environment.complain("\(count) to sign, \(left) left out; the script says why. Read it before you run it")
            return .success
        } catch is CancellationError {
            return .interrupted
        } catch {
            environment.complain("the cluster could not be asked: \(error)")
            return Task.isCancelled ? .interrupted : .unavailable
        }
    }

    /// The verifications of the whole cluster where they may be read, since a verdict in one namespace forbids signing the
    /// same image in another.
    private func verifications(_ client: APIClient) async throws -> [ImageVerification] {
        let resource = client.resource(ImageVerification.self)
        guard let namespace else { return try await resource.list().items }
        do {
            return try await resource.list().items
        } catch let error as APIError where error.code == .forbidden {
            environment.complain(
                "note: what is held of these images in other namespaces is not known: \(error.message)"
            )
            return try await resource.list(ObjectSelection(namespace: namespace)).items
        }
    }

    private static func result(_ verification: ImageVerification) -> ImageResult {
        ImageResult(verification, pods: verification.status?.workloads?.pods ?? 0)
    }
}
