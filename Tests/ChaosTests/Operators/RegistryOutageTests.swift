import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

@testable import OCIRegistry

/// A registry that cannot be asked: the verdicts stay and say so, it is left in peace, and when it is back all is well
/// by itself.
@Suite struct RegistryOutageTests {
    private static let count = 20

    /// How soon an image is looked at again after an outage: 15 s and a fifth, moved to where others are looked at.
    private static let look: Duration = .seconds(20)

    /// Starts an operator, and waits until it trusts twenty images.
    private static func begin(_ world: OperatorWorld) async throws -> [Descriptor] {
        try await world.apply(world.policy())
        let images = try (0..<count).map { try world.registry.push("image-\($0)") }
        for (number, image) in images.enumerated() {
            try world.registry.sign(image, by: world.chain)
            try await world.runPod("web-\(number)", image: image)
        }
        try world.start("alpha")
        try await world.waitForLeader("alpha")
        try await wait(world, "all are trusted", for: .seconds(60)) { $0.isTrusted && $0.isFresh }
        return images
    }

    /// Waits until every verification is as expected.
    ///
    /// - Returns: how long that took.
    @discardableResult
    private static func wait(
        _ world: OperatorWorld,
        _ what: String,
        for limit: Duration,
        until isAsExpected: (ImageVerification) -> Bool
    ) async throws -> Duration {
        let start = world.simulation.now
        while true {
            let found = try await verifications(world)
            if found.count == count, found.allSatisfy(isAsExpected) { return world.simulation.now - start }
            guard world.simulation.now - start < limit else {
                let other = found.first { !isAsExpected($0) }
                throw SceneError("not within \(limit): \(what), but \(String(describing: other?.status))")
            }
            try await world.pass(.milliseconds(200))
        }
    }

    private static func verifications(_ world: OperatorWorld) async throws -> [ImageVerification] {
        try await world.client.resource(ImageVerification.self).list(ObjectSelection(namespace: world.namespace)).items
    }

    @Test(
        "chaos 36: the registry is gone for twenty minutes; the verdicts stay, and are confirmed soon after it is back",
        .timeLimit(Chaos.timeLimit),
        arguments: [
            (RegistryWire.Health.refuses, Reason.registryUnreachable), (.hangs, .registryUnreachable),
            (.fails, .registryUnreachable), (.throttles, .registryThrottled),
        ]
    )
    func outage(health: RegistryWire.Health, reason: Reason) async throws {
        let seed = Chaos.seeds.first ?? 36
        try await OperatorWorld.run("chaos 36 (\(health))", seed: seed, isRegistryOnWire: true) { world in
            let wire = try #require(world.registryWire)
            _ = try await Self.begin(world)
            wire.become(health)
            // What is believed of the registry's answer is believed for five minutes.
            try await world.pass(.seconds(600))
            let before = wire.requests
            try await world.pass(.seconds(600))
            let asked = wire.requests - before
            print("chaos 36 (\(health)): \(asked) requests in ten minutes of outage")
            for verification in try await Self.verifications(world) {
                #expect(verification.isTrusted, "\(health)")
                #expect(verification.freshness == "False \(reason.rawValue)", "\(health)")
            }
            // One probe in fifteen seconds; where a pause of a minute was asked for, one look after each.
            #expect(asked <= (health == .throttles ? 10 * 8 + 8 : 600 / 15 + 2), "\(health)")
            #expect(asked >= (health == .throttles ? 5 : 20), "\(health)")
            wire.become(.well)
            let pause = health == .throttles ? Duration.seconds(60) : CircuitBreaker.longestPause
            let taken = try await Self.wait(world, "all are fresh", for: .seconds(120)) { $0.isTrusted && $0.isFresh }
            print("chaos 36 (\(health)): all were confirmed \(taken) after the registry was back")
            #expect(taken <= pause + Self.look + .seconds(1), "\(health)")
        }
    }

    @Test(
        "chaos 37: the registry is gone for longer than a verdict may be old; it lapses, and comes back by itself",
        .timeLimit(Chaos.timeLimit)
    )
    func lapse() async throws {
        let seed = Chaos.seeds.first ?? 37
        try await OperatorWorld.run("chaos 37", seed: seed, isRegistryOnWire: true) { world in
            let wire = try #require(world.registryWire)
            let images = try await Self.begin(world)
            wire.become(.refuses)
            try await world.pass(.seconds(3000))
            #expect(try await Self.verifications(world).allSatisfy { $0.isTrusted && !$0.isFresh })
            try await world.pass(.seconds(1000))
            for verification in try await Self.verifications(world) {
                #expect(verification.status?.verdict == .unknown)
                #expect(!verification.isFresh)
            }
            // What is new meanwhile is unknown, and never unsigned.
            let other = try world.registry.push("another")
            try world.registry.sign(other, by: world.chain)
            try await world.runPod("another", image: other)
            let unknown = try await world.verification(of: other) { $0.status?.verdict != nil }
            #expect(unknown.status?.verdict == .unknown)
            #expect(unknown.status?.reason == .registryUnreachable)
            try await world.deletePod("another")
            try await world.waitUntilGone(ImageVerification.self, ImageVerification.name(for: other.digest))
            wire.become(.well)
            let taken = try await Self.wait(world, "all are trusted", for: .seconds(120)) { $0.isTrusted && $0.isFresh }
            #expect(taken <= CircuitBreaker.longestPause + Self.look + .seconds(1))
            #expect(images.count == Self.count)
        }
    }
}

extension ImageVerification {
    fileprivate var isTrusted: Bool { status?.verdict == .trusted }
    fileprivate var isFresh: Bool { freshness.hasPrefix("True") }

    /// Status and reason of the condition `Fresh`.
    fileprivate var freshness: String {
        let condition = status?.conditions?.first { $0.type == "Fresh" }
        return "\(condition?.status.rawValue ?? "?") \(condition?.reason ?? "?")"
    }
}
