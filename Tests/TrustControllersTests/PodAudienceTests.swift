import FoundationEssentials
import KubernetesAPI
import KubernetesRuntime
import Testing
import TrustModel
import TrustResources

@testable import TrustControllers

@Suite struct PodAudienceTests {
    private static let key = ObjectKey(namespace: "shop", name: "sha256-1")
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// Pods `web-<number>`, each made a second after the one before.
    private func pods(_ numbers: some Sequence<Int>) -> [RunningPod] {
        numbers.map { number in
            var metadata = ObjectMeta(name: "web-\(number)", namespace: "shop")
            metadata.uid = "uid-\(number)"
            metadata.creationTimestamp = KubernetesTime(Self.start + Double(number))
            return Self.running(metadata)
        }
    }

    private static func running(_ metadata: ObjectMeta) -> RunningPod {
        RunningPod(
            key: ObjectKey(namespace: metadata.namespace, name: metadata.name),
            uid: metadata.uid ?? "",
            resourceVersion: "1",
            value: PodImages(Pod(metadata: metadata))
        )
    }

    private func status(_ verdict: Verdict, _ reason: Reason) -> ImageVerificationStatus {
        var status = ImageVerificationStatus()
        status.verdict = verdict
        status.reason = reason
        return status
    }

    private func names(
        _ audience: PodAudience,
        _ status: ImageVerificationStatus,
        previous: ImageVerificationStatus?,
        _ pods: [RunningPod],
        at seconds: Double = 5000
    ) -> [String] {
        audience.pods(Self.key, status: status, previous: previous, pods: pods, now: Self.start + seconds)
            .map(\.key.name)
    }

    private var bad: ImageVerificationStatus { status(.untrusted, .markedUntrusted) }
    private var good: ImageVerificationStatus { status(.trusted, .verified) }

    @Test("of a change the ten newest of thousands of pods are told, once")
    func change() {
        let audience = PodAudience()
        let all = pods(0..<3000)
        let told = names(audience, bad, previous: nil, all.shuffled())
        #expect(told == (2990..<3000).reversed().map { "web-\($0)" })
        #expect(names(audience, bad, previous: bad, all).isEmpty)
    }

    @Test("every pod that starts while the verdict is bad is told, once")
    func started() {
        let audience = PodAudience()
        _ = names(audience, bad, previous: good, pods(0..<20))
        #expect(names(audience, bad, previous: bad, pods(0..<22)) == ["web-21", "web-20"])
        #expect(names(audience, bad, previous: bad, pods(0..<22)).isEmpty)
        #expect(names(audience, bad, previous: bad, pods(10..<400)).count == 100)
        #expect(names(audience, bad, previous: bad, pods(10..<400)).isEmpty)
    }

    @Test("when the verdict becomes good again those who heard something bad are told, and nobody else ever")
    func recovery() {
        let audience = PodAudience()
        #expect(names(audience, good, previous: nil, pods(0..<3)).isEmpty)
        #expect(names(audience, bad, previous: good, pods(0..<3)).count == 3)
        #expect(names(audience, good, previous: bad, pods(0..<3)).count == 3)
        #expect(names(audience, good, previous: good, pods(0..<4)).isEmpty)
    }

    @Test("an image that is skipped is no news, whatever its verdict")
    func skipped() {
        let audience = PodAudience()
        let skipped = status(.unknown, .skippedByPolicy)
        #expect(names(audience, skipped, previous: nil, pods(0..<3)).isEmpty)
        #expect(names(audience, skipped, previous: skipped, pods(0..<4)).isEmpty)
    }

    @Test("a new leader takes older pods as told, and tells those of the last two minutes")
    func newLeader() {
        let audience = PodAudience()
        #expect(names(audience, bad, previous: bad, pods([0, 100, 200]), at: 210) == ["web-200", "web-100"])
        #expect(names(audience, bad, previous: bad, pods([0, 100, 200, 300]), at: 310) == ["web-300"])
    }

    @Test("a pod that was deleted and made again is another pod")
    func madeAgain() {
        let audience = PodAudience()
        _ = names(audience, bad, previous: nil, pods([1]))
        var metadata = ObjectMeta(name: "web-1", namespace: "shop")
        metadata.uid = "another"
        let again = Self.running(metadata)
        #expect(names(audience, bad, previous: bad, [again]) == ["web-1"])
        audience.forget(Self.key)
        #expect(names(audience, bad, previous: bad, [again]).isEmpty)
    }
}
