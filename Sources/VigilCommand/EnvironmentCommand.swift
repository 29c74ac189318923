import ArgumentParser

/// A command that takes everything around it from a ``CommandEnvironment``, and ends with a status.
protocol EnvironmentCommand: AsyncParsableCommand {
    /// Does the work of the command.
    ///
    /// - Throws: ``InputError`` when an input cannot be used; then nothing was judged or written.
    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus
}

extension EnvironmentCommand {
    /// Runs in the process' own surroundings.
    ///
    /// - Throws: ``ExitStatus`` unless that is `success`.
    public func run() async throws {
        let status = await run(in: .process)
        if status != .success { throw status }
    }

    /// Runs in `environment`.
    ///
    /// Whatever keeps the command from its work is complained about there.
    func run(in environment: CommandEnvironment) async -> ExitStatus {
        do throws(InputError) {
            return try await status(in: environment)
        } catch {
            environment.complain(error.message)
            return .unusable
        }
    }
}
