import ImageTrust
import KubernetesClient

/// Explains the images that a pod runs, by the policies of its cluster unless others are given.
struct ExplainPod: Sendable {
    let pod: PodReference
    /// The namespace; `nil` for the one that the kubeconfig means.
    let namespace: String?
    /// The one container that is wanted; `nil` for all.
    let container: String?
    let cluster: ClusterAccess
    let options: VerifyOptions
    let writesJSON: Bool
    let bundleFile: String?
    let environment: CommandEnvironment

    /// Runs to the end.
    func status() async -> ExitStatus {
        do {
            let session = VerifySession(options: options, environment: environment)
            let vaults = try session.vaultOptions()
            let situation = try await cluster.withClient { client in
                try await environment.vaults.withVaults(vaults, environment: environment.variables) { vaults in
                    try await PodReader(
                        client: client,
                        vaults: vaults,
                        namespace: namespace ?? cluster.configuration.namespace,
                        pod: pod.name,
                        container: container,
                        readsPolicies: options.policies == .customary
                    ).situation()
                }
            }
            for container in situation.waiting {
                environment.complain("note: container \(container) runs no image yet")
            }
            return try await explain(situation)
        } catch is CancellationError {
            return .interrupted
        } catch let error as InputError {
            environment.complain(error.message)
            return .unusable
        } catch {
            environment.complain("the cluster could not be asked: \(error)")
            return Task.isCancelled ? .interrupted : .unavailable
        }
    }

    private func explain(_ situation: PodSituation) async throws(InputError) -> ExitStatus {
        var options = options
        if let policies = situation.policies { options.policies = .given(policies, name: "the cluster") }
        options.platform = options.platform ?? situation.platform
        let session = VerifySession(options: options, environment: environment)
        var plan = try await session.plan(situation.images, keepsSilences: true)
        for index in plan.targets.indices { plan.targets[index].silences += situation.silences }
        let run = ExplainRun(
            plan: plan,
            options: options,
            access: try session.access(to: plan.targets),
            writesJSON: writesJSON,
            pod: situation.name,
            bundleFile: bundleFile,
            environment: environment.asking(options.access.mirrors)
        )
        return await run.status()
    }
}
