import OCIModel
import Testing

@testable import OCIRegistry

@Suite("Where referrers are found")
struct ReferrersKnowledgeTests {
    private static func repository(_ path: String = "shop/web") throws -> RepositoryName {
        try RepositoryName(registry: "registry.example.com", path: path)
    }

    private static let digest = Digest.of([1])

    @Test("an API that is not there is not asked again for ten minutes, in its repository alone")
    func absence() throws {
        var knowledge = ReferrersKnowledge()
        let (web, api) = (try Self.repository(), try Self.repository("shop/api"))
        #expect(knowledge.asksAPI(web, now: .zero))
        knowledge.learned(hasAPI: false, web, now: .zero)
        #expect(!knowledge.asksAPI(web, now: .seconds(599)))
        #expect(knowledge.asksAPI(api, now: .seconds(599)))
        #expect(knowledge.asksAPI(web, now: .seconds(600)))
    }

    @Test("where the API answered, what looks like its absence hides nothing for an hour")
    func presence() throws {
        var knowledge = ReferrersKnowledge()
        let web = try Self.repository()
        knowledge.learned(hasAPI: true, web, now: .zero)
        knowledge.learned(hasAPI: false, web, now: .seconds(10))
        #expect(knowledge.asksAPI(web, now: .seconds(10)))
        knowledge.learned(hasAPI: false, web, now: .seconds(3600))
        #expect(!knowledge.asksAPI(web, now: .seconds(3601)))
        knowledge.learned(hasAPI: true, web, now: .seconds(3602))
        #expect(knowledge.asksAPI(web, now: .seconds(3603)))
    }

    @Test("an absent tag is believed where the API is, for ten minutes, for its digest in its repository")
    func tags() throws {
        var knowledge = ReferrersKnowledge()
        let (web, api) = (try Self.repository(), try Self.repository("shop/api"))
        knowledge.learned(hasTag: false, web, Self.digest, now: .zero)
        #expect(!knowledge.lacksTag(web, Self.digest, now: .seconds(1)))
        for repository in [web, api] { knowledge.learned(hasAPI: true, repository, now: .zero) }
        #expect(knowledge.lacksTag(web, Self.digest, now: .seconds(1)))
        #expect(!knowledge.lacksTag(api, Self.digest, now: .seconds(1)))
        #expect(!knowledge.lacksTag(web, Digest.of([2]), now: .seconds(1)))
        #expect(!knowledge.lacksTag(web, Self.digest, now: .seconds(600)))
        knowledge.learned(hasTag: true, web, Self.digest, now: .seconds(2))
        #expect(!knowledge.lacksTag(web, Self.digest, now: .seconds(3)))
        knowledge.learned(hasTag: false, web, Self.digest, now: .seconds(4))
        knowledge.learned(hasAPI: false, web, now: .seconds(4000))
        #expect(!knowledge.lacksTag(web, Self.digest, now: .seconds(4001)))
    }

    @Test("it is bounded")
    func bounds() throws {
        var knowledge = ReferrersKnowledge()
        for number in 0..<(2 * ReferrersKnowledge.maximumRepositories) {
            knowledge.learned(hasAPI: false, try Self.repository("shop/r\(number)"), now: .zero)
        }
        #expect(knowledge.repositories <= ReferrersKnowledge.maximumRepositories)
        let web = try Self.repository()
        for number in 0..<(2 * ReferrersKnowledge.maximumTags) {
            knowledge.learned(hasTag: false, web, Digest.of(Array("\(number)".utf8)), now: .zero)
        }
        #expect(knowledge.tags <= ReferrersKnowledge.maximumTags)
    }
}
