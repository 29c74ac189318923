import OCIModel
import OCIRegistry
import TestTiming
import Testing

@testable import ImageTrust

@Suite("Where a tag leads")
struct TagStandingTests {
    private func standing(_ scene: TrustScene, indexes: IndexMemory? = nil) async -> TagStanding {
        await ImageJudge(registry: scene.registry, indexes: indexes)
            .standing(of: "v1", running: scene.pinned, within: .zero)
    }

    @Test("to what runs it costs one question; to an index of it, one more; elsewhere it says where to")
    func standings() async throws {
        let scene = try TrustScene()
        #expect(await standing(scene) == .same)
        #expect(scene.registry.calls == [.tag("v1")])
        let index = try scene.registry.push(TrustScene.index([scene.image]), as: .ociIndex, tag: "v1")
        #expect(await standing(scene) == .same)
        let others = try scene.push(platforms: ["linux/amd64", "linux/arm64"])
        let other = try scene.registry.push(TrustScene.index(others), as: .ociIndex, tag: "v1")
        #expect(await standing(scene) == .moved(to: other.digest))
        scene.registry.tag("v1", others[0])
        #expect(await standing(scene) == .moved(to: others[0].digest))
        scene.registry.untag("v1")
        #expect(await standing(scene) == .absent)
        // What the index lists is known without its bytes where it was proven before.
        let memory = IndexMemory()
        let membership = IndexMemory.Membership(index: index, listed: scene.image, platforms: [nil])
        memory.proved(membership, lists: scene.image.digest, in: scene.repository)
        scene.registry.tag("v1", index)
        scene.registry.forgetCalls()
        #expect(await standing(scene, indexes: memory) == .same)
        #expect(scene.registry.calls == [.tag("v1")])
    }

    @Test("a registry in trouble says nothing; a tag that leads to what cannot be read has moved")
    func troubles() async throws {
        let scene = try TrustScene()
        for code in [RegistryError.Code.unreachable, .throttled, .unauthorized, .timedOut, .serverError] {
            scene.registry.fail(.tag("v1"), code)
            #expect(await standing(scene) == .unknown)
        }
        scene.registry.fail(.tag("v1"), nil)
        let index = try scene.registry.push(TrustScene.index([]), as: .ociIndex, tag: "v1")
        for code in [RegistryError.Code.tooLarge, .malformed, .digestMismatch, .notFound] {
            scene.registry.fail(.manifest(index.digest), code)
            #expect(await standing(scene) == .moved(to: index.digest))
        }
        scene.registry.fail(.manifest(index.digest), .unreachable)
        #expect(await standing(scene) == .unknown)
    }

    @Test("an answer is believed for as long as the asker allows, for its principal, whether or not there is the tag")
    func believed() async throws {
        let scene = try TrustScene()
        let clock = ManualClock()
        let cache = ContentCache(clock: clock)
        let registry = CachingRegistry(scene.registry, cache: cache)
        func ask(_ age: Duration, _ registry: CachingRegistry) async -> Digest? {
            try? await registry.target(scene.repository, of: "v1", within: age)
        }
        #expect(await ask(.seconds(60), registry) == scene.image.digest)
        scene.registry.untag("v1")
        clock.advance(by: .seconds(59))
        #expect(await ask(.seconds(60), registry) == scene.image.digest)
        #expect(scene.registry.calls.count == 1)
        // Somebody stricter asks, and all know.
        #expect(await ask(.seconds(59), registry) == nil)
        #expect(await ask(.seconds(60), registry) == nil)
        #expect(scene.registry.calls.count == 2)
        let other = CachingRegistry(
            scene.registry,
            cache: cache,
            principal: RegistryPrincipal([scene.repository: [.accessToken("x")]])
        )
        #expect(await ask(.seconds(60), other) == nil)
        #expect(scene.registry.calls.count == 3)
        scene.registry.tag("v1", scene.image)
        let anew = await RegistryFreshness.$asksAnew.withValue(true) { await ask(.seconds(60), registry) }
        #expect(anew == scene.image.digest)
        // An outage is not remembered.
        scene.registry.fail(.tag("v1"), .unreachable)
        #expect(await ask(.zero, registry) == nil)
        #expect(await ask(.seconds(60), registry) == scene.image.digest)
    }
}
