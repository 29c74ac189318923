import OCIModel
import OutboundHTTP
import Synchronization
import TestTiming
import Testing

// Decisions about public hosts cannot be provoked from a server on this machine; they are asked directly.
@testable import OCIRegistry

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Decisions about hosts, tokens and places")
struct RegistryInternalsTests {
    private static func endpoint(_ registry: String, isPlain: Bool = false) throws -> RegistryEndpoint {
        var configuration = RegistryConfiguration()
        configuration.usesPlainHTTPEverywhere = isPlain
        return try RegistryEndpoint(registry: registry, configuration: configuration)
    }

    @Test("Docker Hub is asked at its API host", arguments: ["docker.io", "index.docker.io", "registry-1.docker.io"])
    func dockerHub(registry: String) throws {
        #expect(try Self.endpoint(registry).base.absoluteString == "https://registry-1.docker.io/v2/")
    }

    @Test(
        "other registries are asked where they say",
        arguments: [
            ("ghcr.io", "https://ghcr.io/v2/"), ("localhost:5000", "https://localhost:5000/v2/"),
            ("[::1]:5000", "https://[::1]:5000/v2/"),
            ("docker.io.evil.org", "https://docker.io.evil.org/v2/"),
        ]
    )
    func endpoints(registry: String, url: String) throws {
        #expect(try Self.endpoint(registry).base.absoluteString == url)
    }

    // MARK: Redirects

