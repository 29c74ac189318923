public import ArgumentParser

/// `vigil forecast`: which verdicts in a cluster will lapse, and why.
public struct ForecastCommand: AsyncParsableCommand, EnvironmentCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Tell which verdicts in a cluster will lapse by the passing of time, and why.",
        discussion: """
            Reads what the operator wrote: the ImageVerifications with the moment at which each verdict ends, and the \
            trust anchors of the policies with the number of running images that each vouches for. Nothing is judged \
            again, and nothing is written. Revocation cannot be foreseen.

            The cluster is that of --kubeconfig, else of KUBECONFIG, else of the pod's service account, else of \
            ~/.kube/config.

            EXIT STATUS
              0    the forecast is complete, whatever it says
              2    the command line or the kubeconfig cannot be used
              3    the cluster could not be asked, or refused
              130  interrupted
            """
    )

    /// How the forecast is written.
    enum Format: String, CaseIterable, Sendable, ExpressibleByArgument {
        case table
        case json
    }

    /// How far ahead.
    @Option(help: ArgumentHelp("How far to look ahead, such as 30d or 36h.", valueName: "time"))
    public var within: String = "30d"

    /// The cluster.
    @OptionGroup var cluster: ClusterArguments

    /// The one namespace to look at.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Look at this namespace only. (default: every namespace)", valueName: "name")
    )
    public var namespace: String?

    /// How the forecast is written.
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How to write the forecast.", valueName: "format")
    )
    var output: Format = .table

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        let run = ForecastRun(
            window: try ForecastWindow(within),
            cluster: try cluster.access(for: "forecast", in: environment),
            namespace: namespace,
            writesJSON: output == .json,
            environment: environment
        )
        return await environment.interruptible { await run.status() }
    }
}
