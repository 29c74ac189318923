import Testing
import TrustResources

@testable import OperatorEndpoints

@Suite("Tags of answers")
struct AnswerTagsTests {
    private func revision(_ number: UInt64, isCurrent: Bool = true) -> ResultsRevision {
        ResultsRevision([number], isCurrent: isCurrent)
    }

    @Test("a tag is remembered for its question as long as nothing changes")
    func memory() {
        let tags = AnswerTags()
        tags.remember("\"1\"", of: "/a", at: revision(1))
        #expect(tags.tag(of: "/a", at: revision(1)) == "\"1\"")
        #expect(tags.tag(of: "/b", at: revision(1)) == nil)
        #expect(tags.tag(of: "/a", at: revision(2)) == nil)
        #expect(tags.tag(of: "/a", at: revision(1, isCurrent: false)) == nil)
    }

    @Test("many questions, and long ones, do not fill the memory")
    func bounds() {
        let tags = AnswerTags()
        let long = String(repeating: "a", count: 1025)
        tags.remember("\"1\"", of: long, at: revision(1))
        #expect(tags.tag(of: long, at: revision(1)) == nil)
        for number in 0..<1000 { tags.remember("\"1\"", of: "/\(number)", at: revision(1)) }
        #expect((0..<1000).count { tags.tag(of: "/\($0)", at: revision(1)) != nil } <= 64)
        #expect(tags.tag(of: "/999", at: revision(1)) != nil)
    }

    @Test(
        "If-None-Match is read as the standard has it",
        arguments: [
            ("\"a\"", true), ("\"b\"", false), ("\"b\", \"a\"", true), ("W/\"a\"", true), ("*", true), ("a", false),
            (nil, false), ("", false), (",,\t\"a\" ,", true),
            (String(repeating: "\"b\",", count: 2000) + "\"a\"", false),
        ] as [(String?, Bool)]
    )
    func header(_ text: String?, _ isKnown: Bool) { #expect(AnswerTags.isKnown("\"a\"", to: text) == isKnown) }

    @Test("a tag says what the content is, and nothing else")
    func content() {
        #expect(AnswerTags.tag(of: [1]) == AnswerTags.tag(of: [1]))
        #expect(AnswerTags.tag(of: [1]) != AnswerTags.tag(of: [2]))
        #expect(AnswerTags.tag(of: []).count == 34)
    }
}
