import FoundationEssentials
import KubernetesAPI
import KubernetesRuntime
import Synchronization
import TrustModel
import TrustResources

/// Decides which pods are told of the verdict on their image, so that each hears of a bad one, and once.
///
/// A change of verdict concerns every pod of the image, which may be thousands: the newest ten are told. While the verdict
/// stays bad, every pod that starts with the image is told. What was told is known to this process alone: after a change
/// of leader, pods that are a few minutes old count as told by the leader before, and younger ones may be told twice.
final class PodAudience: Sendable {
    /// The most pods that are told of one change.
    static let maximumOfChange = 10
    /// The most pods that are told at once because they started.
    static let maximumOfStarted = 100
    /// How old a pod may be at the first look to be told, in seconds.
    static let youth: Double = 120

    /// The pods of an image with a bad verdict that are known, by the hash of their uid.
    private let known = Mutex<[ObjectKey: Set<Int>]>([:])

    /// The pods to tell.
    ///
    /// - Parameters:
    ///   - key: the verification.
    ///   - status: its status now.
    ///   - previous: its status before; the same as `status` when nothing changed.
    ///   - pods: all pods that run the image.
    ///   - now: the present, compared with the times of creation at the first look only.
    /// - Returns: those of `pods` that have something to hear, newest first.
    func pods(
        _ key: ObjectKey,
        status: ImageVerificationStatus,
        previous: ImageVerificationStatus?,
        pods: [RunningPod],
        now: Date
    ) -> [RunningPod] {
        let isChanged = status.verdict != previous?.verdict
        guard ImageEvents.isBad(status) else {
            forget(key)
            // Those who heard something bad hear that it is over.
            let wasBad = previous.map(ImageEvents.isBad) ?? false
            return isChanged && wasBad ? Self.newest(pods, Self.maximumOfChange) : []
        }
        let current = Set(pods.map(\.identity.hashValue))
        let before = known.withLock { known in
            let before = known[key]
            known[key] = current
            return before
        }
        if isChanged { return Self.newest(pods, Self.maximumOfChange) }
        guard let before else {
            let young = pods.filter { pod in
                pod.value.created.map { now.timeIntervalSince($0.date) < Self.youth } ?? false
            }
            return Self.newest(young, Self.maximumOfChange)
        }
        return Self.newest(pods.filter { !before.contains($0.identity.hashValue) }, Self.maximumOfStarted)
    }

    /// Forgets an image that nothing runs any more.
    func forget(_ key: ObjectKey) { known.withLock { $0[key] = nil } }

    private static func newest(_ pods: [RunningPod], _ count: Int) -> [RunningPod] {
        guard pods.count > 1 else { return pods }
        let sorted = pods.sorted { left, right in
            let (first, second) = (left.value.created?.date ?? .distantPast, right.value.created?.date ?? .distantPast)
            return first == second ? left.key < right.key : first > second
        }
        return Array(sorted.prefix(count))
    }
}
