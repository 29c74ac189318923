import FoundationEssentials

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Everything a command takes from the process around it.
///
/// Commands take it from nowhere else, so that a test can give them another.
struct CommandEnvironment: Sendable {
    /// The environment variables.
    var variables: [String: String]
    /// Reads standard input to its end, within a limit.
    var standardInput: @Sendable (_ limit: Int) throws(InputError) -> [UInt8]
    /// Where results go.
    var output: any TextSink
    /// Where everything else goes.
    var errors: any TextSink
    /// Where ``output`` leads.
    var outputProfile: TerminalProfile
    /// Where ``errors`` leads.
    var errorsProfile: TerminalProfile
    /// The present.
    var now: @Sendable () -> Date
    /// Measures time limits.
    var clock: any Clock<Duration>
    /// The way to registries.
    var registries: any RegistryConnector
    /// The way to vaults.
    var vaults: any VaultConnector
    /// Runs work that a signal may cut short; gives `interrupted` then.
    var interruptible: @Sendable (@escaping @Sendable () async -> ExitStatus) async -> ExitStatus

    /// The process itself.
    static var process: CommandEnvironment {
        let variables = ProcessInfo.processInfo.environment
        return CommandEnvironment(
            variables: variables,
            standardInput: { limit throws(InputError) in
                try BoundedFile.read(descriptor: STDIN_FILENO, name: "standard input", limit: limit)
            },
            output: DescriptorSink.standardOutput,
            errors: DescriptorSink.standardError,
            outputProfile: TerminalProfile(descriptor: STDOUT_FILENO, variables: variables),
            errorsProfile: TerminalProfile(descriptor: STDERR_FILENO, variables: variables),
            now: { Date() },
            clock: ContinuousClock(),
            registries: NetworkRegistries(clouds: CloudIdentities(environment: variables)),
            vaults: NetworkVaults(),
            interruptible: { await Interruption.run($0) }
        )
    }

    /// The home folder, as the variables name it.
    var home: String? { variables["HOME"].flatMap { $0.isEmpty ? nil : $0 } }

    /// Writes `vigil: message` for people.
    func complain(_ message: String) { errors.write("vigil: \(TerminalText.printable(message))\n") }
}
