import KubernetesAPI
import Synchronization
import TrustModel
import TrustResources

/// Results that a test decides, in place of the caches of an operator.
final class KnownResults: ResultsSource {
    private struct State {
        var images: [ImageResult] = []
        var policies: [VerdictForecast.PolicyEntry] = []
        var containers: [RunningContainer] = []
        var count: UInt64 = 0
        var isComplete = true
        var isCurrent = true
        var snapshots = 0
    }

    private let state: Mutex<State>

    init(
        _ images: [ImageResult] = [],
        policies: [VerdictForecast.PolicyEntry] = [],
        containers: [RunningContainer] = []
    ) { state = Mutex(State(images: images, policies: policies, containers: containers)) }

    var revision: ResultsRevision? {
        state.withLock { $0.isComplete ? ResultsRevision([$0.count], isCurrent: $0.isCurrent) : nil }
    }

    /// How often everything was read.
    var snapshots: Int { state.withLock(\.snapshots) }

    func snapshot() -> ResultsSnapshot {
        state.withLock { state in
            state.snapshots += 1
            return ResultsSnapshot(images: state.images, policies: state.policies)
        }
    }

    func containers() -> [RunningContainer] { state.withLock(\.containers) }

    /// Puts other images in the place of those there are.
    func show(_ images: [ImageResult]) {
        state.withLock { state in
            state.images = images
            state.count += 1
        }
    }

    /// Something changed that nobody sees here.
    func touch() { state.withLock { $0.count += 1 } }

    /// Whether everything is known, and whether the API server was heard of lately.
    func set(isComplete: Bool = true, isCurrent: Bool = true) {
        state.withLock { ($0.isComplete, $0.isCurrent) = (isComplete, isCurrent) }
    }
}
