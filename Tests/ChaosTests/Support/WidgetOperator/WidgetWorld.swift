import EmbeddedKubernetes
import FoundationEssentials
import InMemoryLogging
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import MetricsTestKit
import Synchronization
import TestTiming

/// A cluster in virtual time, the widget operator in it, and what can be seen of both.
struct WidgetWorld: Sendable {
    /// What a scenario decides about its world.
    struct Settings: Sendable {
        var reflector = ReflectorConfiguration()
        var workTime = Duration.zero
        /// How many events a watch may lag behind before the server closes it.
        var watchQueueCapacity = 65_536
        /// Whether the definition of the widgets is there from the start.
        var definesWidgets = true
        /// Virtual time after which the scenario is given up.
        var limit = Duration.seconds(20_000)
        /// The way of the operator to the server; `nil`: straight into it.
        var transport: (@Sendable (InProcessAPITransport, ManualClock) throws -> any APITransport)?
    }

    /// What the server knows the operator by.
    static let client = "operator"
    static let epoch = Date(timeIntervalSince1970: 1_795_000_000)
    /// Every request of the operator.
    static let everyRequest = FaultMatch.client(client)
    /// The operator's watches.
    static let watches = FaultMatch([.watch], client: client)

    let seed: UInt64
    let time: VirtualTime
    let plan: FaultPlan
    let cluster: EmbeddedCluster
    let metrics = TestMetrics()
    let logs: InMemoryLogHandler
    let widgetOperator: WidgetOperator
    let audit: StatusAudit
    /// A client without faults, for whoever looks on.
    let auditor: APIClient
    private let end = Shelf<String?>(nil)

    init(seed: UInt64, _ settings: Settings = Settings()) throws {
        self.seed = seed
        time = VirtualTime(limit: settings.limit, seed: seed)
        plan = FaultPlan(seed: seed)
        let clock = time.clock
        var configuration = ClusterConfiguration.virtual(clock, epoch: Self.epoch, faults: plan)
        configuration.watchQueueCapacity = settings.watchQueueCapacity
        cluster = EmbeddedCluster(configuration: configuration)
        var handler = InMemoryLogHandler()
        handler.logLevel = .debug
        let logs = handler
        self.logs = logs
        let logger = Logger(label: "chaos", factory: { _ in logs })
        let direct = cluster.transport(
            userAgent: "widget-operator/1.0",
            client: Self.client,
            limits: .init(requestTimeout: .seconds(60), streamIdleTimeout: .seconds(300))
        )
        widgetOperator = WidgetOperator(
            WidgetOperator.Surroundings(
                transport: try settings.transport?(direct, clock) ?? direct,
                clock: clock,
                wallClock: { Self.epoch + clock.elapsed / .seconds(1) },
                seed: seed,
                logger: logger,
                metrics: metrics,
                configuration: settings.reflector,
                workTime: settings.workTime
            )
        )
        let quiet = Logger(label: "auditor", factory: { _ in SwiftLogNoOpLogHandler() })
        auditor = APIClient(
            transport: cluster.transport(userAgent: "auditor/1.0", client: "auditor"),
            userAgent: "auditor/1.0",
            clock: clock,
            spread: Chaos.spread(seed &+ 3),
            logger: quiet
        )
        audit = StatusAudit(client: auditor, clock: clock, seed: seed, logger: quiet)
    }

    var clock: ManualClock { time.clock }

    /// Why the operator ended, if it did.
    var operatorEnd: String? { end.value }

    /// Runs the operator and, beside it, a scenario.
    func run(_ scenario: @escaping @Sendable (WidgetWorld) async throws -> Void) async throws {
        try await Chaos.takeTurn { try await runNow(scenario) }
    }

    private func runNow(_ scenario: @escaping @Sendable (WidgetWorld) async throws -> Void) async throws {
        try await time.run {
            try await makeNamespace()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do { try await widgetOperator.run() } catch is CancellationError {} catch { end.value = "\(error)" }
                }
                group.addTask { try await audit.run() }
                try await scenario(self)
                group.cancelAll()
                while let result = await group.nextResult() { _ = result }
            }
        }
    }

    /// Makes the namespace of the widgets.
    func makeNamespace() async throws {
        let metadata = ObjectMeta(name: WidgetOperator.namespace)
        _ = try await auditor.resource(Namespace.self).create(Namespace(metadata: metadata))
    }

    /// Installs the definition of the widgets.
    func define(requiresSize: Bool = false) async throws {
        _ = try await auditor.send(
            APIRequest(
                .post,
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                headers: ["content-type": "application/json"],
                body: JSONSerializer().bytes(Widget.definition(requiresSize: requiresSize))
            )
        )
    }

    /// Whether there is nothing at a path.
    func isGone(_ path: String) async throws -> Bool {
        do {
            _ = try await auditor.send(APIRequest(.get, path))
            return false
        } catch let error as APIError where error.code == .notFound {
            return true
        }
    }

    func pass(_ duration: Duration) async throws { try await clock.sleep(for: duration) }

    /// Lets time pass until a condition holds.
    ///
    /// - Parameters:
    ///   - limit: how long at most.
    ///   - period: how often it is looked at.
    ///   - condition: the condition.
    /// - Returns: whether it came to hold within `limit`.
    /// - Throws: what the condition throws; `CancellationError`.
    func wait(
        atMost limit: Duration,
        every period: Duration = .milliseconds(500),
        until condition: @Sendable (WidgetWorld) async throws -> Bool
    ) async throws -> Bool {
        let deadline = clock.elapsed + limit
        while clock.elapsed < deadline {
            if try await condition(self) { return true }
            try await pass(period)
        }
        return try await condition(self)
    }

    var isSynced: Bool { widgetOperator.widgets.hasSynced && widgetOperator.parts.hasSynced }

    // MARK: - Requests

    /// The operator's watches and lists of one resource since a moment.
    func reads(_ resource: String, since start: Duration = .zero) -> [ObservedRequest] {
        plan.requests(FaultMatch([.watch, .list], resource, client: Self.client)).filter { $0.time >= start }
    }

    /// The operator's lists since a moment.
    func lists(since start: Duration = .zero) -> [ObservedRequest] {
        plan.requests(FaultMatch([.list], client: Self.client)).filter { $0.time >= start }
    }

    /// What the log says at a level or above.
    func lines(from level: Logger.Level = .warning) -> [String] {
        logs.entries.filter { $0.level >= level }.map { "\($0.message) \($0.metadata)" }
    }
}

/// One value that several tasks read and write.
final class Shelf<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// Changes the value in one step.
    func change(_ body: (inout Value) -> Void) { state.withLock { body(&$0) } }
}
