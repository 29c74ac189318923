import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Synchronization
import TrustResources

/// Every state that the operators' objects went through, as a watch shows them, and what was wrong with the steps.
final class Chronicle: Sendable {
    /// What steps are judged by.
    private struct Page {
        var generation: Int64?
        var conditions: [Condition]
    }

    private struct State {
        var last: [String: Page] = [:]
        var complaints: [String] = []
        var statusChanges: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// What was wrong.
    var complaints: [String] { state.withLock { $0.complaints } }

    /// Writes until cancelled.
    func write(_ world: OperatorWorld) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.follow(ImageVerification.self, world) {
                    ($0.status?.observedGeneration, $0.status?.conditions)
                }
            }
            group.addTask {
                await self.follow(TrustPolicy.self, world) { ($0.status?.observedGeneration, $0.status?.conditions) }
            }
        }
    }

    private func follow<Object: KubernetesObject>(
        _ type: Object.Type,
        _ world: OperatorWorld,
        _ read: @escaping @Sendable (Object) -> (Int64?, [Condition]?)
    ) async {
        let selection = ObjectSelection(namespace: world.namespace)
        while !Task.isCancelled {
            // A watch without a version begins with what is there all the same.
            let options = WatchOptions(sendsInitialEvents: world.streamsLists, timeoutSeconds: 86_400)
            var pause = Duration.milliseconds(50)
            do {
                try await world.client.resource(type).watch(selection, options: options) { notification in
                    switch notification {
                    case .added(let object), .modified(let object):
                        let (generation, conditions) = read(object)
                        self.turn(object.metadata, Page(generation: generation, conditions: conditions ?? []))
                    case .deleted(let object):
                        self.state.withLock { $0.last[object.metadata.uid ?? ""] = nil }
                    default: break
                    }
                    return .proceed
                }
            } catch let error as APIError where error.httpStatus == 404 {
                // The server does not have the kind: nothing of it can change meanwhile.
                pause = .seconds(1)
            } catch {}
            guard (try? await world.pass(pause)) != nil else { return }
        }
    }

    private func turn(_ metadata: ObjectMeta, _ page: Page) {
        let name = metadata.name
        state.withLock { state in
            let uid = metadata.uid ?? ""
            defer { state.last[uid] = page }
            guard let last = state.last[uid] else { return }
            if let before = last.generation, let now = page.generation, now < before {
                state.complaints.append("\(name): observedGeneration went from \(before) back to \(now)")
            }
            for condition in page.conditions {
                guard let before = last.conditions[type: condition.type] else { continue }
                let isFlip = before.status != condition.status
                let isDated = before.lastTransitionTime != condition.lastTransitionTime
                if isDated, !isFlip {
                    state.complaints.append(
                        "\(name): \(condition.type) did not flip, and yet its transition is dated anew"
                    )
                }
            }
            let isTrue = { (type: String) in page.conditions[type: type]?.status == .true }
            if isTrue("Ready"), isTrue("Stalled") || isTrue("Reconciling") {
                state.complaints.append("\(name): Ready beside Stalled or Reconciling")
            }
        }
    }
}
