import EmbeddedRegistry
import OCIModel
import OCIRegistry
import OutboundHTTP
import Synchronization
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Authentication", .timeLimit(.minutes(5)))
struct AuthenticationTests {
    private static let user = RegistryCredential.basic(username: "robot", password: "hunter2")

    private static func basic() -> EmbeddedRegistryConfiguration {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.authentication = .basic(username: "robot", password: "hunter2")
        return behaviour
    }

    private static func bearer(_ change: (inout EmbeddedRegistryConfiguration.TokenIssuer) -> Void = { _ in })
        -> EmbeddedRegistryConfiguration
    {
        var issuer = EmbeddedRegistryConfiguration.TokenIssuer()
        change(&issuer)
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.authentication = .bearer(issuer)
        return behaviour
    }

    private static func with(
        _ behaviour: EmbeddedRegistryConfiguration,
        _ credential: RegistryCredential?,
        _ body: (RegistryFixture) async throws -> Void
    ) async throws {
        try await RegistryFixture.with(
            behaviour,
            configure: { configuration, _ in
                configuration.credentials = FixedCredential(credential)
            },
            { try await body($0) }
        )
    }

    // MARK: Basic

    @Test("Basic credentials are sent when asked for, and from then on at once")
    func basicCredentials() async throws {
        try await Self.with(Self.basic(), Self.user) { fixture in
            _ = try await fixture.client.resolve(fixture.tag)
            _ = try await fixture.client.resolve(fixture.tag)
            #expect(fixture.server.requests.map { $0.headers["authorization"] != nil } == [false, true, true])
        }
    }

