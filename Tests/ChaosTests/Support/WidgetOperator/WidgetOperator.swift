import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import Metrics

/// A small operator, written as anybody would with the runtime: a ConfigMap for every widget, a status that says so, and
/// a finalizer that takes the ConfigMap away first.
struct WidgetOperator: Sendable {
    /// What it is given from outside.
    struct Surroundings: Sendable {
        var transport: any APITransport
        var clock: any Clock<Duration>
        var wallClock: @Sendable () -> Date
        var seed: UInt64
        var logger: Logger
        var metrics: any MetricsFactory
        var configuration = ReflectorConfiguration()
        var workers = 2
        /// How long the work on one widget takes.
        var workTime = Duration.zero
    }

    static let finalizer = "example.com/widget-operator"
    static let label = "example.com/widget"
    /// Where the widgets are.
    static let namespace = "workshop"

    let api: APIClient
    let widgets: Informer<Widget, Widget>
    let parts: Informer<ConfigMap, ConfigMap>
    let queue: WorkQueue<ObjectKey>
    private let writes: ConsistencyStore<ObjectKey>
    private let events: EventRecorder
    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) {
        let (clock, seed) = (surroundings.clock, surroundings.seed)
        var random = SplitMix64(seed: seed)
        self.surroundings = surroundings
        var api = APIClient(
            transport: surroundings.transport,
            userAgent: "widget-operator/1.0",
            clock: clock,
            spread: Chaos.spread(seed &+ 1),
            metricsFactory: surroundings.metrics,
            logger: surroundings.logger
        )
        api.requestTimeout = .seconds(30)
        self.api = api
        widgets = Informer(
            client: api,
            selection: ObjectSelection(namespace: Self.namespace),
            configuration: surroundings.configuration,
            clock: clock,
            seed: random.next(),
            logger: surroundings.logger,
            metricsFactory: surroundings.metrics,
            reading: .whole
        )
        parts = Informer(
            client: api,
            selection: ObjectSelection(namespace: Self.namespace, labelSelector: Self.label),
            configuration: surroundings.configuration,
            clock: clock,
            seed: random.next(),
            logger: surroundings.logger,
            metricsFactory: surroundings.metrics,
            reading: .whole
        )
        queue = WorkQueue(name: "widgets", clock: clock, metricsFactory: surroundings.metrics)
        writes = ConsistencyStore([widgets, parts], clock: clock)
        events = EventRecorder(
            client: api,
            reportingController: "example.com/widget-operator",
            reportingInstance: "widget-operator-0",
            clock: clock,
            wallClock: surroundings.wallClock,
            seed: random.next(),
            logger: surroundings.logger,
            metricsFactory: surroundings.metrics
        )
        widgets.feed(queue)
        parts.feed(queue) { [ObjectKey(namespace: Self.namespace, name: $0.key.name)] }
    }

    /// Works until it is cancelled.
    func run() async throws {
        let controller = Controller(
            queue: queue,
            settings: ControllerSettings(workers: surroundings.workers, reconcileTimeout: .seconds(120)),
            caches: [widgets, parts],
            consistency: writes,
            clock: surroundings.clock,
            seed: surroundings.seed,
            logger: surroundings.logger,
            metricsFactory: surroundings.metrics,
            reconcile: reconcile
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await widgets.run() }
            group.addTask { try await parts.run() }
            group.addTask { try await events.run() }
            group.addTask { try await controller.run() }
            defer { group.cancelAll() }
            // The end of one is the end of all.
            try await group.next()
        }
    }

    // MARK: - What it does

    private func reconcile(_ key: ObjectKey) async throws -> ReconcileOutcome {
        if surroundings.workTime > .zero { try await surroundings.clock.sleep(for: surroundings.workTime) }
        let part = parts.value(key)
        // What is left of a widget that is gone is the garbage collector's.
        guard let widget = widgets.value(key), let uid = widget.metadata.uid else { return .done }
        if let part, part.metadata.ownerReferences.first?.uid != uid {
            try await remove(part, of: key, uid)
            return .retry
        }
        guard widget.metadata.deletionTimestamp == nil else {
            if let part { try await remove(part, of: key, uid) }
            try await set(finalizers: widget.metadata.finalizers.filter { $0 != Self.finalizer }, on: widget)
            return .done
        }
        guard widget.metadata.finalizers.contains(Self.finalizer) else {
            try await set(finalizers: widget.metadata.finalizers + [Self.finalizer], on: widget)
            return .done
        }
        guard let color = widget.spec?.color else {
            try await report(widget, child: nil, ready: .false, "NoColor", "spec.color is missing")
            return .done
        }
        if part?.data != ["color": color] {
            let stored = try await api.resource(ConfigMap.self).patch(
                key.name,
                namespace: Self.namespace,
                .apply(Self.part(of: widget, uid, color), fieldManager: api.fieldManager, force: true)
            )
            writes.wrote(stored, for: key, uid: uid)
        }
        try await report(widget, child: key.name, ready: .true, "Painted", "the child is \(color)")
        return .done
    }

    private func remove(_ part: ConfigMap, of key: ObjectKey, _ uid: String) async throws {
        do {
            let name = part.metadata.name
            try await api.resource(ConfigMap.self).delete(name, namespace: Self.namespace, uid: part.metadata.uid)
        } catch let error as APIError where error.code == .notFound || error.code == .conflict {
            // It is gone, or another stands in its place.
        }
        writes.deleted(part, for: key, uid: uid)
    }

    private func set(finalizers: [String], on widget: Widget) async throws {
        guard finalizers != widget.metadata.finalizers, let version = widget.metadata.resourceVersion else { return }
        let patch: JSONValue = [
            "metadata": [
                "resourceVersion": .string(version), "finalizers": .array(finalizers.map(JSONValue.string)),
            ]
        ]
        do {
            let stored = try await api.resource(Widget.self)
                .patch(widget.metadata.name, namespace: Self.namespace, .merge(patch))
            writes.wrote(stored, for: widget.key, uid: widget.metadata.uid)
        } catch let error as APIError where error.code == .notFound {
            // It went meanwhile.
        }
    }

    private func report(
        _ widget: Widget,
        child: String?,
        ready: Condition.Status,
        _ reason: String,
        _ message: String
    ) async throws {
        let old = widget.status
        var conditions = old?.conditions ?? []
        conditions.set(
            Condition(
                type: "Ready",
                status: ready,
                observedGeneration: widget.metadata.generation,
                lastTransitionTime: KubernetesTime(surroundings.wallClock()),
                reason: reason,
                message: message
            )
        )
        let isSame =
            old?.observedGeneration == widget.metadata.generation && old?.child == child
            && old?.conditions == conditions
        guard !isSame else { return }
        let status: JSONValue = [
            "observedGeneration": widget.metadata.generation.map(JSONValue.integer) ?? .null,
            "child": child.map(JSONValue.string) ?? .null,
            "conditions": .array(conditions.map(Self.json)),
        ]
        let stored = try await api.resource(Widget.self).patch(
            widget.metadata.name,
            namespace: Self.namespace,
            .merge(["metadata": ["uid": widget.metadata.uid.map(JSONValue.string) ?? .null], "status": status]),
            subresource: "status"
        )
        writes.wrote(stored, for: widget.key, uid: widget.metadata.uid)
        let kind: EventNotice.Kind = ready == .true ? .normal : .warning
        let regarding = ObjectReference(to: widget)
        events.record(EventNotice(regarding: regarding, kind: kind, reason: reason, action: "Paint", note: message))
    }

    private static func json(_ condition: Condition) -> JSONValue {
        [
            "type": .string(condition.type), "status": .string(condition.status.rawValue),
            "observedGeneration": condition.observedGeneration.map(JSONValue.integer) ?? .null,
            "lastTransitionTime": .string(condition.lastTransitionTime.description),
            "reason": .string(condition.reason), "message": .string(condition.message),
        ]
    }

    private static func part(of widget: Widget, _ uid: String, _ color: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap", "data": ["color": .string(color)],
            "metadata": [
                "name": .string(widget.metadata.name), "labels": [.init(label): .string(widget.metadata.name)],
                "ownerReferences": [
                    [
                        "apiVersion": "example.com/v1", "kind": "Widget", "name": .string(widget.metadata.name),
                        "uid": .string(uid), "controller": true, "blockOwnerDeletion": true,
                    ]
                ],
            ],
        ]
    }
}
