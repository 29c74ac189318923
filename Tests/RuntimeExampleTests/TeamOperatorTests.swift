import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import ServiceLifecycle
import Testing

@testable import RuntimeExample

/// One after the other: on a shared cluster the operator of one test would take up the namespace of the other.
@Suite("The example of docs/runtime.md", .serialized, .timeLimit(.minutes(5)))
struct TeamOperatorTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// The program's services, as one that can be asked to end.
    private func makeGroup(_ cluster: ExampleCluster, lease: ObjectKey, identity: String) throws -> ServiceGroup {
        // A lease that a crowded test machine does not lose; it is given back, so that nobody waits for its end.
        let configuration = try LeaderElectionConfiguration(
            identity: identity,
            leaseDuration: .seconds(600),
            renewDeadline: .seconds(300),
            retryPeriod: .milliseconds(500)
        )
        let services = TeamOperator.services(
            cluster.transport,
            election: cluster.transport,
            lease: lease,
            configuration: configuration
        )
        return ServiceGroup(services: services, logger: Self.quiet)
    }

    @Test("keeps the ConfigMap true, tells of it, gives the lease back on shut-down, and the next replica goes on")
    func works() async throws {
        try await ExampleCluster.with { cluster, namespace in
            let lease = ObjectKey(namespace: namespace, name: "team-operator")
            let first = try makeGroup(cluster, lease: lease, identity: "first")
            let second = try makeGroup(cluster, lease: lease, identity: "second")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await first.run() }
                _ = try await cluster.object(Lease.self, in: namespace) { $0.spec?.holderIdentity == "first" }
                group.addTask { try await second.run() }
                try await followsTheLabel(cluster, namespace)
                await first.triggerGracefulShutdown()
                try await group.next()
                _ = try await cluster.object(Lease.self, in: namespace) { $0.spec?.holderIdentity == "second" }
                try await cluster.label(namespace, team: "violet")
                _ = try await cluster.object(ConfigMap.self, in: namespace) { $0.data == ["team": "violet"] }
                await second.triggerGracefulShutdown()
                try await group.waitForAll()
            }
            let released = try await cluster.client.resource(Lease.self).get(lease.name, namespace: namespace)
            let holder = released.spec?.holderIdentity ?? ""
            #expect(holder.isEmpty)
        }
    }

    private func followsTheLabel(_ cluster: ExampleCluster, _ namespace: String) async throws {
        let configMaps = cluster.client.resource(ConfigMap.self)
        try await cluster.label(namespace, team: "blue")
        let made = try await cluster.object(ConfigMap.self, in: namespace) { $0.data == ["team": "blue"] }
        #expect(made.metadata.name == "team")
        let event = try await cluster.object(Event.self, in: namespace) { $0.reason == "Recorded" }
        #expect(event.regarding?.uid == made.metadata.uid)
        // A person's change is taken back, a change of the label followed, and the ConfigMap goes with the label.
        var altered = made
        altered.data = ["team": "red", "more": "here"]
        altered.metadata.resourceVersion = nil
        _ = try await configMaps.replace(altered)
        _ = try await cluster.object(ConfigMap.self, in: namespace) { $0.data?["team"] == "blue" }
        try await cluster.label(namespace, team: "green")
        _ = try await cluster.object(ConfigMap.self, in: namespace) { $0.data?["team"] == "green" }
        try await cluster.label(namespace, team: nil)
        try await cluster.waitUntilGone(ConfigMap.self, made.key)
    }

    @Test("scenario 24: while the watch of its writes is withheld, nothing is written twice and nothing fresh deleted")
    func staleCache() async throws {
        try await ExampleCluster.with { cluster, namespace in
            let transport = WithholdingTransport(cluster.transport, resource: "configmaps")
            let scene = StaleScene(transport)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in scene.services { group.addTask { try await service.run() } }
                try await scene.configMaps.waitUntilSynced()
                transport.withhold()
                try await cluster.label(namespace, team: "blue")
                await scene.until { transport.writes == ["PATCH"] }
                // The operator is made to look again and again, and its cache shows no ConfigMap yet.
                await scene.lookAgain(namespace, times: 5)
                #expect(transport.writes == ["PATCH"])
                transport.release()
                await scene.until { scene.configMaps.value(scene.child(namespace)) != nil }
                let child = scene.configMaps.value(scene.child(namespace))
                transport.withhold()
                try await cluster.label(namespace, team: nil)
                await scene.until { transport.writes == ["PATCH", "DELETE"] }
                try await cluster.label(namespace, team: "blue")
                await scene.lookAgain(namespace, times: 5)
                // The cache still shows the former one: it is neither taken for the wanted one nor deleted again.
                #expect(transport.writes == ["PATCH", "DELETE"])
                transport.release()
                let fresh = try await cluster.object(ConfigMap.self, in: namespace) { $0.metadata.name == "team" }
                #expect(fresh.metadata.uid != child?.metadata.uid)
                await scene.until { scene.configMaps.value(scene.child(namespace))?.metadata.uid == fresh.metadata.uid }
                await scene.lookAgain(namespace, times: 3)
                #expect(transport.writes == ["PATCH", "DELETE", "PATCH"])
                group.cancelAll()
                while (try? await group.next()) != nil {}
            }
        }
    }
}

/// The example's parts, put together so that a test can look into them.
private struct StaleScene {
    let namespaces: Informer<Namespace, String?>
    let configMaps: Informer<ConfigMap, ConfigMap>
    let queue = WorkQueue<ObjectKey>(name: "stale")
    let services: [any Service]

    init(_ transport: WithholdingTransport) {
        let api = APIClient(transport: transport, userAgent: "team-operator/1.0")
        let labelled = ObjectSelection(labelSelector: TeamOperator.label)
        let namespaces = Informer<Namespace, String?>(client: api, selection: labelled) {
            $0.metadata.labels[TeamOperator.label]
        }
        let configMaps = Informer<ConfigMap, ConfigMap>(client: api, selection: labelled)
        let writes = ConsistencyStore<ObjectKey>([configMaps])
        let events = EventRecorder(client: api, reportingController: "example.com/test", reportingInstance: "test")
        let team = TeamOperator(
            api: api,
            namespaces: namespaces,
            configMaps: configMaps,
            writes: writes,
            events: events
        )
        namespaces.feed(queue)
        configMaps.feed(queue) { [ObjectKey(namespace: nil, name: $0.key.namespace ?? "")] }
        let controller = Controller(
            queue: queue,
            caches: [namespaces, configMaps],
            consistency: writes,
            reconcile: team.reconcile
        )
        self.namespaces = namespaces
        self.configMaps = configMaps
        services = [namespaces, configMaps, events, controller]
    }

    func child(_ namespace: String) -> ObjectKey { ObjectKey(namespace: namespace, name: "team") }

    /// Returns as soon as `condition` holds, or the task is cancelled.
    func until(_ condition: () -> Bool) async { while !condition(), !Task.isCancelled { await Task.yield() } }

    /// Makes the controller take the namespace up, and returns when it has done so `times` times.
    func lookAgain(_ namespace: String, times: Int) async {
        for _ in 0..<times {
            let before = queue.totals.gets
            queue.add(ObjectKey(namespace: nil, name: namespace))
            await until { queue.totals.gets > before && queue.processingCount == 0 }
        }
    }
}
