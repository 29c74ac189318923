public import ArgumentParser
import ImageTrust

/// `vigil explain`: why an image is judged as it is.
public struct ExplainCommand: AsyncParsableCommand, EnvironmentCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Judge an image by trust policies and tell every step on the way.",
        usage: "vigil explain IMAGE [--policy FILE… | --notation-config DIR] [-o tree|json] [options]",
        discussion: ExplainHelp.text
    )

    /// How the explanation is written.
    enum Format: String, CaseIterable, Sendable, ExpressibleByArgument {
        case tree
        case json
    }

    /// The image.
    @Argument(help: ArgumentHelp("The image, such as registry.example.com/shop/web:v1.", valueName: "image"))
    public var image: String

    /// How the explanation is written.
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How to write the explanation.", valueName: "format")
    )
    var output: Format = .tree

    /// By which policies, and how.
    @OptionGroup var judgement: JudgementArguments

    /// How the registry is asked.
    @OptionGroup var registry: RegistryArguments

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        let session = VerifySession(options: try options(), environment: environment)
        let targets = try session.plan(keepsSilences: true)
        guard let target = targets.first else { return .unusable }
        let run = ExplainRun(
            target: target,
            options: session.options,
            access: try session.access(to: targets),
            writesJSON: output == .json,
            environment: environment
        )
        return await environment.interruptible { await run.status() }
    }

    private func options() throws(InputError) -> VerifyOptions {
        VerifyOptions(
            images: [image],
            manifests: [],
            policies: try judgement.policySource(),
            output: .table,
            platform: try judgement.readPlatform(),
            concurrency: 1,
            access: try registry.access(),
            requiredMetadata: try RequiredMetadata(judgement.userMetadata),
            maximumSignatures: try judgement.maximumSignatures(),
            revocationHosts: try RevocationAccess.hosts(judgement.revocationHosts),
            isVerbose: false,
            isQuiet: false
        )
    }
}
