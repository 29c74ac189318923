public import ArgumentParser
import TrustResources

/// `vigil bulk-sign`: a script that signs what runs and is unsigned.
public struct BulkSignCommand: AsyncParsableCommand, EnvironmentCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "bulk-sign",
        abstract: "Print a shell script that signs what a cluster runs and nobody has signed.",
        discussion: """
            Reads what the operator wrote, and prints a script for a POSIX shell. The script says what it would sign; with \
            --sign it signs, goes on after a failure, and does not repeat what is done.

            Only images are in it that run, were looked at, and carry no signature (reason NoSignature or NotNotarized). \
            An image that is or was Untrusted or Unsupported in any namespace, that strangers have signed, or that could \
            not be looked at is left out; the script says how many of each. See docs/bulk-sign.md.

            EXAMPLE
              vigil bulk-sign --tool notation > sign.sh
              less sign.sh
              sh sign.sh
              sh sign.sh --sign --key release

            EXIT STATUS
              0    the script is complete, however many images are in it
              2    the command line or the kubeconfig cannot be used
              3    the cluster could not be asked, or refused
              130  interrupted
            """
    )

    /// What signs.
    @Option(help: ArgumentHelp("What signs: notation, cosign or vcn.", valueName: "name"))
    var tool: BulkSignTool = .notation

    /// The cluster.
    @OptionGroup var cluster: ClusterArguments

    /// The one namespace whose images are signed.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Sign what runs in this namespace only. (default: every namespace)", valueName: "name")
    )
    public var namespace: String?

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        let run = BulkSignRun(
            cluster: try cluster.access(for: "bulk-sign", in: environment),
            namespace: namespace,
            tool: tool,
            environment: environment
        )
        return await environment.interruptible { await run.status() }
    }
}

extension BulkSignTool: ExpressibleByArgument {}