    private static func follow(_ location: String, from registry: String, allowsInternal: Bool = false) throws
        -> RegistryError.Code?
    {
        let endpoint = try endpoint(registry)
        var redirection = Redirection(endpoint: endpoint, url: endpoint.base, limit: 5, allowsInternal: allowsInternal)
        do {
            try redirection.follow(location)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(
        "a public registry cannot redirect to an internal address",
        arguments: [
            "https://127.0.0.1/", "https://10.0.0.1/", "https://localhost/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/", "https://a.localhost/", "https://[fd00::1]/", "https://0.0.0.0/",
        ]
    )
    func internalRedirect(location: String) throws {
        #expect(try Self.follow(location, from: "registry.example.com") == .insecure)
        #expect(try Self.follow(location, from: "registry.example.com", allowsInternal: true) == nil)
        #expect(try Self.follow(location, from: "10.0.0.7:5000") == nil)
    }

    @Test(
        "no registry can redirect, or send for a token, to where a metadata service may be",
        arguments: [
            "https://169.254.169.254/latest/meta-data", "http://169.254.169.254/latest/meta-data",
            "https://[fe80::1]/", "https://[::ffff:169.254.169.254]/", "https://[fd00:ec2::254]/",
            "https://[fd20:ce::254]/",
            "http://100.100.100.200/", "http://168.63.129.16/",
        ]
    )
    func metadata(location: String) throws {
        for (registry, isPlain) in [("registry.example.com", true), ("10.0.0.7:5000", true), ("10.0.0.7:5000", false)] {
            let endpoint = try Self.endpoint(registry, isPlain: isPlain)
            for allows in [true, false] {
                var redirection = Redirection(endpoint: endpoint, url: endpoint.base, limit: 5, allowsInternal: allows)
                #expect(throws: Redirection.Refusal.self) { try redirection.follow(location) }
            }
            #expect(throws: TokenRealmPolicy.Refusal.self) { try TokenRealmPolicy.realm(location, of: endpoint) }
        }
        // One that is there itself leads nowhere else.
        let own = try Self.endpoint("169.254.169.254:5000")
        var redirection = Redirection(endpoint: own, url: own.base, limit: 5, allowsInternal: false)
        try redirection.follow("https://169.254.169.254/")
    }

    @Test("a public registry may redirect to its object store")
    func publicRedirect() throws {
        #expect(try Self.follow("https://store.example.net/blob?sig=x", from: "registry.example.com") == nil)
        #expect(try Self.follow("http://store.example.net/blob", from: "registry.example.com") == .insecure)
    }

    // MARK: Token services

    @Test(
        "a token service must be on TLS and not inside, unless the registry is",
        arguments: [
            ("https://auth.example/token", "r.example", false, true),
            ("http://auth.example/token", "r.example", false, false),
            ("http://auth.example/token", "r.example", true, true),
            ("https://169.254.169.254/token", "r.example", false, false),
            ("https://localhost/token", "r.example", true, false), ("https://10.0.0.1/token", "10.0.0.2", false, true),
            ("ftp://auth.example/token", "r.example", false, false), ("/token", "r.example", false, false),
            ("https://user:pw@auth.example/token", "r.example", false, false),
        ]
    )
    func realm(realm: String, registry: String, isPlain: Bool, isAllowed: Bool) throws {
        let endpoint = try Self.endpoint(registry, isPlain: isPlain)
        #expect(((try? TokenRealmPolicy.realm(realm, of: endpoint)) != nil) == isAllowed)
    }

    @Test(
        "credentials go to the registry's own host, its known service, and named hosts",
        arguments: [
            ("https://r.example/token", "r.example", true), ("https://r.example:8443/token", "r.example", true),
            ("https://auth.r.example/token", "r.example", false),
            ("https://r.example.evil.org/token", "r.example", false),
            ("https://auth.docker.io/token", "docker.io", true), ("https://auth.docker.io/token", "r.example", false),
            ("https://auth.docker.io.evil.org/token", "docker.io", false),
            ("https://gitlab.com/jwt/auth", "registry.gitlab.com", true),
            ("https://named.example/token", "named-registry.example", true),
            ("https://named.example/token", "r.example", false),
        ]
    )
    func credentials(realm: String, registry: String, isAllowed: Bool) throws {
        var configuration = RegistryConfiguration()
        configuration.tokenServiceHosts = ["named-registry.example": ["named.example"]]
        let endpoint = try Self.endpoint(registry)
        let url = try OutboundURL(realm)
        #expect(
            TokenRealmPolicy.mayReceiveCredentials(url, of: endpoint, configuration: configuration) == isAllowed
        )
    }

    // MARK: Challenges

    @Test(
        "challenges are read as RFC 9110 writes them",
        arguments: [
            (
                ["Bearer realm=\"https://a/token\",service=\"s\",scope=\"x y\""],
                AuthenticationChallenge.bearer(realm: "https://a/token", service: "s")
            ),
            (["bearer REALM=\"https://a/token\""], .bearer(realm: "https://a/token", service: nil)),
            (["Bearer realm=token"], .bearer(realm: "token", service: nil)),
            (["Bearer realm = \"a\" , service = \"b\""], .bearer(realm: "a", service: "b")),
            (["Bearer realm=\"a\\\"b\""], .bearer(realm: "a\"b", service: nil)),
            (["Basic realm=\"x\""], .basic), (["Basic"], .basic), ([", Basic realm=\"a, Bearer b\" ,"], .basic),
            (
                ["Basic realm=\"x\", Bearer realm=\"https://a/\",service=\"s\""],
                .bearer(realm: "https://a/", service: "s")
            ),
            (["Basic realm=\"x\"", "Bearer realm=\"https://a/\""], .bearer(realm: "https://a/", service: nil)),
        ]
    )
    func challenges(fields: [String], challenge: AuthenticationChallenge) {
        #expect(AuthenticationChallenge(fields: fields) == challenge)
    }

    @Test(
        "challenges that can be read in two ways are not read",
        arguments: [
            [], [""], [","], ["realm=\"x\""], ["Bearer realm=\"x\" service=\"y\""], ["Bearer realm=\"x"],
            ["Bearer realm=\"x\"y"],
            ["Bearer realm=\"a\",Realm=\"b\""], ["Bearer realm="], ["Bearer realm=\"\""], ["Bearer realm=\"a\u{1}\""],
            ["Bearer realm=\"a\\"],
            ["Basic=x"], ["Negotiate abc=="], [String(repeating: "a,", count: 20) + "Basic"],
            [String(repeating: "x", count: 9000)],
            ["Basic realm=\"x\"", "\"broken"],
        ]
    )
    func malformedChallenges(fields: [String]) {
        #expect(AuthenticationChallenge(fields: fields) == nil)
    }

    @Test("a truncated or altered challenge never traps")
    func mutatedChallenges() {
        let original = Array("Bearer realm=\"https://a/token\",service=\"s\\\"\",scope=\"x\", Basic realm=\"y\"".utf8)
        for index in original.indices {
            _ = AuthenticationChallenge(fields: [String(decoding: original[..<index], as: UTF8.self)])
            for byte in [UInt8(0), 0x22, 0x2c, 0x3d, 0x5c, 0x80, 0xff] {
                var bytes = original
                bytes[index] = byte
                _ = AuthenticationChallenge(fields: [String(decoding: bytes, as: UTF8.self)])
            }
        }
    }

    @Test("a truncated or altered link never traps, and never invents a target")
    func mutatedLinks() {
        let original = Array("</first>; rel=\"first\", </next?last=2>; title=\"a;b\"; rel=\"next\"".utf8)
        for index in original.indices {
            let cut = try? LinkField.next([String(decoding: original[..<index], as: UTF8.self)])
            #expect(cut == nil || cut == .some(nil))
            for byte in [UInt8(0), 0x22, 0x2c, 0x3b, 0x3c, 0x3d, 0x3e] {
                var bytes = original
                bytes[index] = byte
                _ = try? LinkField.next([String(decoding: bytes, as: UTF8.self)])
            }
        }
    }

    // MARK: Token cache

    private static let key = TokenKey(realm: "https://a/", service: "s", scope: "repository:a:pull")
    private static let start = Date(timeIntervalSince1970: 1000)

    private static func token(_ text: String, lifetime: Double = 100) -> BearerToken {
        BearerToken(text: text, expires: start.addingTimeInterval(lifetime))
    }

    @Test("the first to want a token asks for it, the others wait for it, later ones use it until it expires")
    func cache() {
        var cache = BearerTokenCache()
        #expect(cache.wants(Self.key, 1, now: Self.start) == .fetch)
        #expect(cache.wants(Self.key, 2, now: Self.start) == .wait)
        #expect(cache.wants(Self.key, 3, now: Self.start) == .wait)
        cache.gaveUp(Self.key, 2)
        #expect(cache.fetched(Self.key, Self.token("t"), now: Self.start) == [3])
        #expect(cache.wants(Self.key, 4, now: Self.start.addingTimeInterval(99)) == .use(Self.token("t")))
        #expect(cache.wants(Self.key, 5, now: Self.start.addingTimeInterval(100)) == .fetch)
    }

    @Test("after a failure the next one asks again")
    func cacheFailure() {
        var cache = BearerTokenCache()
        _ = cache.wants(Self.key, 1, now: Self.start)
        _ = cache.wants(Self.key, 2, now: Self.start)
        #expect(cache.failed(Self.key) == [2])
        #expect(cache.wants(Self.key, 3, now: Self.start) == .fetch)
    }

    @Test("a refused token is dropped, its successor is not")
    func cacheRejection() {
        var cache = BearerTokenCache()
        _ = cache.wants(Self.key, 1, now: Self.start)
        _ = cache.fetched(Self.key, Self.token("new"), now: Self.start)
        cache.rejected(Self.key.scope, token: "old")
        #expect(cache.wants(Self.key, 2, now: Self.start) == .use(Self.token("new")))
        cache.rejected(Self.key.scope, token: "new")
        #expect(cache.wants(Self.key, 3, now: Self.start) == .fetch)
    }

    @Test("a registry that names another service each time leaves the tokens of one")
    func cacheServices() {
        var cache = BearerTokenCache()
        for number in 0..<100 {
            let key = TokenKey(realm: "https://\(number)", service: nil, scope: "a")
            _ = cache.wants(key, 1, now: Self.start)
            _ = cache.fetched(key, Self.token("t", lifetime: 1000), now: Self.start)
            #expect(cache.count == 1)
        }
    }

    @Test("tokens of any length take so many bytes at most, and those that live longest stay")
    func cacheBytes() {
        var cache = BearerTokenCache(maximumBytes: 10_000)
        func key(_ number: Int) -> TokenKey { TokenKey(realm: "r", service: nil, scope: "\(number)") }
        for number in 0..<100 {
            let text = String(repeating: "t", count: 1000)
            _ = cache.wants(key(number), 1, now: Self.start)
            _ = cache.fetched(key(number), Self.token(text, lifetime: Double(number + 1)), now: Self.start)
            #expect(cache.count <= 9)
        }
        #expect(cache.count >= 8)
        guard case .use = cache.wants(key(99), 2, now: Self.start) else {
            Issue.record("the token that lives longest is gone")
            return
        }
    }

    @Test("the cache is bounded, and keeps the tokens that live longest")
    func cacheBound() {
        var cache = BearerTokenCache(capacity: 10)
        func key(_ number: Int) -> TokenKey { TokenKey(realm: "r", service: nil, scope: "\(number)") }
        for number in 0..<100 {
            _ = cache.wants(key(number), 1, now: Self.start)
            _ = cache.fetched(key(number), Self.token("\(number)", lifetime: Double(number + 1)), now: Self.start)
            #expect(cache.count <= 10)
        }
        #expect(cache.wants(key(99), 2, now: Self.start) == .use(Self.token("99", lifetime: 100)))
    }

    @Test("when the one who asks is cancelled, another asks; a failure is everyone's")
    func store() async throws {
        let store = TokenStore { Self.start }
        let cancelled = RegistryError(.cancelled, "", host: "", repository: "")
        await #expect(throws: cancelled) {
            try await store.token(Self.key, cancelled: cancelled) { () async throws(RegistryError) in throw cancelled }
        }
        let token = try await store.token(Self.key, cancelled: cancelled) { () async throws(RegistryError) in
            Self.token("t")
        }
        #expect(token == Self.token("t"))
        let again = try await store.token(Self.key, cancelled: cancelled) { () async throws(RegistryError) in
            throw cancelled
        }
        #expect(again == Self.token("t"))
    }

