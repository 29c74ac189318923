import FoundationEssentials
import HTTPTypes
import Testing

@testable import OperatorEndpoints

/// What counts as a bearer token, and what does not.
@Suite("The bearer token of a request")
struct BearerTokenTests {
    private static func read(_ values: String...) -> BearerToken {
        var headers = HTTPFields()
        for value in values { headers.append(HTTPField(name: .authorization, value: value)) }
        return BearerToken(headers)
    }

    @Test("the token of the header, whatever the case of the scheme and the spaces before it")
    func good() {
        for text in ["Bearer abc", "bearer abc", "BEARER   abc"] { #expect(Self.read(text) == .token("abc")) }
        let whole = "AZaz09-._~+/=="
        #expect(Self.read("Bearer \(whole)") == .token(whole))
        let longest = String(repeating: "a", count: BearerToken.maximumBytes)
        #expect(Self.read("Bearer \(longest)") == .token(longest))
        #expect(Self.read() == .none)
    }

    /// The header as a browser writes it.
    private static func basic(_ text: String) -> String { "Basic \(Data(text.utf8).base64EncodedString())" }

    @Test("the password that a person gave a browser, whatever name they gave")
    func password() {
        for name in ["", "me", "a b", "ä", String(repeating: "n", count: 1000)] {
            #expect(Self.read(Self.basic("\(name):abc")) == .token("abc"), "\(name)")
        }
        #expect(Self.read("bASIC  bWU6YWJj") == .token("abc"))
        let longest = String(repeating: "a", count: BearerToken.maximumBytes)
        #expect(Self.read(Self.basic("me:\(longest)")) == .token(longest))
    }

    @Test(
        "a password that is no token, or is not written as one, is none",
        arguments: [
            "Basic", "Basic ", "Basic :", "Basic abc", "Basic YTpi*", "Basic bWU6YWJj bWU6YWJj", "Digest bWU6YWJj",
            basic(""), basic("abc"), basic("me:"), basic("me: abc"), basic("me:a b"), basic("me:a:b"), basic("me:ä"),
            basic("me:a\u{0}b"), basic("me:a\nb"), basic("me:" + String(repeating: "a", count: 8193)),
            basic(String(repeating: "n", count: 20_000) + ":abc"), "Basic bWU6/w==",
        ]
    )
    func badPassword(_ value: String) { #expect(Self.read(value) == .malformed) }

    @Test(
        "everything else is none",
        arguments: [
            "", "Bearer", "Bearer ", "Bearer =", "abc", "Bearer a b", "Bearer a,b", "Bearer a=b",
            "Bearer \"abc\"", "Bearer a\u{0}b", "Bearer ä", "Bearer a\tb", "Bearer a;b", "Bearerabc", "Bearer a\\b",
            "Bearer " + String(repeating: "a", count: BearerToken.maximumBytes + 1),
        ]
    )
    func bad(_ value: String) { #expect(Self.read(value) == .malformed) }

    @Test("two headers are no token, whichever would be good")
    func two() { #expect(Self.read("Bearer a", "Bearer b") == .malformed) }
}
