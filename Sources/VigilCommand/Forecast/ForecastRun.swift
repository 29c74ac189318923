import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import TrustResources

/// One run of `vigil forecast`: reads the cluster, writes the forecast.
struct ForecastRun: Sendable {
    let window: ForecastWindow
    let cluster: ClusterAccess
    /// The one namespace to look at; `nil` for all.
    let namespace: String?
    let writesJSON: Bool
    let environment: CommandEnvironment

    /// Runs to the end.
    func status() async -> ExitStatus {
        let now = environment.now()
        do {
            let forecast = try await cluster.withClient { client in
                try await read(client, until: now.addingTimeInterval(window.duration.seconds))
            }
            let report = ForecastReport(forecast: forecast, madeAt: now, window: window)
            environment.output.write(writesJSON ? report.json : report.table(for: environment.outputProfile))
            return .success
        } catch is CancellationError {
            return .interrupted
        } catch {
            environment.complain("the cluster could not be asked: \(error)")
            return Task.isCancelled ? .interrupted : .unavailable
        }
    }

    private func read(_ client: APIClient, until end: Date) async throws -> VerdictForecast {
        let selection = ObjectSelection(namespace: namespace)
        let images = try await client.resource(ImageVerification.self).list(selection).items
        let policies = try await client.resource(TrustPolicy.self).list(selection).items
        return VerdictForecast(
            verifications: images,
            policies: policies.map { VerdictForecast.PolicyEntry($0) } + (try await clusterPolicies(client)),
            until: end
        )
    }

    /// The policies of the whole cluster, which who looks at one namespace may not be allowed to see.
    private func clusterPolicies(_ client: APIClient) async throws -> [VerdictForecast.PolicyEntry] {
        do {
            return try await client.resource(ClusterTrustPolicy.self).list().items.map {
                VerdictForecast.PolicyEntry($0)
            }
        } catch let error as APIError where error.code == .forbidden && namespace != nil {
            environment.complain("note: anchors of ClusterTrustPolicies are not shown: \(error.message)")
            return []
        }
    }
}

extension Duration {
    /// The length in seconds.
    var seconds: TimeInterval {
        TimeInterval(components.seconds) + TimeInterval(components.attoseconds) / 1e18
    }
}
