public import ArgumentParser
import JSONModel

/// `vigil config check`: says what is wrong in configuration files.
public struct ConfigCheckCommand: AsyncParsableCommand, EnvironmentCommand {
    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what is wrong in configuration files of the operator, and where.",
        usage: "vigil config check FILE… [-o text|json]",
        discussion: """
            Reads configuration files, and manifests with the ConfigMaps that hold them: of a ConfigMap with the label \
            app.kubernetes.io/name: vigil the key config.yaml is checked, and lines are counted in it. In folders, \
            configuration files are those called config.yaml. Each finding names \
            file, line and column, the setting, what is wrong and what is allowed. Files that a configuration names are \
            not looked for.

            EXAMPLES
              vigil config check config.yaml
              helm template vigil charts/vigil | vigil config check -
              vigil config check -o json config.yaml | jq -r '.findings[].path'

            EXIT STATUS
              0    no errors
              1    at least one error
              2    the command line cannot be used, a file cannot be read, or there is
                   no configuration in the files
            """
    )

    /// What is checked.
    @Argument(
        help: ArgumentHelp(
            "Configuration files, manifests, and folders of them; - reads standard input.",
            valueName: "file|dir|-"
        )
    )
    public var files: [String]

    /// How the report is written.
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How to write the report.", valueName: "format")
    )
    var output: ReportFormat = .text

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        var check = ConfigurationCheck()
        for argument in files {
            for file in try InputFiles(standardInput: environment.standardInput).read(argument) { check.check(file) }
        }
        guard check.configurations > 0 || !check.problems.isEmpty else {
            throw InputError(
                "\(files.joined(separator: ", ")): there is no configuration here; name configuration files of the "
                    + "operator, or manifests with their ConfigMaps"
            )
        }
        let report = ConfigurationReport(problems: check.problems, configurations: check.configurations)
        switch output {
        case .text: environment.output.write(report.text(for: environment.outputProfile))
        case .json: environment.output.write(report.json)
        }
        return report.exitStatus
    }
}

/// One run of `vigil config check`.
struct ConfigurationCheck {
    /// What is wrong, file by file.
    private(set) var problems: [ConfigurationProblem] = []
    /// How many configurations were looked at.
    private(set) var configurations = 0

    /// The key of a ConfigMap that holds the configuration.
    static let key = "config.yaml"

    /// Checks a file: a configuration, or objects with ConfigMaps among them.
    mutating func check(_ file: InputFiles.File) {
        // What cannot be read is a configuration with a mistake, until it is known to be something else.
        guard let documents = try? DocumentReader.read(file), documents.contains(where: Self.isObject) else {
            if file.isNamed || file.name.hasSuffix("/\(Self.key)") { check(file.bytes, file.name) }
            return
        }
        for document in documents { check(object: document) }
    }

    private static func isObject(_ document: SourceDocument) -> Bool {
        document.value["apiVersion"] != nil && document.value["kind"] != nil
    }

    private mutating func check(object document: SourceDocument) {
        guard document.value["kind"]?.string == "ConfigMap",
            document.value.value(at: "metadata", "labels")?["app.kubernetes.io/name"]?.string == "vigil",
            let text = document.value["data"]?[Self.key]?.string
        else { return }
        let name = document.value.value(at: "metadata", "name")?.string ?? ""
        check(Array(text.utf8), "\(document.place), ConfigMap \(name.prefix(80)), \(Self.key)")
    }

    private mutating func check(_ bytes: [UInt8], _ name: String) {
        configurations += 1
        do throws(ConfigurationProblems) {
            _ = try ConfigurationLayers().over(try ConfigurationFile(bytes, name: name))
        } catch {
            problems += error.all
        }
    }
}
