public import ArgumentParser

/// `vigil policy check`: says what is wrong in policies, and what is dangerous.
public struct PolicyCheckCommand: AsyncParsableCommand, EnvironmentCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong in trust policies and where, and what is allowed but dangerous.",
        usage: "vigil policy check FILE… [--strict] [-o text|json]",
        discussion: PolicyCheckHelp.text
    )

    /// What is checked.
    @Argument(
        help: ArgumentHelp(
            "Files and folders with TrustPolicy and ClusterTrustPolicy objects, trust policy documents of notation, or the configuration folder of notation; - reads standard input.",
            valueName: "file|dir|-"
        )
    )
    public var files: [String]

    /// Whether warnings count.
    @Flag(help: "Let warnings count as errors for the exit status.")
    public var strict = false

    /// How the report is written.
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How to write the report.", valueName: "format")
    )
    var output: ReportFormat = .text

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        var check = PolicyCheck(now: environment.now())
        try check.read(files, InputFiles(standardInput: environment.standardInput))
        let report = check.report(countsWarnings: strict)
        switch output {
        case .text: environment.output.write(report.text(for: environment.outputProfile))
        case .json: environment.output.write(report.json)
        }
        return report.exitStatus
    }
}
