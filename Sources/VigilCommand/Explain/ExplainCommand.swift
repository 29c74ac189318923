public import ArgumentParser
import ImageTrust

/// `vigil explain`: why an image is judged as it is.
public struct ExplainCommand: AsyncParsableCommand, EnvironmentCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Judge an image by trust policies and tell every step on the way.",
        usage:
            "vigil explain IMAGE | pod/NAME | --from-bundle FILE  [--policy FILE… | --notation-config DIR] [--bundle FILE] [options]",
        discussion: ExplainHelp.text
    )

    /// How the explanation is written.
    enum Format: String, CaseIterable, Sendable, ExpressibleByArgument {
        case tree
        case json
    }

    /// The image.
    @Argument(
        help: ArgumentHelp(
            "The image, such as registry.example.com/shop/web:v1, or pod/NAME for those that a pod runs.",
            valueName: "image|pod/name"
        )
    )
    public var image: String?

    /// The pod's namespace.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The namespace of the pod. (default: that of the kubeconfig)", valueName: "name")
    )
    public var namespace: String?

    /// The one container of the pod.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Explain this container of the pod only. (default: every container)", valueName: "name")
    )
    public var container: String?

    /// The pod's cluster.
    @OptionGroup var cluster: ClusterArguments

    /// Where the evidence is written to.
    @Option(
        help: ArgumentHelp(
            "Write every byte that the judgement used to this file, for vigil verify --bundle.",
            valueName: "file"
        )
    )
    public var bundle: String?

    /// A bundle whose images are judged again.
    @Option(
        help: ArgumentHelp(
            "Explain what such a file holds: offline, as of the recorded time.",
            valueName: "file"
        )
    )
    public var fromBundle: String?

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
        if let fromBundle { return try await replay(fromBundle, in: environment) }
        guard let image else { throw InputError("there is nothing to explain; name an image, or a bundle") }
        if let pod = PodReference(image) { return try await explain(pod, in: environment) }
        guard namespace == nil, container == nil, cluster.kubeconfig == nil, cluster.context == nil else {
            throw InputError("--namespace, --container, --kubeconfig and --context are for pod/NAME")
        }
        let session = VerifySession(options: try options([image]), environment: environment)
        let plan = try await session.plan(keepsSilences: true)
        let run = ExplainRun(
            plan: plan,
            options: session.options,
            access: try session.access(to: plan.targets),
            writesJSON: output == .json,
            bundleFile: bundle,
            environment: environment.asking(session.options.access.mirrors)
        )
        return await environment.interruptible { await run.status() }
    }

    private func explain(
        _ pod: PodReference,
        in environment: CommandEnvironment
    ) async throws(InputError) -> ExitStatus {
        let run = ExplainPod(
            pod: pod,
            namespace: namespace,
            container: container,
            cluster: try cluster.access(for: "explain", in: environment),
            options: try options([]),
            writesJSON: output == .json,
            bundleFile: bundle,
            environment: environment
        )
        return await environment.interruptible { await run.status() }
    }

    private func replay(_ file: String, in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        guard image == nil, bundle == nil else {
            throw InputError("--from-bundle says what is explained; leave out the image and --bundle")
        }
        try judgement.checkReplay()
        let replay = try await BundleReplay(file, try options([]), environment: environment)
        let writesJSON = output == .json
        return await environment.interruptible {
            do {
                var images: [ExplainedImage] = []
                for index in replay.targets.indices { images.append(try await replay.explained(index)) }
                let explanations = images.map(\.explanation)
                let judged = VerificationReport(images: explanations.map(\.image))
                let report = ExplanationReport(
                    explanations: explanations,
                    comparison: ReplayComparison(replay, judged)
                )
                environment.output.write(writesJSON ? report.json : report.tree)
                return report.exitStatus
            } catch {
                return .interrupted
            }
        }
    }

    private func options(_ images: [String]) throws(InputError) -> VerifyOptions {
        VerifyOptions(
            images: images,
            manifests: [],
            policies: try judgement.policySource(),
            output: .table,
            platform: try judgement.readPlatform(),
            concurrency: 1,
            access: try registry.access(),
            requiredMetadata: try RequiredMetadata(judgement.userMetadata),
            maximumSignatures: try judgement.maximumSignatures(),
            revocationHosts: try RevocationAccess.hosts(judgement.revocationHosts),
            azureAccess: try VaultOptions.access(judgement.azureHosts),
            isVerbose: false,
            isQuiet: false
        )
    }
}
