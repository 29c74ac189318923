public import ArgumentParser
import OutboundHTTP

/// The command line of Vigil: `vigil`, with a subcommand for each thing it does.
public struct VigilCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "vigil",
        abstract: "Keeps watch over the container images that a Kubernetes cluster runs.",
        discussion: """
            Exit status: 0 done, 1 an image is not trusted, or a policy or configuration has errors, 2 the command line or an input cannot be used, \
            3 a service could not be asked, 130 interrupted.
            """,
        version: "vigil \(VersionCommand.version)",
        subcommands: [
            VerifyCommand.self, ExplainCommand.self, ListCommand.self, PolicyCommand.self,
            ForecastCommand.self, BulkSignCommand.self, OperatorCommand.self, ConfigCommand.self, VersionCommand.self,
        ]
    )

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    /// Runs the command that the process was started with.
    ///
    /// - Returns: the status that the process is to exit with; see ``ExitStatus``.
    public static func runProcess() async -> Int32 {
        let arguments = Array(CommandLine.arguments.dropFirst())
        // Everything but the operator is over in milliseconds, of which threads would take their share.
        if arguments.first != OperatorCommand.configuration.commandName { OutboundHTTPClient.useOneThread() }
        return await execute(arguments, in: .process)
    }

    /// Runs the command that `arguments` name and gives the exit status of the process.
    ///
    /// Mistakes in the command line have status 2, as other tools that verify have it, not the parser's own 64.
    static func execute(_ arguments: [String], in environment: CommandEnvironment) async -> Int32 {
        do {
            switch try parseAsRoot(arguments) {
            case let command as OperatorCommand: try await command.run(in: environment)
            case let command as any EnvironmentCommand: return await command.run(in: environment).rawValue
            case var command as any AsyncParsableCommand: try await command.run()
            case var command: try command.run()
            }
            return ExitStatus.success.rawValue
        } catch {
            return report(error, to: environment)
        }
    }

    private static func report(_ error: any Error, to environment: CommandEnvironment) -> Int32 {
        switch error {
        case let error as InputError:
            environment.complain(error.message)
            return ExitStatus.unusable.rawValue
        case let status as ExitStatus: return status.rawValue
        case let code as ExitCode: return code.rawValue
        default: break
        }
        let text = fullMessage(for: error)
        guard exitCode(for: error) != .success else {
            environment.output.write(text.hasSuffix("\n") ? text : text + "\n")
            return ExitStatus.success.rawValue
        }
        let prefix = "Error: "
        environment.errors.write("vigil: \(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)\n")
        return ExitStatus.unusable.rawValue
    }
}
