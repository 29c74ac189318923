import Testing
import TrustModel

@testable import OperatorEndpoints

/// What can be asked of images, and what is refused with which words.
@Suite("Questions about images")
struct ImagesQueryTests {
    private func refusal(_ parameters: [(name: String, value: String)]) -> String? {
        do throws(ImagesQuery.Refusal) {
            _ = try ImagesQuery(parameters)
            return nil
        } catch {
            return error.message
        }
    }

    @Test("nothing asked is everything, in the order that never changes")
    func plain() throws {
        let query = try ImagesQuery([])
        #expect(query == ImagesQuery() && query.order == .name && query.limit == 100)
        #expect(try ImagesQuery([("namespace", ""), ("limit", ""), ("verdict", "")]) == query)
    }

    @Test("every parameter is read")
    func parameters() throws {
        let query = try ImagesQuery([
            ("namespace", "shop"), ("verdict", "Untrusted"), ("verdict", "None"),
            ("policy", "TrustPolicy/shop/release"),
            ("image", "WEB"), ("running", "false"), ("sort", "severity"), ("limit", "500"),
        ])
        #expect(query.namespace == "shop" && query.policy == "TrustPolicy/shop/release")
        #expect(query.verdicts == [.untrusted, nil])
        #expect(query.image == "web" && query.running == false && query.order == .severity && query.limit == 500)
    }

    @Test(
        "what cannot be asked is refused with a sentence",
        arguments: [
            ("limit", "0", "limit must be a number from 1 to 500"),
            ("limit", "501", "limit must be a number from 1 to 500"),
            ("limit", "1e2", "limit must be a number from 1 to 500"),
            ("limit", "99999999999999999999", "limit must be a number from 1 to 500"),
            ("sort", "names", "sort must be one of name, severity (did you mean name?)"),
            (
                "verdict", "untrusted",
                "verdict must be one of None, Trusted, Unknown, Unsupported, Untrusted (did you mean Untrusted?)"
            ),
            ("running", "yes", "running must be one of false, true"),
            ("continue", "abc", "continue is not what an answer gave; begin without it"),
            (
                "namespaces", "shop",
                """
                there is no parameter "namespaces" (did you mean namespace?); there are namespace, verdict, policy, \
                image, running, sort, limit, continue
                """
            ),
            ("image", String(repeating: "a", count: 2049), "image is longer than 2048 bytes"),
        ]
    )
    func refused(_ name: String, _ value: String, _ sentence: String) {
        #expect(refusal([(name, value)]) == sentence)
    }

    @Test("a parameter that comes twice, or has a hostile name, is refused")
    func odd() {
        #expect(refusal([("image", "a"), ("image", "b")]) == "image is given more than once; only verdict may be")
        let long = String(repeating: "<", count: 10_000)
        #expect(refusal([(long, "")])?.count ?? 0 < 300)
        #expect(refusal([("a\u{202E}\r\nb", "")])?.contains("\r") == false)
    }

    @Test("a place in one order is no place in another")
    func position() throws {
        let token = ImagePosition(SampleImages.image(1), in: .severity).token
        #expect(try ImagesQuery([("continue", token), ("sort", "severity")]).position?.token == token)
        #expect(
            refusal([("continue", token)])
                == "continue belongs to another order; ask with the parameters of the page before"
        )
    }
}