    @Test("wrong Basic credentials are unauthorized, and tried once")
    func wrongBasic() async throws {
        try await Self.with(Self.basic(), .basic(username: "robot", password: "wrong")) { fixture in
            await fixture.expect(.unauthorized, saying: "refused Basic credentials of robot") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test("without credentials a registry that wants them is unauthorized")
    func noBasic() async throws {
        try await Self.with(Self.basic(), nil) { fixture in
            await fixture.expect(.unauthorized, saying: "there are none") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test("a credential that is out of reach is its own error")
    func unavailable() async throws {
        let helpers = try DockerConfigCredentials(Array(#"{"credsStore":"desktop"}"#.utf8))
        try await RegistryFixture.with(
            Self.basic(),
            configure: { configuration, _ in configuration.credentials = helpers },
            { fixture in
                await fixture.expect(.credentialsUnavailable, saying: "docker-credential-desktop") {
                    _ = try await fixture.client.resolve(fixture.tag)
                }
            }
        )
    }

    // MARK: Tokens

    @Test("a token is asked for anonymously, for pulling this repository, and reused")
    func anonymousToken() async throws {
        try await Self.with(Self.bearer(), nil) { fixture in
            _ = try await fixture.client.resolve(fixture.tag)
            _ = try await fixture.client.blob(fixture.repository, fixture.layer, limit: 100)
            let tokens = fixture.server.requests.filter { $0.target.hasPrefix("/token") }
            #expect(tokens.map(\.target) == ["/token?service=embedded-registry&scope=repository%3Ashop%2Fweb%3Apull"])
            #expect(tokens.first?.headers["authorization"] == nil)
            #expect(
                fixture.server.requests.filter { $0.headers["authorization"]?.hasPrefix("Bearer ") == true }.count == 2
            )
        }
    }

    @Test("a token is asked for with the user's credentials, which the registry itself never sees")
    func userToken() async throws {
        try await Self.with(Self.bearer { $0.user = ("robot", "hunter2") }, Self.user) { fixture in
            _ = try await fixture.client.resolve(fixture.tag)
            let withPassword = fixture.server.requests.filter {
                $0.headers["authorization"]?.hasPrefix("Basic") == true
            }
            #expect(withPassword.count == 1)
            #expect(withPassword.allSatisfy { $0.target.hasPrefix("/token") })
        }
    }

    @Test("a refresh token is exchanged by POST")
    func identityToken() async throws {
        let behaviour = Self.bearer {
            $0.user = ("nobody", "nothing")
            $0.identityToken = "refresh+me="
        }
        try await Self.with(behaviour, .identityToken("refresh+me=")) { fixture in
            _ = try await fixture.client.resolve(fixture.tag)
            let request = try #require(fixture.server.requests.first { $0.method == "POST" })
            #expect(request.target == "/token")
            #expect(String(decoding: request.body, as: UTF8.self).contains("refresh_token=refresh%2Bme%3D"))
        }
    }

    @Test("refused credentials are unauthorized, with the service and the user in the words")
    func refusedByService() async throws {
        try await Self.with(Self.bearer { $0.user = ("robot", "other") }, Self.user) { fixture in
            await fixture.expect(.unauthorized, saying: "refused the credentials (user robot) with 401") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
        }
    }

    @Test("many requests at once ask for one token")
    func singleFlight() async throws {
        try await Self.with(Self.bearer(), nil) { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { _ = try await fixture.client.resolve(fixture.tag) }
                }
                try await group.waitForAll()
            }
            #expect(fixture.count("/token") == 1)
        }
    }

    @Test("a token the registry forgot is replaced once")
    func revoked() async throws {
        try await Self.with(Self.bearer(), nil) { fixture in
            _ = try await fixture.client.resolve(fixture.tag)
            fixture.server.revokeTokens()
            _ = try await fixture.client.resolve(fixture.tag)
            #expect(fixture.count("/token") == 2)
        }
    }

    @Test("a token that is refused again and again is given up after one replacement")
    func neverGood() async throws {
        try await Self.with(Self.bearer(), nil) { fixture in
            _ = try await fixture.client.resolve(fixture.tag)
            let challenge = "Bearer realm=\"http://\(fixture.server.host)/token\",service=\"embedded-registry\""
            fixture.server.inject(
                .answer(status: 401, headers: [("www-authenticate", challenge)]),
                target: "/manifests/"
            )
            await fixture.expect(.unauthorized, saying: "refused a token") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
            #expect(fixture.count("/token") == 2)
        }
    }

    @Test("a token is replaced before it expires")
    func expiry() async throws {
        try await EmbeddedRegistry.with(Self.bearer { $0.lifetime = 100 }) { server in
            try await OutboundHTTPClient.with { http in
                let date = DateBox()
                var configuration = RegistryConfiguration()
                configuration.plainHTTPHosts = [server.host]
                let client = RegistryClient(http: http, configuration: configuration, now: { date.value })
                let layer = try server.push(blob: [1, 2, 3], to: "a/b")
                let repository = try RepositoryName(registry: server.host, path: "a/b")
                for (seconds, tokens) in [(0.0, 1), (89.0, 1), (91.0, 2), (100.0, 2)] {
                    date.value = Date(timeIntervalSince1970: 1000 + seconds)
                    _ = try await client.blob(repository, layer, limit: 3)
                    #expect(server.requests.filter { $0.target.hasPrefix("/token") }.count == tokens, "at \(seconds) s")
                }
            }
        }
    }

    @Test(
        "an answer of the token service without a usable token is malformed",
        arguments: [
            "", "{}", "[]", #"{"token":""}"#, #"{"token":5}"#, #"{"token":"a b"}"#, #"{"token":"a\r\nx: y"}"#,
            #"{"token":"é"}"#,
        ]
    )
    func malformedToken(body: String) async throws {
        try await Self.with(Self.bearer(), nil) { fixture in
            fixture.server.inject(.replaceBody(Array(body.utf8)), target: "/token")
            await fixture.expect(.malformed, saying: "without a usable token") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
        }
    }

    @Test("an endless answer of the token service is refused")
    func hugeToken() async throws {
        try await Self.with(Self.bearer(), nil) { fixture in
            fixture.server.inject(.oversize(by: 1 << 20, isAnnounced: false), target: "/token")
            await fixture.expect(.tooLarge) { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test(
        "a token service that is down is an outage, not a refusal",
        arguments: [
            (503, RegistryError.Code.serverError), (429, .throttled), (403, .forbidden), (400, .unauthorized),
            (307, .malformed),
        ]
    )
    func tokenOutage(status: Int, code: RegistryError.Code) async throws {
        try await Self.with(Self.bearer(), Self.user) { fixture in
            fixture.server.inject(
                .answer(status: status, headers: [("location", "http://127.0.0.1:1/")]),
                target: "/token"
            )
            await fixture.expect(code, saying: "token service") { _ = try await fixture.client.resolve(fixture.tag) }
        }
    }

    @Test(
        "a challenge that cannot be answered is unauthorized",
        arguments: [
            "Negotiate", "Bearer", "Bearer service=\"x\"", "Bearer realm=\"", "Bearer realm=\"a\",realm=\"b\"", "",
            "Digest realm=\"x\"",
            "Bearer realm=\"http://a/\" service=\"b\"",
        ]
    )
    func unanswerable(challenge: String) async throws {
        try await Self.with(EmbeddedRegistryConfiguration(), Self.user) { fixture in
            fixture.server.inject(
                .answer(status: 401, headers: [("www-authenticate", challenge)]),
                target: "/manifests/"
            )
            await fixture.expect(.unauthorized) { _ = try await fixture.client.resolve(fixture.tag) }
            #expect(fixture.server.requests.count == 1)
        }
    }

    // MARK: Foreign token services

    /// A registry whose tokens come from `localhost`, which is another host than 127.0.0.1.
    private static func withForeignService(
        trusting hosts: Set<String>,
        _ body: (RegistryFixture, EmbeddedRegistry) async throws -> Void
    ) async throws {
        try await EmbeddedRegistry.with(bearer { $0.user = ("robot", "hunter2") }) { service in
            let port = service.host.split(separator: ":").last ?? ""
            let behaviour = bearer { $0.realm = "http://localhost:\(port)/token" }
            try await RegistryFixture.with(
                behaviour,
                configure: { configuration, server in
                    configuration.credentials = FixedCredential(user)
                    configuration.tokenServiceHosts = [server.host: hosts]
                },
                { try await body($0, service) }
            )
        }
    }

    @Test("a token service on another host is not given the credentials, and the words say so")
    func foreignService() async throws {
        try await Self.withForeignService(trusting: []) { fixture, service in
            await fixture.expect(.unauthorized, saying: "were not sent there, because localhost is not known") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
            #expect(service.requests.count == 1)
            #expect(service.requests.allSatisfy { $0.headers["authorization"] == nil && $0.body.isEmpty })
        }
    }

    @Test("a token service that the configuration names is given the credentials")
    func namedService() async throws {
        try await Self.withForeignService(trusting: ["localhost"]) { fixture, service in
            // The registry knows nothing of the other's tokens; that the credentials were sent is what counts.
            await fixture.expect(.unauthorized) { _ = try await fixture.client.resolve(fixture.tag) }
            #expect(service.requests.contains { $0.headers["authorization"]?.hasPrefix("Basic ") == true })
        }
    }

    @Test("credentials and tokens are not part of any description")
    func descriptions() {
        for credential in [Self.user, .identityToken("hunter2"), .accessToken("hunter2")] {
            #expect(!"\(credential)".contains("hunter2"))
            #expect(!String(reflecting: credential).contains("hunter2"))
        }
    }

    private final class DateBox: Sendable {
        private let date = Mutex(Date(timeIntervalSince1970: 0))
        var value: Date {
            get { date.withLock { $0 } }
            set { date.withLock { $0 = newValue } }
        }
    }
}
