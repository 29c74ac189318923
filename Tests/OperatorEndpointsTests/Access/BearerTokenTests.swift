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

    @Test(
        "everything else is none",
        arguments: [
            "", "Bearer", "Bearer ", "Bearer =", "Basic YTpi", "abc", "Bearer a b", "Bearer a,b", "Bearer a=b",
            "Bearer \"abc\"", "Bearer a\u{0}b", "Bearer ä", "Bearer a\tb", "Bearer a;b", "Bearerabc", "Bearer a\\b",
            "Bearer " + String(repeating: "a", count: BearerToken.maximumBytes + 1),
        ]
    )
    func bad(_ value: String) { #expect(Self.read(value) == .malformed) }

    @Test("two headers are no token, whichever would be good")
    func two() { #expect(Self.read("Bearer a", "Bearer b") == .malformed) }
}
