import EmbeddedRegistry
import OCIModel
import OutboundHTTP
import Testing

@testable import OCIRegistry

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How tokens are asked for, each time of a service that takes one form exactly and refuses every other.
@Suite("The forms in which tokens are asked for", .timeLimit(.minutes(5)))
struct TokenFormTests {
    private static let user = RegistryCredential.basic(username: "robot", password: "hunter2")
    private static let identity = RegistryCredential.identityToken("hunter2-refresh")

    private static func with(
        _ credential: RegistryCredential?,
        _ change: (inout EmbeddedRegistryConfiguration.TokenIssuer) -> Void,
        _ body: (RegistryFixture) async throws -> Void
    ) async throws {
        var issuer = EmbeddedRegistryConfiguration.TokenIssuer()
        issuer.user = ("robot", "hunter2")
        issuer.identityToken = "hunter2-refresh"
        change(&issuer)
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.authentication = .bearer(issuer)
        try await RegistryFixture.with(
            behaviour,
            configure: { configuration, _ in configuration.credentials = FixedCredential(credential) },
            { try await body($0) }
        )
    }

    private static func tokens(_ fixture: RegistryFixture) -> [RecordedRequest] {
        fixture.server.requests.filter { $0.target.hasPrefix("/token") }
    }

    private static func resolves(_ fixture: RegistryFixture) async throws {
        #expect(try await fixture.client.resolve(fixture.tag).descriptor.digest == fixture.image.digest)
    }

    // MARK: Forms

    @Test("a user is shown by GET, in the header and nowhere else")
    func user() async throws {
        try await Self.with(Self.user) {
            $0.refusesPostWith = 404
        } _: { fixture in
            try await Self.resolves(fixture)
            let asked = Self.tokens(fixture)
            #expect(asked.map(\.method) == ["GET"])
            #expect(asked.first?.headers["authorization"] == "Basic cm9ib3Q6aHVudGVyMg==")
            #expect(asked.first?.target == "/token?service=embedded-registry&scope=repository%3Ashop%2Fweb%3Apull")
        }
    }

