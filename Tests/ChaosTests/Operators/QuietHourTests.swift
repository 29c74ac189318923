import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// What images for several platforms cost their registry while nothing changes.
@Suite struct QuietHourTests {
    /// What is signed, and what runs by name.
    enum Kind: String, CaseIterable {
        case signedIndexOfPlatform
        case signedIndexThatRuns
        case signedPlatform
        case signedPlatformsOfIndex
    }

    @Test(
        "chaos 39: a look at an image for several platforms costs one cheap request at most, once it is known",
        .timeLimit(Chaos.timeLimit),
        arguments: Kind.allCases
    )
    func looks(kind: Kind) async throws {
        let seed = Chaos.seeds.first ?? 39
        let name = "chaos 39 (\(kind.rawValue))"
        try await OperatorWorld.run(name, seed: seed, isRegistryOnWire: true) { world in
            let wire = try #require(world.registryWire)
            try await world.apply(world.policy())
            let platforms = ["amd64", "arm64"].map { Platform(os: "linux", architecture: $0) }
            let images = try platforms.map { try world.registry.push("web for \($0)") }
            let index = try world.registry.push(index: Array(zip(platforms, images)))
            world.registry.tag("v1", index)
            switch kind {
            case .signedIndexOfPlatform, .signedIndexThatRuns: try world.registry.sign(index, by: world.chain)
            case .signedPlatform: try world.registry.sign(images[0], by: world.chain)
            case .signedPlatformsOfIndex: for image in images { try world.registry.sign(image, by: world.chain) }
            }
            let isIndex = kind == .signedIndexThatRuns || kind == .signedPlatformsOfIndex
            let running = isIndex ? index : images[0]
            try await world.runPod("web-0", image: running)
            try world.start("alpha")
            try await world.waitForLeader("alpha")
            _ = try await world.verification(of: running) { $0.status?.verdict == .trusted }
            // The tag is asked about for the first time, and what it leads to is read.
            try await world.pass(.seconds(600))
            let start = world.simulation.now
            try await world.pass(.seconds(3600))
            let exchanges = wire.requests(since: start)
            // What comes within seconds of each other belongs to one look.
            var looks: [[RegistryWire.Exchange]] = []
            for exchange in exchanges {
                if let last = looks.last?.last, exchange.at - last.at < .seconds(10) {
                    looks[looks.count - 1].append(exchange)
                } else {
                    looks.append([exchange])
                }
            }
            let most = looks.map(\.count).max() ?? 0
            let bytes = exchanges.map(\.bytes).reduce(0, +)
            print(
                "\(name): \(exchanges.count) requests in \(looks.count) looks of an hour, \(most) at most, \(bytes) bytes"
            )
            #expect(
                most <= (kind == .signedPlatformsOfIndex ? 2 + images.count : 1),
                "\(looks.first { $0.count == most } ?? [])"
            )
            // An hour has sixty looks; most ask nothing.
            #expect(looks.count >= 12 && looks.count <= 40)
            let status = try await world.verification(of: running) { $0.status?.verdict == .trusted }.status
            #expect(status?.conditions?[type: ConditionType.tagMoved] == nil)
        }
    }
}
