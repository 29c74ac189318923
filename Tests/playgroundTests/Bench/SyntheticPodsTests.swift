import JSONModel
import Testing

@testable import playground

@Suite("Synthetic pods")
struct SyntheticPodsTests {
    private static func pods(seed: UInt64 = 7) -> SyntheticPods {
        SyntheticPods(
            namespaces: ["a", "b", "c"],
            images: SyntheticPods.invented(10, seed: seed),
            sidecar: SyntheticPods.invented(1, seed: seed &+ 1).first,
            seed: seed
        )
    }

    @Test("are JSON of about 3 KB, with two containers whose digests the kubelet reports, and managed fields")
    func shape() throws {
        let pods = Self.pods()
        for number in [0, 9, 10, 12_345] {
            let text = pods.stored(number)
            #expect((2_500...4_500).contains(text.count))
            let pod = try JSONParser().parse(text)
            #expect(pod.value(at: "metadata", "name")?.string == pods.name(number))
            #expect(pod.value(at: "metadata", "namespace")?.string == pods.namespace(number))
            #expect(pod.value(at: "metadata", "managedFields")?.array?.count == 2)
            let statuses = pod.value(at: "status", "containerStatuses")?.array ?? []
            #expect(statuses.compactMap { $0["imageID"]?.string } == [pods.image(number), pods.sidecar])
        }
    }

    @Test("are the same for the same seed, and each another: their names are unique in the cluster")
    func seeded() {
        #expect(Self.pods().stored(3) == Self.pods().stored(3))
        #expect(Self.pods().stored(3) != Self.pods(seed: 8).stored(3))
        #expect(Set((0..<2000).map(Self.pods().name)).count == 2000)
    }

    @Test("run each image in one namespace, so that verifications are as many as images")
    func spread() {
        let pods = Self.pods()
        #expect(Set((0..<500).map { "\(pods.namespace($0))/\(pods.image($0))" }).count == 10)
        #expect(Set((0..<500).map(pods.namespace)).count == 3)
    }

    @Test("are created without a status, which says later what runs")
    func created() throws {
        let pods = Self.pods()
        #expect(try JSONParser().parse(pods.created(1))["status"] == nil)
        let patch = try JSONParser().parse(pods.started(1))
        #expect(patch.value(at: "status", "phase") == "Running" && patch["metadata"] == nil)
    }
}
