import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging

/// I7: a secret in the cluster, and whether anything that operators say tells it.
final class SecretWatch: Sendable {
    /// The Secret of the operators' namespace and its one key.
    static let name = "credentials"
    static let key = "password"
    /// What must be told to nobody.
    private static let secret = "correct-horse-battery-staple"

    /// The most warnings that are kept.
    private static let warningLimit = 10_000

    private let leaks = Shared<[String]>([])
    private let said = Shared<[String]>([])

    /// Where the secret was told.
    var found: [String] { leaks.value }

    /// What was said as a warning or worse: `label: message key=value …`, keys sorted.
    var warnings: [String] { said.value }

    /// Puts the Secret into a namespace.
    static func plant(in namespace: String, _ client: APIClient) async throws {
        let body =
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"\#(name)"},"data":{"\#(key)":"\#(encoded)"}}"#
        _ = try await client.send(
            APIRequest(
                .post,
                "/api/v1/namespaces/\(namespace)/secrets",
                headers: ["content-type": "application/json"],
                body: Array(body.utf8)
            )
        )
    }

    private static let encoded = Data(secret.utf8).base64EncodedString()

    /// Looks for the secret in something that was said.
    func read(_ text: String, from place: String) {
        if text.contains(Self.secret) || text.contains(Self.encoded) { leaks.change { $0.append("\(place): \(text)") } }
    }

    /// A logger of which every line is read, and those of at least `level` are printed.
    func logger(_ label: String, printing level: Logger.Level) -> Logger {
        Logger(label: label) { label in
            Handler(watch: self, label: label, console: StreamLogHandler.standardOutput(label: label), shown: level)
        }
    }

    private func keep(_ event: LogEvent, from label: String) {
        let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        said.change { if $0.count < Self.warningLimit { $0.append("\(label): \(event.message)\(details)") } }
    }

    private struct Handler: LogHandler {
        let watch: SecretWatch
        let label: String
        var console: StreamLogHandler
        let shown: Logger.Level
        var logLevel: Logger.Level = .debug

        var metadata: Logger.Metadata {
            get { console.metadata }
            set { console.metadata = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { console[metadataKey: key] }
            set { console[metadataKey: key] = newValue }
        }

        func log(event: LogEvent) {
            watch.read("\(event.message) \(event.metadata ?? [:]) \(console.metadata)", from: label)
            if event.level >= .warning { watch.keep(event, from: label) }
            if event.level >= shown { console.log(event: event) }
        }
    }
}
