import EmbeddedKubernetes
import KubernetesAPI
import KubernetesRuntime
import OperatorTestKit
import TestTiming
import Testing

/// What somebody has who takes over each change that is told, and what must never be told.
struct CopyReplay: Sendable {
    private(set) var values: [String: String] = [:]
    private(set) var defects: [String] = []

    mutating func take(_ change: InformerChange<String>) {
        let name = change.key.name
        switch change {
        case .added(let object, _):
            if values[name] != nil { defects.append("\(name) was added twice") }
            values[name] = object.value
        case .updated(_, let new):
            if values[name] == nil { defects.append("\(name) changed, and was not there") }
            values[name] = new.value
        case .deleted:
            if values.removeValue(forKey: name) == nil { defects.append("\(name) was deleted twice") }
        }
    }
}

extension CopyScene {
    /// What must hold after every scenario: I1, I2, I4, I7 and I9, as far as a copy alone has to do with them.
    func checkInvariants() async throws {
        plan.heal()
        try await waitUntilSettled()
        let told = replay.value
        let copy = Dictionary(uniqueKeysWithValues: informer.objects.map { ($0.key.name, $0.value) })
        #expect(told.defects.isEmpty, "I2: \(told.defects.prefix(3))")
        #expect(told.values == copy, "I2: what was told is not what is held")
        let start = time.clock.elapsed
        try await pass(.seconds(60))
        let asked = plan.requests(.client("operator")).filter { $0.time >= start }
        #expect(!asked.contains { $0.request.verb == .list } && asked.count <= 1, "I4: \(asked.map(\.request.verb))")
        #expect(!log.lines.contains { $0.contains(Self.secret) }, "I7: a secret in the log")
        checkMetrics()
    }

    private func checkMetrics() {
        let (status, of) = (informer.status, ["name": informer.name])
        #expect(metrics.sum("reflector_lists_total", of) == Double(status.lists), "I9: lists")
        #expect(metrics.sum("reflector_watches_total", of) == Double(status.watches), "I9: watches")
        #expect(plan.requests(FaultMatch([.list], client: "operator")).count == status.lists, "I9: lists")
        #expect(plan.requests(watches).count == status.watches, "I9: watches")
        #expect(metrics.sum("informer_objects", of) == Double(informer.count), "I9: objects")
        #expect(metrics.sum("informer_queue_depth", of) == 0, "I9: changes nobody was told of")
        #expect(metrics.sum("reflector_last_resource_version", of) == Double(status.resourceVersion), "I9: version")
    }
}
