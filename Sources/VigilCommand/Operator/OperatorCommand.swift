import ArgumentParser
import FoundationEssentials
import KubernetesClient
import Logging

/// `vigil operator`: watches a cluster and judges what it runs.
struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Watch a cluster, judge every running image, and write the verdicts back.",
        discussion: """
            Runs until SIGTERM. Several replicas may run: one works, the others stand by. The cluster is that of \
            --kubeconfig, else of KUBECONFIG, else of the pod's service account, else of ~/.kube/config.

            Every setting can stand in the file of --config too, and in a variable that is called as the flag: \
            VIGIL_LOG_LEVEL for --log-level. The flag counts before the variable, and that before the file. vigil config \
            check says what is wrong in a file.

            Exit status: 0 ended by SIGTERM or SIGINT; 1 leadership lost, a second signal, or another failure; 2 a \
            setting cannot be used.
            """
    )

    @OptionGroup var options: OperatorOptions

    func run() async throws { try await run(in: .process) }

    /// Runs with what `environment` has around it.
    func run(in environment: CommandEnvironment) async throws {
        let setup: OperatorSetup
        do throws(ConfigurationProblems) {
            let reader = try options.reader(environment: environment.variables)
            setup = OperatorSetup(reader: reader, start: try reader.read())
        } catch {
            for problem in error.all { environment.complain(problem.description) }
            throw ExitStatus.unusable
        }
        let settings = try OperatorSettings(setup.start, environment: environment.variables)
        let log = LogOutput(level: setup.start.configuration.logLevel, format: setup.start.configuration.logFormat)
        LoggingSystem.bootstrap { OutputLogHandler(label: $0, output: log) }
        do {
            try await OperatorApplication(
                settings: settings,
                setup: setup,
                environment: environment.variables,
                subject: { options.subject(environment: environment.variables, namespace: $0) },
                log: log,
                metrics: OperatorMetrics.registry(logger: Logger(label: "vigil.metrics"))
            ).run()
        } catch let error as ClusterConfigurationError {
            throw InputError(error.message)
        } catch let error as InputError {
            throw error
        } catch {
            Logger(label: "vigil.operator").error("ended by a failure", metadata: ["cause": "\(error)"])
            throw ExitCode(1)
        }
    }
}

/// What the process was started with, and where it is read again.
struct OperatorSetup: Sendable {
    let reader: ConfigurationReader
    let start: ReadConfiguration
}
