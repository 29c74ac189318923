import KubernetesClient

/// The way to a cluster that a command asks a few things.
struct ClusterAccess: Sendable {
    let configuration: ClusterConfiguration
    /// The command, for the API server's log.
    let purpose: String
    let clock: any Clock<Duration>

    /// Finds the cluster: that of `kubeconfig`, else of KUBECONFIG, else of the pod's service account, else of
    /// ~/.kube/config.
    ///
    /// - Parameters:
    ///   - kubeconfig: a kubeconfig file.
    ///   - context: a context in it; `nil` for its current one.
    ///   - purpose: the command.
    ///   - environment: where the command runs.
    /// - Throws: ``InputError`` when there is none, or it cannot be used.
    init(
        kubeconfig: String?,
        context: String?,
        purpose: String,
        in environment: CommandEnvironment
    ) throws(InputError) {
        do throws(ClusterConfigurationError) {
            configuration = try ClusterConfiguration.load(
                kubeconfig: kubeconfig,
                context: context,
                environment: environment.variables
            )
        } catch {
            throw InputError(error.message)
        }
        self.purpose = purpose
        clock = environment.clock
    }

    /// Runs `body` with a way to the cluster that is closed afterwards, whatever happens.
    func withClient<Result: Sendable>(_ body: (APIClient) async throws -> Result) async throws -> Result {
        let transport = try HTTPAPITransport(configuration, clock: clock)
        let client = APIClient(
            transport: transport,
            userAgent: "vigil/\(VersionCommand.version) (\(purpose))",
            clock: clock
        )
        do {
            let result = try await body(client)
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
