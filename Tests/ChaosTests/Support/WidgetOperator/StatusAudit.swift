import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging

/// Follows the statuses of all widgets and writes down when one goes back (I5).
final class StatusAudit: Sendable {
    private let informer: Informer<Widget, Widget>
    private let found = Shelf<[String]>([])

    init(client: APIClient, clock: any Clock<Duration>, seed: UInt64, logger: Logger) {
        informer = Informer(client: client, clock: clock, seed: seed, logger: logger, reading: .whole)
        let found = found
        informer.addHandler { change in
            guard case .updated(let old, let new) = change else { return }
            let complaints = Self.complaints(old.value, new.value)
            if !complaints.isEmpty { found.change { $0 += complaints } }
        }
    }

    /// What was wrong, in sentences.
    var violations: [String] { found.value }

    func run() async throws { try await informer.run() }

    private static func complaints(_ old: Widget, _ new: Widget) -> [String] {
        var complaints: [String] = []
        let (before, after) = (old.status?.observedGeneration ?? 0, new.status?.observedGeneration ?? 0)
        if after < before { complaints.append("\(new.key): observedGeneration went from \(before) to \(after)") }
        for condition in new.status?.conditions ?? [] {
            guard let former = old.status?.conditions?[type: condition.type] else { continue }
            let isFlip = former.status != condition.status
            if !isFlip, former.lastTransitionTime != condition.lastTransitionTime {
                complaints.append("\(new.key): \(condition.type) stayed \(condition.status) and its time changed")
            }
        }
        return complaints
    }
}
