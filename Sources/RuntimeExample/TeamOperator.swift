import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import ServiceLifecycle
import UnixSignals

/// Keeps a ConfigMap `team` in every namespace with the label `example.com/team`, and removes it with the label.
@main
struct TeamOperator: Sendable {
    static let label = "example.com/team"
    static let agent = "team-operator/1.0"
    let api: APIClient
    let namespaces: Informer<Namespace, String?>
    let configMaps: Informer<ConfigMap, ConfigMap>
    let writes: ConsistencyStore<ObjectKey>
    let events: EventRecorder

    /// Compares what is in one namespace with what should be, and writes only the difference.
    func reconcile(_ key: ObjectKey) async throws -> ReconcileOutcome {
        let team = namespaces.value(key) ?? nil
        let present = configMaps.value(ObjectKey(namespace: key.name, name: "team"))
        if let team, present?.data != ["team": team] {
            let stored = try await api.resource(ConfigMap.self).patch(
                "team",
                namespace: key.name,
                .apply(Self.manifest(team), fieldManager: api.fieldManager, force: true)
            )
            writes.wrote(stored, for: key)
            let (about, note) = (ObjectReference(to: stored), "the namespace belongs to team \(team)")
            events.record(EventNotice(regarding: about, kind: .normal, reason: "Recorded", action: "Apply", note: note))
        } else if team == nil, let present {
            do {
                let uid = present.metadata.uid
                try await api.resource(ConfigMap.self).delete("team", namespace: key.name, uid: uid)
            } catch let error as APIError where error.code == .notFound || error.code == .conflict {
                // Somebody was faster, or has made one of their own since.
            }
            writes.deleted(present, for: key)
        }
        return .done
    }

    static func manifest(_ team: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap", "data": ["team": .string(team)],
            "metadata": ["name": "team", "labels": [.init(label): "recorded"]],
        ]
    }

    /// What runs: the caches on every replica; the controller and its Events where the lease is held.
    static func services(
        _ transport: any APITransport,
        election: any APITransport,
        lease: ObjectKey,
        configuration: LeaderElectionConfiguration
    ) -> [any Service] {
        let reader = APIClient(transport: transport, userAgent: agent)
        let labelled = ObjectSelection(labelSelector: label)
        let configMaps = Informer<ConfigMap, ConfigMap>(client: reader, selection: labelled)
        let namespaces = Informer<Namespace, String?>(client: reader, selection: labelled) { namespace in
            namespace.metadata.deletionTimestamp == nil ? namespace.metadata.labels[label] : nil
        }
        let elector = LeaderElector(
            client: APIClient(transport: election, userAgent: agent),
            lease: lease,
            configuration: configuration,
            writingThrough: transport
        ) { gated in
            let api = APIClient(transport: gated, userAgent: agent)
            let writes = ConsistencyStore<ObjectKey>([configMaps])
            let events = EventRecorder(client: api, reportingController: label, reportingInstance: agent)
            let team = Self(api: api, namespaces: namespaces, configMaps: configMaps, writes: writes, events: events)
            let queue = WorkQueue<ObjectKey>(name: "team")
            namespaces.feed(queue)
            configMaps.feed(queue) { [ObjectKey(namespace: nil, name: $0.key.namespace ?? "")] }
            let caches: [any CacheSynchronizing] = [namespaces, configMaps]
            return [events, Controller(queue: queue, caches: caches, consistency: writes, reconcile: team.reconcile)]
        }
        return [namespaces, configMaps, elector]
    }

    static func main() async throws {
        let cluster = try ClusterConfiguration.load(environment: ProcessInfo.processInfo.environment)
        let lease = ObjectKey(namespace: cluster.namespace, name: "team-operator")
        let candidate = try LeaderElectionConfiguration(identity: UUID().uuidString)
        let signals: [UnixSignal] = [.sigterm, .sigint]
        let logger = Logger(label: "team-operator")
        try await HTTPAPITransport.with(cluster) { transport in
            try await HTTPAPITransport.with(cluster, options: .leaderElection) { election in
                let services = services(transport, election: election, lease: lease, configuration: candidate)
                try await ServiceGroup(services: services, gracefulShutdownSignals: signals, logger: logger).run()
            }
        }
    }
}