    @Test("no more than the given number pass at a time, and all pass in the end")
    func gate() async {
        let gate = RequestGate(places: 3)
        let counter = Counter()
        let three = Latch()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await gate.pass {
                        if counter.enter() == 3 { three.open() }
                        await three.wait()
                        counter.leave()
                    }
                }
            }
        }
        #expect(counter.most == 3)
        #expect(counter.total == 50)
    }

    @Test("one who is cancelled while waiting goes away and leaves the place to others")
    func gateCancellation() async {
        let gate = RequestGate(places: 1)
        let results = await gate.pass { () async -> [Bool] in
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<3 { group.addTask { await gate.pass {} == nil } }
                group.cancelAll()
                var results: [Bool] = []
                for await result in group { results.append(result) }
                return results
            }
        }
        #expect(results == [true, true, true])
        #expect(await gate.pass { 1 } == 1)
    }

    private final class Counter: Sendable {
        private let state = Mutex((present: 0, most: 0, total: 0))
        var most: Int { state.withLock { $0.most } }
        var total: Int { state.withLock { $0.total } }
        /// - Returns: how many are present.
        func enter() -> Int {
            state.withLock { state in
                state.present += 1
                state.total += 1
                state.most = max(state.most, state.present)
                return state.present
            }
        }
        func leave() { state.withLock { $0.present -= 1 } }
    }
}
