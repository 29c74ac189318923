import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@testable import ImageTrust

@Suite("What is asked twice, and what is not")
struct CachingRegistryTests {
    private func bytes(_ number: Int, count: Int = 1000) -> [UInt8] { Array(repeating: UInt8(number), count: count) }

    private func fetch(
        _ number: Int,
        count: Int = 1000,
        through registry: CachingRegistry,
        _ repository: RepositoryName
    ) async throws {
        let content = bytes(number, count: count)
        let fetched = try await registry.blob(
            repository,
            Descriptor(of: content, mediaType: .jose),
            limit: 1 << 20
        )
        #expect(fetched == content)
    }

    /// Which of the blobs are asked for again when all are wanted once more.
    private func asked(_ scene: TrustScene, _ numbers: [Int]) -> [Int] {
        numbers.filter { scene.registry.calls.contains(.blob(Digest.of(bytes($0)))) }
    }

    // MARK: Requests

    @Test("A signed image costs four requests the first time, and one listing each time after")
    func requests() async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image)
        let judge = ImageJudge(registry: CachingRegistry(scene.registry, cache: ContentCache()))
        let policies = [try scene.policy()]
        #expect(await judge.judge(scene.pinned, policies: policies, now: TrustScene.now).verdict == .trusted)
        #expect(
            scene.registry.calls == [
                .manifest(scene.image.digest), .referrers(scene.image.digest),
                .manifest(signature.descriptor.digest), .blob(Digest.of(signature.envelope)),
            ]
        )
        for _ in 0..<3 {
            scene.registry.forgetCalls()
            #expect(await judge.judge(scene.pinned, policies: policies, now: TrustScene.now).verdict == .trusted)
            #expect(scene.registry.calls == [.referrers(scene.image.digest)])
        }
    }

    @Test("A signature that is withdrawn is gone at the next judgement, cached or not")
    func withdrawn() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let judge = ImageJudge(registry: CachingRegistry(scene.registry, cache: ContentCache()))
        let policies = [try scene.policy()]
        #expect(await judge.judge(scene.pinned, policies: policies, now: TrustScene.now).verdict == .trusted)
        scene.registry.unlist(scene.image.digest)
        #expect(await judge.judge(scene.pinned, policies: policies, now: TrustScene.now).reason == .noSignature)
    }

    @Test("A tag is resolved each time; what it leads to is then known by its digest")
    func tags() async throws {
        let scene = try TrustScene()
        let registry = CachingRegistry(scene.registry, cache: ContentCache())
        let tag = ImageReference(repository: scene.repository, tag: "v1")
        for _ in 0..<2 { #expect(try await registry.resolve(tag).descriptor == scene.image) }
        #expect(try await registry.resolve(scene.pinned).descriptor == scene.image)
        #expect(scene.registry.calls == [.resolve(tag.description), .resolve(tag.description)])
    }

    @Test("Errors are not remembered")
    func errors() async throws {
        let scene = try TrustScene()
        let registry = CachingRegistry(scene.registry, cache: ContentCache())
        scene.registry.fail(.manifest(scene.image.digest), .serverError)
        await #expect(throws: RegistryError.self) { try await registry.resolve(scene.pinned) }
        scene.registry.fail(.manifest(scene.image.digest), nil)
        #expect(try await registry.resolve(scene.pinned).descriptor == scene.image)
    }

    // MARK: Isolation

    @Test("What one repository holds is not known in another")
    func repositories() async throws {
        let scene = try TrustScene()
        let registry = CachingRegistry(scene.registry, cache: ContentCache())
        let other = try RepositoryName("\(ScriptedRegistry.host)/shop/secret")
        scene.registry.put(bytes(1))
        try await fetch(1, through: registry, other)
        _ = try await registry.manifest(other, scene.image.digest)
        scene.registry.forgetCalls()
        try await fetch(1, through: registry, scene.repository)
        _ = try await registry.manifest(scene.repository, scene.image.digest)
        #expect(scene.registry.calls == [.blob(Digest.of(bytes(1))), .manifest(scene.image.digest)])
    }

    @Test("Bytes fetched as a blob are no manifest, whatever type their descriptor claimed")
    func kinds() async throws {
        let scene = try TrustScene()
        let registry = CachingRegistry(scene.registry, cache: ContentCache())
        let manifest = TrustScene.manifest("web")
        scene.registry.put(manifest)
        _ = try await registry.blob(scene.repository, Descriptor(of: manifest, mediaType: .ociManifest), limit: 1 << 20)
        scene.registry.forgetCalls()
        _ = try await registry.manifest(scene.repository, scene.image.digest)
        #expect(scene.registry.calls == [.manifest(scene.image.digest)])
    }

    @Test("A cached blob does not slip past a smaller limit or a descriptor of another size")
    func limits() async throws {
        let scene = try TrustScene()
        let registry = CachingRegistry(scene.registry, cache: ContentCache())
        scene.registry.put(bytes(1))
        try await fetch(1, through: registry, scene.repository)
        var descriptor = Descriptor(of: bytes(1), mediaType: .jose)
        let small = await #expect(throws: RegistryError.self) {
            try await registry.blob(scene.repository, descriptor, limit: 999)
        }
        #expect(small?.code == .tooLarge)
        descriptor.size = 999
        let wrong = await #expect(throws: RegistryError.self) {
            try await registry.blob(scene.repository, descriptor, limit: 1 << 20)
        }
        #expect(wrong?.code == .digestMismatch)
    }

    // MARK: Budget

    @Test("Within its budget everything stays; beyond it the longest unused go first")
    func eviction() async throws {
        let scene = try TrustScene()
        // Each costs 1,000 bytes and what an entry costs besides: five fit into 8 KiB.
        let registry = CachingRegistry(scene.registry, cache: ContentCache(maximumBytes: 8 << 10))
        for number in 1...6 { scene.registry.put(bytes(number)) }
        for number in 1...5 { try await fetch(number, through: registry, scene.repository) }
        scene.registry.forgetCalls()
        for number in 1...5 { try await fetch(number, through: registry, scene.repository) }
        #expect(scene.registry.calls.isEmpty)
        // The first is used again, so that the second and third are the oldest when the sixth comes.
        try await fetch(1, through: registry, scene.repository)
        try await fetch(6, through: registry, scene.repository)
        scene.registry.forgetCalls()
        for number in [1, 4, 5, 6] { try await fetch(number, through: registry, scene.repository) }
        #expect(asked(scene, [1, 4, 5, 6]) == [])
        for number in [2, 3] { try await fetch(number, through: registry, scene.repository) }
        #expect(asked(scene, [2, 3]) == [2, 3])
    }

    @Test("A tenant that reads very much pushes out its own content, and not what another reads")
    func tenants() async throws {
        let scene = try TrustScene()
        // Five fit, as above.
        let registry = CachingRegistry(scene.registry, cache: ContentCache(maximumBytes: 8 << 10))
        for number in 1...40 { scene.registry.put(bytes(number)) }
        try await RegistryTenant.$name.withValue("shop") {
            for number in 1...2 { try await fetch(number, through: registry, scene.repository) }
        }
        try await RegistryTenant.$name.withValue("flood") {
            for number in 3...40 { try await fetch(number, through: registry, scene.repository) }
        }
        scene.registry.forgetCalls()
        for number in 1...2 { try await fetch(number, through: registry, scene.repository) }
        #expect(scene.registry.calls.isEmpty)
        try await fetch(3, through: registry, scene.repository)
        #expect(asked(scene, [3]) == [3])
    }

    @Test(
        "Accounts keep as much as fits when the largest give way",
        arguments: [
            (100, [10, 20], 100), (60, [10, 20, 90], 30), (60, [50, 50, 50], 20), (10, [0, 100], 10), (0, [5], 0),
            (7, [], 7), (90, [80], 90), (75, [100], 75),
        ]
    )
    func fairShare(total: Int, accounts: [Int], share: Int) {
        #expect(ContentCache.fairShare(of: total, among: accounts) == share)
        #expect(accounts.map { min($0, share) }.reduce(0, +) <= total)
    }

    @Test("Content of no bytes has its cost too, so that a budget bounds the number of entries")
    func tinyContent() async throws {
        let scene = try TrustScene()
        let registry = CachingRegistry(scene.registry, cache: ContentCache(maximumBytes: 4 << 10))
        scene.registry.put([])
        let empty = Descriptor(of: [], mediaType: .jose)
        for round in 0..<2 {
            scene.registry.forgetCalls()
            for number in 0..<100 {
                let repository = try RepositoryName("\(ScriptedRegistry.host)/shop/r\(number)")
                _ = try await registry.blob(repository, empty, limit: 1)
            }
            #expect(scene.registry.calls.count == 100, "round \(round)")
        }
    }

    @Test(
        "Content larger than a quarter of the budget is not kept, and a budget of zero keeps nothing",
        arguments: [4000, 0, -1]
    )
    func large(budget: Int) async throws {
        let scene = try TrustScene()
        let registry = CachingRegistry(scene.registry, cache: ContentCache(maximumBytes: budget))
        scene.registry.put(bytes(1))
        for _ in 0..<2 { try await fetch(1, through: registry, scene.repository) }
        #expect(scene.registry.calls.count == 2)
    }
}
