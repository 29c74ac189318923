public import ArgumentParser
import OCIModel
import TrustResources

/// `vigil verify`: the judgement of the operator, without a cluster.
public struct VerifyCommand: AsyncParsableCommand, EnvironmentCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Judge images by trust policies, as the operator does in a cluster.",
        usage:
            "vigil verify IMAGE… | -f FILE… | --bundle FILE | --oci-layout DIR --scope REPOSITORY  [--policy FILE… | --notation-config DIR] [options]",
        discussion: VerifyHelp.text
    )

    /// The images.
    @Argument(help: ArgumentHelp("Images to judge, such as registry.example.com/shop/web:v1.", valueName: "image"))
    public var images: [String] = []

    /// Manifests whose images are judged.
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: ArgumentHelp(
            "Judge every image in these Kubernetes manifests; - reads standard input. May be repeated.",
            valueName: "file|dir|-"
        )
    )
    public var manifests: [String] = []

    /// A bundle whose images are judged again.
    @Option(
        help: ArgumentHelp(
            "Judge again what vigil explain --bundle recorded: offline, as of the recorded time.",
            valueName: "file"
        )
    )
    public var bundle: String?

    /// An image in a layout on disk.
    @Option(
        help: ArgumentHelp(
            "Judge an image in an OCI image layout on disk, with the signatures in it; needs --scope.",
            valueName: "dir[:tag|@digest]"
        )
    )
    public var ociLayout: String?

    /// The repository that the image of a layout belongs to.
    @Option(
        help: ArgumentHelp(
            "The repository by which policies speak for the image in --oci-layout.",
            valueName: "registry/repository"
        )
    )
    public var scope: String?

    /// By which policies, and how.
    @OptionGroup var judgement: JudgementArguments

    /// How the report is written.
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How to write the report.", valueName: "format")
    )
    var output: OutputFormat = .table

    /// How many images are judged at a time.
    @Option(help: ArgumentHelp("How many images are judged at a time, 1 to 64.", valueName: "count"))
    public var concurrency: Int = 8

    /// How registries are asked.
    @OptionGroup var registries: RegistryArguments

    /// Whether everything is told.
    @Flag(name: .shortAndLong, help: "Tell everything: each finding, where each image was found, what was left out.")
    public var verbose = false

    /// Whether only images that are not trusted are shown.
    @Flag(name: .shortAndLong, help: "Show only images that are not trusted; no progress, no warnings.")
    public var quiet = false

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    /// Checks what can be checked without reading anything.
    ///
    /// - Throws: `ValidationError` with what to write instead.
    public func validate() throws {
        _ = try options()
    }

    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        try await VerifySession(options: try options(), environment: environment).run()
    }
}
