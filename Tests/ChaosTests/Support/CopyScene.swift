import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OperatorTestKit
import TestTiming

/// One informer of ConfigMaps in virtual time, and what it tells.
struct CopyScene: Sendable {
    let time: VirtualTime
    let plan: FaultPlan
    let cluster: EmbeddedCluster
    let informer: Informer<ConfigMap, String>
    /// What was told, as `add NAME`, `update NAME`, `delete NAME`; with `unseen` where the deletion was missed.
    let changes = Shelf<[String]>([])
    /// The copy as somebody has it who only listens.
    let replay = Shelf(CopyReplay())
    let metrics = MetricsTally()
    let log = LogRecord()
    /// What must be told to nobody; every ConfigMap holds it.
    static let secret = "correct-horse-battery-staple"
    /// A client without faults.
    let maps: ResourceClient<ConfigMap>
    /// The informer's watches.
    let watches = FaultMatch([.watch], client: "operator")

    init(seed: UInt64, _ configuration: ReflectorConfiguration = ReflectorConfiguration()) {
        time = VirtualTime(limit: .seconds(7200), seed: seed)
        plan = FaultPlan(seed: seed)
        let (clock, server) = (time.clock, EmbeddedCluster(configuration: .virtual(time.clock, faults: plan)))
        cluster = server
        let quiet = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() })
        func client(_ name: String, _ logger: Logger) -> APIClient {
            let transport = server.transport(userAgent: "\(name)/1.0", client: name)
            return APIClient(
                transport: transport,
                userAgent: "\(name)/1.0",
                clock: clock,
                spread: Chaos.spread(seed),
                logger: logger
            )
        }
        maps = client("auditor", quiet).resource(ConfigMap.self)
        informer = Informer(
            client: client("operator", log.logger),
            selection: ObjectSelection(namespace: "default"),
            configuration: configuration,
            clock: time.clock,
            seed: seed,
            logger: log.logger,
            metricsFactory: metrics,
            project: { $0.data?["text"] ?? "" }
        )
        let (changes, replay) = (changes, replay)
        informer.addHandler { change in
            replay.change { $0.take(change) }
            let line =
                switch change {
                case .added(let object, _): "add \(object.key.name)"
                case .updated(_, let new): "update \(new.key.name)"
                case .deleted(let last, let isUnknown): "delete \(last.key.name)\(isUnknown ? " unseen" : "")"
                }
            changes.change { $0.append(line) }
        }
    }

    /// Runs the informer and, beside it, a scenario.
    ///
    /// - Parameters:
    ///   - count: how many ConfigMaps are there before: `old-0`, `old-1` …
    ///   - scenario: what happens.
    /// - Throws: what the scenario throws.
    func run(with count: Int, _ scenario: @escaping @Sendable (CopyScene) async throws -> Void) async throws {
        try await Chaos.takeTurn { try await runNow(with: count, scenario) }
    }

    private func runNow(
        with count: Int,
        _ scenario: @escaping @Sendable (CopyScene) async throws -> Void
    ) async throws {
        try await time.run {
            for number in 0..<count { try await create("old-\(number)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await informer.run() }
                try await scenario(self)
                try await checkInvariants()
                group.cancelAll()
                while let result = await group.nextResult() { _ = result }
            }
        }
    }

    func pass(_ duration: Duration) async throws { try await time.clock.sleep(for: duration) }

    func create(_ name: String, text: String = "\(secret) 1") async throws {
        _ = try await maps.client.send(
            APIRequest(
                .post,
                "/api/v1/namespaces/default/configmaps",
                headers: ["content-type": "application/json"],
                body: JSONSerializer().bytes([
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
                    "data": ["text": .string(text)],
                ])
            )
        )
    }

    func change(_ name: String, text: String = "\(secret) 2") async throws {
        _ = try await maps.patch(name, namespace: "default", .merge(["data": ["text": .string(text)]]))
    }

    /// Whether the copy is what the server has.
    func isSettled() async throws -> Bool {
        let server = try await maps.list(ObjectSelection(namespace: "default")).items
        let copy = informer.objects
        return informer.hasSynced
            && Set(server.map { "\($0.metadata.name) \($0.metadata.resourceVersion ?? "") \($0.data?["text"] ?? "")" })
                == Set(copy.map { "\($0.key.name) \($0.resourceVersion) \($0.value)" })
    }

    /// Lets time pass until the copy is what the server has.
    func waitUntilSettled(atMost limit: Duration = .seconds(120)) async throws {
        let deadline = time.clock.elapsed + limit
        while try await !isSettled() {
            guard time.clock.elapsed < deadline else { throw NotSettled(limit: limit, copy: informer.count) }
            try await pass(.milliseconds(500))
        }
        // Handlers are told by a task of their own.
        try await pass(.milliseconds(1))
    }

    /// The copy did not become what the server has.
    struct NotSettled: Error {
        var limit: Duration
        var copy: Int
    }
}
