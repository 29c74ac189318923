import FoundationEssentials
import JSONModel
import Synchronization
import WorkSharing

/// Gives the credentials of a program, asking it again when they have expired or were refused.
///
/// Any number of requests ask it once.
final class ExecCredentialSource: Sendable {
    /// What a source works with.
    struct Surroundings: Sendable {
        var runner: any ExecPluginRunner
        var policy: ExecPluginPolicy
        /// Whether the standard input is a terminal.
        var hasTerminal: @Sendable () -> Bool
        /// The time by the calendar, to which credentials expire.
        var now: @Sendable () -> Date
    }

    private struct State {
        var cache = ExecCredentialCache()
        var hints = HourlyLimit(count: 10)
    }

    private let plugin: ExecCredentialPlugin
    private let surroundings: Surroundings
    private let state = Mutex(State())
    private let flight = SingleFlight<ExecCredential>()

    init(_ plugin: ExecCredentialPlugin, _ surroundings: Surroundings) {
        self.plugin = plugin
        self.surroundings = surroundings
    }

    /// How many requests wait for the program.
    var waitingCount: Int { flight.waitingCount }

    /// A credential that is not known to be unusable.
    ///
    /// - Throws: ``ClusterConfigurationError`` when the program gives none; `CancellationError`.
    func credential() async throws -> ExecCredential {
        if let known = usable() { return known }
        return try await flight.value { [self] in
            if let known = usable() { return known }
            let credential = try await obtain()
            state.withLock { $0.cache.store(credential) }
            return credential
        }
    }

    /// Has the program asked again because the server refused `credential`.
    func refused(_ credential: ExecCredential) { state.withLock { $0.cache.refuse(credential) } }

    private func usable() -> ExecCredential? {
        let now = surroundings.now()
        return state.withLock { $0.cache.usable(at: now) }
    }

    // MARK: - Asking

    private func obtain() async throws -> ExecCredential {
        let invocation = try invocation()
        let output: [UInt8]
        do {
            output = try await surroundings.runner.run(invocation)
        } catch let failure as ExecPluginFailure {
            throw unusable(failure.sentence)
        }
        do throws(ExecCredential.Unusable) {
            return try ExecCredential(output: output, version: plugin.version)
        } catch {
            throw unusable("gave an answer that cannot be used: \(error.cause)")
        }
    }

    private func invocation() throws(ClusterConfigurationError) -> ExecPluginInvocation {
        let searchPath = plugin.environment["PATH"]
        guard let path = ProgramSearch.find(plugin.command, searchPath: searchPath) else {
            throw unusable("is not there, or cannot be run" + hint())
        }
        guard surroundings.policy.permits(path, searchPath: searchPath) else {
            throw unusable("is not among those that may be run")
        }
        let hasTerminal = plugin.interactiveMode != .never && surroundings.hasTerminal()
        if plugin.interactiveMode == .always, !hasTerminal {
            throw unusable("asks at the terminal (interactiveMode: Always), and there is none")
        }
        var environment = plugin.environment
        environment["KUBERNETES_EXEC_INFO"] = information(isInteractive: hasTerminal)
        return ExecPluginInvocation(
            path: path,
            arguments: plugin.arguments,
            environment: environment,
            isInteractive: hasTerminal
        )
    }

    /// What the program is told: `ExecCredential` with a `spec`.
    private func information(isInteractive: Bool) -> String {
        var specification: [String: JSONValue] = ["interactive": .bool(isInteractive)]
        if let cluster = plugin.clusterInfo { specification["cluster"] = cluster }
        return JSONSerializer().string([
            "apiVersion": .string(plugin.version.rawValue), "kind": "ExecCredential", "spec": .object(specification),
        ])
    }

    /// What the kubeconfig says about getting the program, at most ten times an hour.
    private func hint() -> String {
        guard let text = plugin.installHint else { return "" }
        let seconds = surroundings.now().timeIntervalSince1970
        guard state.withLock({ $0.hints.take(at: seconds) }) else { return "" }
        return ". " + Self.printable(text)
    }

    private func unusable(_ what: String) -> ClusterConfigurationError {
        ClusterConfigurationError(.unreadable, "\(plugin) \(what)")
    }

    /// The text without escape sequences and control characters, on one line, at most 1,000 characters.
    static func printable(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let character = rest.popFirst(), result.count < 1000 {
            if character == "\u{1B}" {
                // CSI … final byte (ECMA-48): the parameters go with it.
                if rest.first == "[" {
                    rest.removeFirst()
                    rest = rest.drop { !("@"..."~").contains($0) }.dropFirst()
                }
            } else if character.isNewline || character == "\t" {
                result.append(" ")
            } else if character.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }) {
                result.append(character)
            }
        }
        return result
    }
}

/// Lets something happen a number of times an hour.
struct HourlyLimit: Sendable {
    let count: Int
    private var since: Double?
    private var taken = 0

    init(count: Int) { self.count = count }

    /// Whether it may happen at a time in seconds.
    mutating func take(at seconds: Double) -> Bool {
        if let since, seconds - since < 3600, seconds >= since {
            guard taken < count else { return false }
            taken += 1
            return true
        }
        since = seconds
        taken = 1
        return count > 0
    }
}

extension ExecPluginFailure {
    /// What happened, to go behind the program's name.
    var sentence: String {
        switch self {
        case .notStarted(let cause): "could not be started: \(cause)"
        case .ended(let how): "ended with \(how); what it says about that is on the standard error"
        case .tooMuchOutput: "wrote more than \(SubprocessPluginRunner.maximumOutputBytes) bytes"
        case .timedOut(let limit): "gave no answer within \(limit.components.seconds) s and was ended"
        }
    }
}
