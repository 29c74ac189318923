import FoundationEssentials
import ImageTrust
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import TestTiming
import Testing
import TrustModel

@Suite("Questions that many ask at the same time", .timeLimit(.minutes(5)))
struct SharedQuestionTests {
    /// Runs `ask` many times at once while the registry answers nobody, and lets it answer when all have asked.
    private static func atOnce(
        _ scene: TrustScene,
        count: Int = 20,
        _ ask: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let gate = Latch()
        scene.registry.onCall { _ in await gate.wait() }
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<count { group.addTask { try await ask(number) } }
                // Nobody has anything left to do.
                try await clock.sleep(for: .seconds(1))
                gate.open()
                try await group.waitForAll()
            }
        }
        scene.registry.onCall(nil)
    }

    @Test("one is asked for all: manifests, blobs, lists and tags, through every registry of a cache")
    func one() async throws {
        let scene = try TrustScene()
        let signature = try scene.sign(scene.image)
        let cache = ContentCache()
        try await Self.atOnce(scene) { _ in
            let registry = CachingRegistry(scene.registry, cache: cache)
            _ = try await registry.resolve(ImageReference(repository: scene.repository, tag: "v1"))
            let listed = try await registry.referrers(
                scene.repository,
                to: scene.image.digest,
                artifactType: .notarySignature
            )
            #expect(listed.map(\.digest) == [signature.descriptor.digest])
            let manifest = try await registry.manifest(scene.repository, signature.descriptor.digest)
            guard case .image(let image) = manifest.manifest, let layer = image.layers.first else {
                Issue.record("the signature has no envelope")
                return
            }
            _ = try await registry.blob(scene.repository, layer, limit: 1 << 20)
        }
        let calls = scene.registry.calls
        #expect(calls.filter { $0 == .manifest(signature.descriptor.digest) }.count == 1)
        #expect(calls.filter { $0 == .blob(Digest.of(signature.envelope)) }.count == 1)
        #expect(calls.filter { $0 == .resolve("\(scene.repository):v1") }.count == 1)
        #expect(cache.figures[ScriptedRegistry.host]?.misses ?? 0 >= 4)
        #expect(cache.figures[ScriptedRegistry.host]?.shared ?? 0 >= 19)
    }

    @Test("an error is everybody's who waited, and nobody's who comes later")
    func errors() async throws {
        let scene = try TrustScene()
        let cache = ContentCache()
        scene.registry.fail(.manifest(scene.image.digest), .serverError)
        try await Self.atOnce(scene) { _ in
            let registry = CachingRegistry(scene.registry, cache: cache)
            let error = await #expect(throws: RegistryError.self) {
                try await registry.manifest(scene.repository, scene.image.digest)
            }
            #expect(error?.code == .serverError)
        }
        #expect(scene.registry.calls.count == 1)
        scene.registry.fail(.manifest(scene.image.digest), nil)
        _ = try await CachingRegistry(scene.registry, cache: cache).manifest(scene.repository, scene.image.digest)
        #expect(scene.registry.calls.count == 2)
    }

    @Test("when the one who asks is cancelled, another asks")
    func cancellation() async throws {
        let scene = try TrustScene()
        let registry = CachingRegistry(scene.registry, cache: ContentCache())
        let clock = ManualClock()
        let gate = Latch()
        scene.registry.onCall { _ in await gate.wait() }
        try await VirtualTime(clock: clock).run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await withTaskGroup(of: RegistryError.Code?.self) { first in
                        first.addTask {
                            do throws(RegistryError) {
                                _ = try await registry.manifest(scene.repository, scene.image.digest)
                                return nil
                            } catch {
                                return error.code
                            }
                        }
                        try? await clock.sleep(for: .seconds(2))
                        first.cancelAll()
                        for await code in first { #expect(code == .cancelled) }
                        gate.open()
                    }
                }
                try await clock.sleep(for: .seconds(1))
                for _ in 0..<5 {
                    group.addTask { _ = try await registry.manifest(scene.repository, scene.image.digest) }
                }
                try await group.waitForAll()
            }
        }
        #expect(scene.registry.calls.count == 2)
    }

    @Test("those with other credentials ask for themselves")
    func principals() async throws {
        let scene = try TrustScene()
        let cache = ContentCache()
        try await Self.atOnce(scene, count: 10) { number in
            let credential = RegistryCredential.accessToken("\(number % 2)")
            let registry = CachingRegistry(
                scene.registry,
                cache: cache,
                principal: RegistryPrincipal([scene.repository: [credential]])
            )
            _ = try await registry.manifest(scene.repository, scene.image.digest)
        }
        #expect(scene.registry.calls.count == 2)
    }

    // MARK: How long a list is believed

    @Test("a list is believed for its life, by its principal, for its type, and no longer")
    func listings() async throws {
        let scene = try TrustScene()
        try scene.sign(scene.image)
        let clock = ManualClock()
        let cache = ContentCache(listingLife: .seconds(10), clock: clock)
        let registry = CachingRegistry(scene.registry, cache: cache)
        let other = CachingRegistry(
            scene.registry,
            cache: cache,
            principal: RegistryPrincipal([scene.repository: [.accessToken("x")]])
        )
        func list(_ registry: CachingRegistry, _ type: MediaType? = .notarySignature) async throws -> Int {
            try await registry.referrers(scene.repository, to: scene.image.digest, artifactType: type).count
        }
        for _ in 0..<5 { #expect(try await list(registry) == 1) }
        #expect(scene.registry.calls.count == 1)
        #expect(try await list(registry, nil) == 1)
        #expect(try await list(other) == 1)
        #expect(scene.registry.calls.count == 3)
        scene.registry.unlist(scene.image.digest)
        clock.advance(by: .milliseconds(9999))
        #expect(try await list(registry) == 1)
        clock.advance(by: .milliseconds(1))
        #expect(try await list(registry) == 0)
        #expect(scene.registry.calls.count == 4)
    }

    @Test("whoever asks anew is told what is, whatever is believed, and others after that")
    func anew() async throws {
        let scene = try TrustScene()
        let cache = ContentCache(listingLife: .seconds(10), clock: ManualClock())
        let registry = CachingRegistry(scene.registry, cache: cache)
        func list() async throws -> Int {
            try await registry.referrers(scene.repository, to: scene.image.digest, artifactType: .notarySignature).count
        }
        #expect(try await list() == 0)
        try scene.sign(scene.image)
        #expect(try await list() == 0)
        #expect(try await RegistryFreshness.$asksAnew.withValue(true) { try await list() } == 1)
        #expect(try await list() == 1)
    }

    @Test("a judgement that a person asked for asks anew, and only the first one")
    func request() async throws {
        let scene = try TrustScene()
        let cache = ContentCache(listingLife: .seconds(3600), clock: ManualClock())
        let judgements = SharedJudgements(judge: ImageJudge(registry: CachingRegistry(scene.registry, cache: cache)))
        let policies = [try scene.policy()]
        func verdict(_ age: JudgementAge, at seconds: Double) async -> Verdict {
            await judgements.judgement(of: [scene.pinned], policies: policies, within: age) {
                TrustScene.now.addingTimeInterval(seconds)
            }.judgement.verdict
        }
        #expect(await verdict(JudgementAge(any: .zero), at: 0) == .unknown)
        try scene.sign(scene.image)
        #expect(await verdict(JudgementAge(any: .zero), at: 1) == .unknown)
        let asked = JudgementAge(any: .zero, notBefore: TrustScene.now.addingTimeInterval(2))
        #expect(await verdict(asked, at: 2) == .trusted)
        scene.registry.forgetCalls()
        #expect(await verdict(asked, at: 3) == .trusted)
        #expect(scene.registry.calls.isEmpty)
    }

    @Test("lists count towards the memory of the cache, with everything that is written in them")
    func memory() async throws {
        let scene = try TrustScene()
        let cache = ContentCache(maximumBytes: 256 << 10, listingLife: .seconds(10))
        let registry = CachingRegistry(scene.registry, cache: cache)
        for number in 0..<200 {
            let subject = Digest.of(Array("\(number)".utf8))
            for part in 0..<10 {
                var listed = Descriptor(of: Array("\(number) \(part)".utf8), mediaType: .ociManifest)
                listed.artifactType = .notarySignature
                listed.annotations = ["note": String(repeating: "x", count: 1000)]
                scene.registry.list(listed, under: subject)
            }
            _ = try await registry.referrers(scene.repository, to: subject, artifactType: .notarySignature)
            #expect(cache.bytes <= 256 << 10)
        }
        #expect(cache.evictions > 0)
    }
}
