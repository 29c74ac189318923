public import JSONModel

/// A program that gives credentials (`exec` of a kubeconfig's user; client-go's exec credential plugins).
public struct ExecCredentialPlugin: Sendable, Hashable, CustomStringConvertible {
    /// The version of the conversation: what is told to the program, and what it must answer in.
    public enum Version: String, Sendable, Hashable, CaseIterable {
        case v1 = "client.authentication.k8s.io/v1"
        case v1beta1 = "client.authentication.k8s.io/v1beta1"
    }

    /// Whether the program may ask the person at the terminal.
    public enum InteractiveMode: String, Sendable, Hashable, CaseIterable {
        /// It gets no standard input.
        case never = "Never"
        /// It gets the standard input if that is a terminal.
        case ifAvailable = "IfAvailable"
        /// It cannot work without a terminal.
        case always = "Always"
    }

    /// The program: a path if it holds a `/`, else a name to be looked for in the folders of `PATH`.
    public var command: String
    /// Its arguments.
    public var arguments: [String]
    /// Its whole environment, without `KUBERNETES_EXEC_INFO`, which is added.
    public var environment: [String: String]
    /// The version of the conversation.
    public var version: Version
    /// Whether it may ask the person at the terminal.
    public var interactiveMode: InteractiveMode
    /// What it is told of the cluster (`spec.cluster` of `ExecCredential`); `nil` for nothing.
    public var clusterInfo: JSONValue?
    /// What to do when the program is not there.
    public var installHint: String?

    /// Creates a plugin that is told nothing of the cluster.
    public init(
        command: String,
        arguments: [String] = [],
        environment: [String: String],
        version: Version = .v1,
        interactiveMode: InteractiveMode = .ifAvailable
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.version = version
        self.interactiveMode = interactiveMode
    }

    /// Names the program; arguments and environment may hold secrets and are not shown.
    public var description: String { "the credential program \"\(command)\"" }
}

/// Which credential programs may be run, as in KEP-3104.
public enum ExecPluginPolicy: Sendable, Hashable {
    /// Any that a kubeconfig names.
    case allowAll
    /// None.
    case denyAll
    /// These: paths, or names that are looked for in the folders of `PATH`.
    case allow([String])

    /// Whether the program at `path` may be run; names are looked for in the folders of `searchPath`.
    func permits(_ path: String, searchPath: String?) -> Bool {
        switch self {
        case .allowAll: true
        case .denyAll: false
        case .allow(let programs):
            programs.contains { ProgramSearch.find($0, searchPath: searchPath) == path }
        }
    }
}
