import ArgumentParser
import ImageTrust
import OCIModel
import TrustResources

/// How registries are asked, on the command line.
struct RegistryArguments: ParsableArguments {
    /// How long one image may take.
    @Option(help: ArgumentHelp("How long one image may take, such as 30s or 2m.", valueName: "duration"))
    var timeout: String = "30s"

    /// Whether every registry is asked over plain HTTP.
    @Flag(help: "Ask every registry over plain HTTP.")
    var plainHTTP = false

    /// Registries that are asked over plain HTTP.
    @Option(
        name: .customLong("plain-http-registry"),
        help: ArgumentHelp(
            "Ask this registry over plain HTTP; localhost is without being named. May be repeated.",
            valueName: "host"
        )
    )
    var plainHTTPRegistries: [String] = []

    /// The configuration whose settings of registries hold.
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "Ask registries as this configuration file of the operator says under registry: mirrors, hosts, caFile.",
            valueName: "file"
        )
    )
    var configurationFile: String?

    /// Further certificate authorities.
    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp(
            "Trust the registries that these PEM certificates vouch for, besides the system's.",
            valueName: "file"
        )
    )
    var authorityFile: String?

    /// Who is asking.
    @Option(
        name: [.customShort("u"), .customLong("username")],
        help: ArgumentHelp(
            "User name for the registry; needs --password-stdin. (default: Docker's config.json)",
            valueName: "name"
        )
    )
    var username: String?

    /// Whether the password comes on standard input.
    @Flag(help: "Read the password from standard input.")
    var passwordStdin = false

    /// The bounds of ``timeout``.
    static let timeouts: ClosedRange<Duration> = .milliseconds(1) ... .seconds(3600)

    /// The arguments, read and found to be consistent.
    ///
    /// - Throws: ``InputError`` with what to write instead, or naming the file that cannot be used.
    func access() throws(InputError) -> RegistryAccess {
        guard (username != nil) == passwordStdin else {
            throw InputError("--username and --password-stdin belong together; give both or neither")
        }
        for host in plainHTTPRegistries where (try? RepositoryName(registry: host, path: "x")) == nil {
            throw InputError(
                "--plain-http-registry: \"\(host.prefix(80))\" is no registry; write its host, such as localhost:5000"
            )
        }
        let configuration = try readConfiguration()
        return RegistryAccess(
            timeout: try readTimeout(),
            plainHTTPEverywhere: plainHTTP,
            plainHTTPHosts: Set(plainHTTPRegistries),
            authorityFile: authorityFile,
            configuration: configuration,
            mirrors: try configuration?.mirrors() ?? .none,
            username: username
        )
    }

    /// The configuration that is named, with the files that it names for registries.
    private func readConfiguration() throws(InputError) -> ReadConfiguration? {
        guard let configurationFile else { return nil }
        do throws(ConfigurationProblems) {
            return try ConfigurationReader(layers: ConfigurationLayers(), path: configurationFile).registries()
        } catch {
            throw InputError(error.summary)
        }
    }

    private func readTimeout() throws(InputError) -> Duration {
        do throws(DurationText.Defect) {
            return try DurationText.parse(timeout, in: Self.timeouts)
        } catch {
            throw InputError("--timeout \(error.message)")
        }
    }
}
