public import ArgumentParser
import ImageTrust
import OCIModel

/// `vigil list`: what a registry holds about an image.
public struct ListCommand: AsyncParsableCommand, EnvironmentCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the signatures of an image and everything else attached to it, without judging.",
        usage: "vigil list IMAGE [-o tree|json] [options]",
        discussion: ListHelp.text
    )

    /// How the list is written.
    enum Format: String, CaseIterable, Sendable, ExpressibleByArgument {
        case tree
        case json
    }

    /// The image.
    @Argument(help: ArgumentHelp("The image, such as registry.example.com/shop/web:v1.", valueName: "image"))
    public var image: String

    /// How the list is written.
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How to write the list.", valueName: "format")
    )
    var output: Format = .tree

    /// How many signatures are looked at.
    @Option(help: ArgumentHelp("How many signatures are looked at, 1 to 1000.", valueName: "count"))
    public var maxSignatures: Int = 100

    /// How the registry is asked.
    @OptionGroup var registry: RegistryArguments

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        let maximumSignatures = try VerifyOptions.maximumSignatures(maxSignatures)
        let access = try registry.access()
        let reference = access.mirrors.origin(of: try reference())
        let options = try access.options(for: [reference.repository], in: environment)
        let run = ListRun(
            image: reference,
            access: options,
            maximumSignatures: maximumSignatures,
            writesJSON: output == .json,
            environment: environment.asking(access.mirrors)
        )
        return await environment.interruptible { await run.status() }
    }

    private func reference() throws(InputError) -> ImageReference {
        do throws(OCIError) {
            return try ImageReference(image)
        } catch {
            throw InputError(error.message)
        }
    }
}