    @Test("a service that knows no GET is asked by POST with the password")
    func password() async throws {
        try await Self.with(Self.user) {
            $0.answersGet = false
        } _: { fixture in
            try await Self.resolves(fixture)
            let asked = Self.tokens(fixture)
            #expect(asked.map(\.method) == ["GET", "POST"])
            let form = String(decoding: asked.last?.body ?? [], as: UTF8.self)
            #expect(
                form == "service=embedded-registry&scope=repository%3Ashop%2Fweb%3Apull&grant_type=password"
                    + "&username=robot&password=hunter2&client_id=vigil"
            )
            #expect(asked.last?.headers["authorization"] == nil)
            #expect(asked.last?.target == "/token")
        }
    }

    @Test("a user who is refused is not shown again in another form")
    func refusedUser() async throws {
        try await Self.with(.basic(username: "robot", password: "wrong")) {
            _ in
        } _: { fixture in
            await fixture.expect(.unauthorized, saying: "refused the credentials (user robot) with 401") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
            #expect(Self.tokens(fixture).map(\.method) == ["GET"])
        }
    }

    @Test("an identity token is shown by POST, in the form and nowhere else")
    func identity() async throws {
        try await Self.with(Self.identity) {
            $0.answersGet = false
        } _: { fixture in
            try await Self.resolves(fixture)
            let asked = Self.tokens(fixture)
            #expect(asked.map(\.method) == ["POST"])
            let form = String(decoding: asked.last?.body ?? [], as: UTF8.self)
            #expect(
                form == "service=embedded-registry&scope=repository%3Ashop%2Fweb%3Apull&grant_type=refresh_token"
                    + "&refresh_token=hunter2-refresh&client_id=vigil"
            )
            #expect(asked.last?.headers["authorization"] == nil)
            #expect(asked.last?.headers["content-type"] == "application/x-www-form-urlencoded")
        }
    }

    @Test("a service that does not know POST is shown the identity token by GET", arguments: [400, 401, 404, 405])
    func identityByGet(status: Int) async throws {
        try await Self.with(Self.identity) {
            $0.refusesPostWith = status
        } _: { fixture in
            try await Self.resolves(fixture)
            let asked = Self.tokens(fixture)
            #expect(asked.map(\.method) == ["POST", "GET"])
            // No user: containerd does the same.
            #expect(asked.last?.headers["authorization"] == "Basic Omh1bnRlcjItcmVmcmVzaA==")
        }
    }

    @Test("another answer to POST is no reason to try GET", arguments: [403, 429, 500, 503, 302, 201])
    func noGet(status: Int) async throws {
        try await Self.with(Self.identity) {
            $0.refusesPostWith = status
        } _: { fixture in
            await #expect(throws: RegistryError.self) { _ = try await fixture.client.resolve(fixture.tag) }
            #expect(Self.tokens(fixture).map(\.method) == ["POST"])
        }
    }

    @Test("an identity token that is refused in both forms is unauthorized, and no error shows it")
    func refusedIdentity() async throws {
        try await Self.with(.identityToken("hunter2-stale")) {
            _ in
        } _: { fixture in
            await fixture.expect(.unauthorized, saying: "refused the credentials (an identity token) with 401") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
        }
    }

    @Test("a successor of an identity token is shown from then on; when it is refused, the one of the configuration is")
    func successors() async throws {
        try await Self.with(Self.identity) {
            $0.rotatesIdentityTokens = true
            $0.answersGet = false
        } _: { fixture in
            func shown() -> [String] {
                Self.tokens(fixture).filter { $0.method == "POST" }.map { request in
                    let form = String(decoding: request.body, as: UTF8.self)
                    return form.split(separator: "&").first { $0.hasPrefix("refresh_token=") }.map { String($0) } ?? ""
                }
            }
            for _ in 0..<3 {
                try await Self.resolves(fixture)
                fixture.server.revokeTokens()
            }
            #expect(
                shown() == ["refresh_token=hunter2-refresh", "refresh_token=refresh-1", "refresh_token=refresh-2"]
            )
            // The service forgets what it gave.
            fixture.server.inject(.answer(status: 401), target: "/token")
            await fixture.expect(.unauthorized) { _ = try await fixture.client.resolve(fixture.tag) }
            #expect(shown().suffix(2) == ["refresh_token=refresh-3", "refresh_token=hunter2-refresh"])
        }
    }

    @Test("successors are bounded, and speak for their token at their service alone")
    func successorBounds() {
        var tokens = SuccessorTokens()
        tokens.replace(Self.identity, at: "https://a/", by: "next")
        #expect(tokens.present(Self.identity, to: "https://a/") == .identityToken("next"))
        #expect(tokens.present(Self.identity, to: "https://b/") == Self.identity)
        #expect(tokens.present(.identityToken("other"), to: "https://a/") == .identityToken("other"))
        #expect(tokens.present(Self.user, to: "https://a/") == Self.user)
        #expect(tokens.present(nil, to: "https://a/") == nil)
        tokens.replace(Self.identity, at: "https://a/", by: nil)
        #expect(tokens.present(Self.identity, to: "https://a/") == Self.identity)
        for number in 0..<1000 { tokens.replace(.identityToken("\(number)"), at: "https://a/", by: "x") }
        let known = (0..<1000).filter {
            tokens.present(.identityToken("\($0)"), to: "https://a/") == .identityToken("x")
        }
        #expect(known.count <= SuccessorTokens.maximum)
    }

    @Test("many requests at once show one identity token once")
    func singleFlight() async throws {
        try await Self.with(Self.identity) {
            _ in
        } _: { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await Self.resolves(fixture) } }
                try await group.waitForAll()
            }
            #expect(Self.tokens(fixture).count == 1)
        }
    }

    // MARK: Answers

    /// The first moment of June 2026.
    private static let now = Date(timeIntervalSince1970: 1_780_272_000)

    private static func life(_ body: String, date: String? = nil) -> Double? {
        var response = OutboundResponse(status: 200, body: Array(body.utf8))
        response.headers["date"] = date
        return TokenAnswer(response, isOAuth: false, maximumBytes: 64 << 10, now: now)?.token.expires
            .timeIntervalSince(now)
    }

    @Test(
        "a token is used for nine tenths of what is left of its life, which is a minute where nothing is said",
        arguments: [
            (#"{"token":"t"}"#, 54), (#"{"token":"t","expires_in":300}"#, 270), (#"{"token":"t","expires_in":0}"#, 0),
            (#"{"token":"t","expires_in":-5}"#, 0), (#"{"token":"t","expires_in":99999999999}"#, 77_760),
            (#"{"token":"t","expires_in":"300"}"#, 54),
            (#"{"token":"t","expires_in":300,"issued_at":"2026-05-31T23:56:40Z"}"#, 90),
            (#"{"token":"t","expires_in":300,"issued_at":"2026-05-31T23:56:40.123456789Z"}"#, 90),
            (#"{"token":"t","expires_in":300,"issued_at":"2026-05-30T00:00:00Z"}"#, 0),
            (#"{"token":"t","expires_in":300,"issued_at":"2026-06-02T00:00:00Z"}"#, 270),
            (#"{"token":"t","expires_in":300,"issued_at":"yesterday"}"#, 270),
            (#"{"token":"t","expires_in":300,"issued_at":5}"#, 270),
            (#"{"token":"t","issued_at":"2026-05-31T23:59:30Z"}"#, 27),
        ]
    )
    func lifetimes(body: String, seconds: Double) throws {
        let life = try #require(Self.life(body))
        #expect(abs(life - seconds) < 0.2, "\(life)")
    }

    @Test("how old a token is, the service's own clock says where it does")
    func skew() throws {
        let body = #"{"token":"t","expires_in":300,"issued_at":"2026-05-31T12:00:00Z"}"#
        #expect(Self.life(body) == 0)
        #expect(Self.life(body, date: "Sun, 31 May 2026 12:00:00 GMT") == 270)
        #expect(Self.life(body, date: "Sun, 31 May 2026 12:01:40 GMT") == 180)
        #expect(Self.life(body, date: "rubbish") == 0)
    }

    @Test("each form has its own name for the token; the other will do")
    func names() {
        func text(_ body: String, _ isOAuth: Bool) -> String? {
            let response = OutboundResponse(status: 200, body: Array(body.utf8))
            return TokenAnswer(response, isOAuth: isOAuth, maximumBytes: 64 << 10, now: Self.now)?.token.text
        }
        #expect(text(#"{"token":"a","access_token":"b"}"#, false) == "a")
        #expect(text(#"{"token":"a","access_token":"b"}"#, true) == "b")
        #expect(text(#"{"access_token":"b"}"#, false) == "b")
        #expect(text(#"{"token":"a"}"#, true) == "a")
        #expect(text(#"{"token":"","access_token":"b"}"#, false) == "b")
    }

    @Test("a successor is taken from the answer to an identity token alone, and only one that can be sent")
    func successor() {
        func successor(_ text: String, isOAuth: Bool = true) -> String? {
            let body = #"{"token":"t","refresh_token":"# + text + "}"
            let response = OutboundResponse(status: 200, body: Array(body.utf8))
            return TokenAnswer(response, isOAuth: isOAuth, maximumBytes: 1 << 20, now: Self.now)?.successor
        }
        #expect(successor(#""next""#) == "next")
        #expect(successor(#""next""#, isOAuth: false) == nil)
        for text in ["\"\"", "5", "null", #""a b""#, "\"é\"", "\"\(String(repeating: "a", count: 40_000))\""] {
            #expect(successor(text) == nil)
        }
    }

    @Test("a user called <token> has an identity token for a password, as credential helpers write it")
    func helperConvention() async throws {
        // <token>:hunter2
        let config = #"{"auths":{"r.example":{"auth":"PHRva2VuPjpodW50ZXIy"}}}"#
        let repository = try RepositoryName("r.example/a")
        let source = try DockerConfigCredentials(Array(config.utf8))
        #expect(try await source.credential(for: repository) == .identityToken("hunter2"))
        let keyring = try RegistryKeyring(Array(config.utf8), format: .configuration)
        #expect(keyring.credentials(for: repository) == [.identityToken("hunter2")])
        let plain = #"{"auths":{"r.example":{"username":"<token>","password":"hunter2"}}}"#
        let other = try DockerConfigCredentials(Array(plain.utf8))
        #expect(try await other.credential(for: repository) == .identityToken("hunter2"))
    }
}
