import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import ServiceLifecycle

/// Tells of the configuration where people look who changed it: by Events about the ConfigMap.
///
/// Part of the leader's work, so that one replica tells; a refusal that stands when a replica begins to lead is told then.
struct ConfigurationEvents: Service {
    /// The object that Events are about.
    struct Subject: Sendable, Hashable {
        enum Kind: String, Sendable {
            case configMap = "ConfigMap"
            case pod = "Pod"
        }

        let kind: Kind
        let namespace: String
        let name: String
        /// The uid, where it is known; `kubectl describe` shows no Event without it.
        var uid: String?
    }

    let state: ConfigurationState
    let subject: Subject
    let client: APIClient
    let events: EventRecorder
    let logger: Logger

    /// Tells until cancelled or asked to shut down gracefully.
    func run() async throws {
        for await news in state.news().cancelOnGracefulShutdown() {
            events.record(Self.notice(of: news, about: await reference()))
        }
    }

    /// The subject with its uid: of a ConfigMap as the server knows it now.
    private func reference() async -> ObjectReference {
        var uid = subject.uid
        if subject.kind == .configMap {
            do {
                let object = try await client.resource(ConfigMap.self).get(subject.name, namespace: subject.namespace)
                uid = object.metadata.uid
            } catch {
                logger.debug("the ConfigMap of the configuration cannot be read", metadata: ["cause": "\(error)"])
            }
        }
        return ObjectReference(
            apiVersion: "v1",
            kind: subject.kind.rawValue,
            namespace: subject.namespace,
            name: subject.name,
            uid: uid
        )
    }

    /// What is told of `news`.
    ///
    /// The action names the settings: Events that differ in nothing but their note are counted as one, under the first note.
    static func notice(of news: ConfigurationReload.News, about subject: ObjectReference) -> EventNotice {
        switch news {
        case .refused(let problems):
            return EventNotice(
                regarding: subject,
                kind: .warning,
                reason: "ConfigurationRefused",
                action: Self.action(problems.all.compactMap(\.key)),
                note: "the former configuration stays in force: \(problems.summary)"
            )
        case .taken(let changed, let awaitingRestart):
            var note = changed.isEmpty ? "nothing changes" : "in force: \(changed.joined(separator: ", "))"
            if !awaitingRestart.isEmpty { note += "; waits for a restart: \(awaitingRestart.joined(separator: ", "))" }
            return EventNotice(
                regarding: subject,
                kind: .normal,
                reason: "ConfigurationTaken",
                action: Self.action(changed + awaitingRestart),
                note: note
            )
        }
    }

    private static func action(_ keys: [String]) -> String { (["Reload"] + keys).joined(separator: " ") }
}
