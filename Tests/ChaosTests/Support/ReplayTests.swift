import EmbeddedKubernetes
import KubernetesAPI
import OperatorTestKit
import Testing
import TrustResources

/// That a seed repeats a scenario: without it nobody could find out why one failed.
@Suite("Replay of a seed") struct ReplayTests {
    /// What whole operators ask the server for in a scenario with faults, in order.
    private static func requests(seed: UInt64, _ images: InMemoryRegistry) async throws -> [String] {
        let told = Shared<[String]>([])
        try await OperatorWorld.run("replay", seed: seed, registry: images) { world in
            world.faults.add(FaultMatch(client: "alpha"), .status(503, "ServiceUnavailable"), probability: 0.2)
            world.faults.add(FaultMatch(client: "alpha"), .status(429, "TooManyRequests"), probability: 0.1)
            try await world.apply(world.policy())
            try world.start("alpha")
            try await world.waitForLeader("alpha")
            for number in 0..<4 {
                let image = try images.push("web-\(number)")
                try await world.runPod("web-\(number)", image: image)
            }
            try await world.pass(.seconds(90))
            told.value = world.faults.requests(FaultMatch([])).filter { $0.request.client == "alpha" }.map {
                "\($0.time) \($0.request.verb) \($0.request.resource) \($0.request.name) \($0.status ?? 0)"
            }
        }
        return told.value
    }

    @Test("the same seed asks for the same at the same moments, another seed does not", .timeLimit(Chaos.timeLimit))
    func same() async throws {
        let images = InMemoryRegistry()
        let seed = Chaos.seeds.last ?? 0
        let first = try await Self.requests(seed: seed, images)
        let second = try await Self.requests(seed: seed, images)
        #expect(first.count > 50)
        let apart = zip(first, second).enumerated().first { $1.0 != $1.1 }
        #expect(
            first == second,
            "\(first.count) and \(second.count) requests; the first that differ: \(String(describing: apart))"
        )
        let other = try await Self.requests(seed: seed &+ 1, images)
        #expect(other != first)
    }
}
