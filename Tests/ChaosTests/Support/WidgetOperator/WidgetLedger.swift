import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient

/// What a cluster holds of widgets and their children, without what differs from run to run: uids, versions, times.
struct WidgetLedger: Sendable, Equatable, CustomStringConvertible {
    var widgets: [String]
    var parts: [String]
    /// Widgets that are being deleted, children without their widget, statuses that are behind.
    var loose: [String]

    var description: String { (widgets + parts + loose).joined(separator: "\n") }

    init(of world: WidgetWorld) async throws {
        let all = ObjectSelection(namespace: WidgetOperator.namespace)
        let widgets = try await world.auditor.resource(Widget.self).list(all).items
        let parts = try await world.auditor.resource(ConfigMap.self)
            .list(ObjectSelection(namespace: WidgetOperator.namespace, labelSelector: WidgetOperator.label)).items
        self.widgets = widgets.map { widget in
            let ready = widget.status?.conditions?[type: "Ready"]
            return "\(widget.metadata.name) \(widget.spec?.color ?? "-") generation \(widget.metadata.generation ?? 0) "
                + "observed \(widget.status?.observedGeneration ?? 0) child \(widget.status?.child ?? "-") "
                + "\(ready?.status.rawValue ?? "-") \(ready?.reason ?? "-") \(widget.metadata.finalizers)"
        }.sorted()
        self.parts = parts.map { "part \($0.metadata.name) \($0.data?["color"] ?? "-")" }.sorted()
        let uids = Set(widgets.compactMap(\.metadata.uid))
        let leaving = widgets.filter { $0.metadata.deletionTimestamp != nil }
            .map { "\($0.metadata.name) is being deleted" }
        let orphans = parts.filter { !uids.contains($0.metadata.ownerReferences.first?.uid ?? "") }
            .map { "part \($0.metadata.name) has no widget" }
        let behind = widgets.filter { $0.status?.observedGeneration != $0.metadata.generation }
            .map { "\($0.metadata.name) was not looked at" }
        loose = leaving + orphans + behind
    }

    /// What is there in the end when nothing goes wrong.
    static func golden(seed: UInt64, _ user: WidgetUser) async throws -> WidgetLedger {
        let world = try WidgetWorld(seed: seed)
        let ledger = Shelf<WidgetLedger?>(nil)
        try await world.run { world in
            try await world.define()
            try await user.work(in: world)
            try await world.pass(.seconds(60))
            ledger.value = try await WidgetLedger(of: world)
        }
        guard let golden = ledger.value, golden.loose.isEmpty else { throw Unsettled(ledger: ledger.value) }
        return golden
    }

    /// Not even without faults did it come to rest.
    struct Unsettled: Error {
        var ledger: WidgetLedger?
    }
}
