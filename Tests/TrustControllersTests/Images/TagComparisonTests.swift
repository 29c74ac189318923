import ImageTrust
import OCIModel
import OperatorTestKit
import Testing
import TrustResources

@testable import TrustControllers

/// Where the tags of an image lead, compared with what runs by them.
@Suite struct TagComparisonTests {
    @Test("a tag that cannot be asked about leaves all of them open, whatever the others lead to")
    func unknown() async throws {
        let registry = InMemoryRegistry()
        let (image, other) = (try registry.push("web"), try registry.push("another"))
        let repository = try RepositoryName(registry: InMemoryRegistry.host, path: "shop/web")
        let running = ImageReference(repository: repository, digest: image.digest)
        let followed = ["v1", "v2"].map { ImageSituation.FollowedTag(image: running, tag: $0) }
        let comparison = TagComparison(
            judgements: SharedJudgements(judge: ImageJudge(registry: registry)),
            access: nil,
            age: .zero
        )
        #expect(await comparison.movedTags(among: followed) == [])
        registry.tag("v2", other)
        let moved = await comparison.movedTags(among: followed)
        #expect(moved == [MovedTag(repository: repository, tag: "v2", target: other.digest)])
        registry.setDown(true)
        #expect(await comparison.movedTags(among: followed) == nil)
        registry.setDown(false)
        registry.tag("v2", image)
        #expect(await comparison.movedTags(among: followed) == [])
    }
}
