import EmbeddedRegistry
import OCIModel
import TestCertificates
import Testing

@testable import OutboundHTTP

@Suite("Servers behind proxies", .timeLimit(.minutes(5)))
struct TunnelTests {
    /// A server on 127.0.0.1 behind a proxy on 127.0.0.2, and settings that lead there.
    struct Scene {
        let server: EmbeddedRegistry
        let proxy: EmbeddedProxy
        var configuration: OutboundConfiguration

        /// The URL of the server under a host's name; every name leads there.
        func url(_ host: String, path: String = "/v2/") throws -> OutboundURL {
            try OutboundURL("https://\(host):\(port)\(path)")
        }

        var port: Int { server.host.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

        func ask(_ host: String) async throws -> Int {
            try await OutboundHTTPClient.with(configuration) { client in
                try await client.send(OutboundRequest(.get, try url(host)), limit: .kibibytes(1)).status
            }
        }
    }

    private static let authority = Result { try TestAuthority() }
    private static let serverAddress: [UInt8] = [127, 0, 0, 1]
    private static let proxyAddress: [UInt8] = [127, 0, 0, 2]

    /// Runs `body` in a scene whose certificates were issued for the right names, or for those that are given.
    private static func with(
        _ kind: ProxyServer.Kind,
        _ behaviour: EmbeddedProxy.Behaviour = .connect,
        server: (names: [String], addresses: [[UInt8]]) = (["api.example"], [serverAddress]),
        proxy: (names: [String], addresses: [[UInt8]]) = ([], [proxyAddress]),
        proxyAuthority: TestAuthority? = nil,
        credentials: String = "",
        _ body: (Scene) async throws -> Void
    ) async throws {
        let authority = try authority.get()
        var settings = EmbeddedRegistryConfiguration()
        let identity = try authority.issue(names: server.names, addresses: server.addresses)
        settings.tls = .init(certificateChainPEM: identity.certificate, privateKeyPEM: identity.key)
        let proxyIdentity = try (proxyAuthority ?? authority).issue(names: proxy.names, addresses: proxy.addresses)
        try await EmbeddedRegistry.with(settings) { server in
            try await EmbeddedProxy.with(identity: kind == .https ? proxyIdentity : nil, behaviour) { proxy in
                let address = "\(kind.rawValue)://\(credentials)127.0.0.2:\(proxy.port)"
                var configuration = OutboundConfiguration(
                    tls: TLSSettings(roots: .only(pem: Array(try authority.pem.utf8)))
                )
                configuration.proxies.https = try ProxyServer(address, source: "proxy-url")
                configuration.proxies.includesLoopback = true
                try await body(Scene(server: server, proxy: proxy, configuration: configuration))
            }
        }
    }

    private static func expect(
        _ code: OutboundError.Code,
        saying words: String,
        from scene: Scene,
        host: String = "api.example",
        location: SourceLocation = #_sourceLocation
    ) async {
        await #expect(sourceLocation: location) {
            _ = try await scene.ask(host)
        } throws: { error in
            (error as? OutboundError)?.code == code && "\(error)".contains(words)
        }
        #expect(scene.server.requests.isEmpty, sourceLocation: location)
    }

    // MARK: - Servers that are reached

    @Test(
        "a server is reached by name and by address through every kind of proxy",
        arguments: [ProxyServer.Kind.http, .https, .socks5],
        ["127.0.0.1", "api.example", "api.example."]
    )
    func reached(kind: ProxyServer.Kind, host: String) async throws {
        try await Self.with(kind) { scene in
            let status = try await scene.ask(host)
            #expect(status == 200)
            #expect(scene.proxy.asked == ["\(host):\(scene.port)"])
            #expect(scene.server.requests.last?.headers["host"] == "\(host):\(scene.port)")
        }
    }

    @Test("credentials go to the proxy once, and never to the server", arguments: [ProxyServer.Kind.http, .https])
    func credentials(kind: ProxyServer.Kind) async throws {
        try await Self.with(kind, credentials: "user:pass@") { scene in
            let status = try await scene.ask("127.0.0.1")
            #expect(status == 200)
            #expect(scene.proxy.heads.count == 1)
            #expect(scene.proxy.heads.first?.contains("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n") == true)
            #expect(scene.server.requests.count == 1)
            #expect(scene.server.requests.last?.headers["proxy-authorization"] == nil)
        }
    }

    @Test("an identity is shown to a proxy that asks for it, unless it is meant for the server alone")
    func identities() async throws {
        let authority = try Self.authority.get()
        let clients = try TestAuthority()
        let client = try clients.issue(name: "client")
        let identity = try authority.issue(addresses: [Self.serverAddress])
        var settings = EmbeddedRegistryConfiguration()
        settings.tls = .init(
            certificateChainPEM: identity.certificate,
            privateKeyPEM: identity.key,
            clientAuthorityPEM: try clients.pem
        )
        let proxyIdentity = try authority.issue(addresses: [Self.proxyAddress])
        try await EmbeddedRegistry.with(settings) { server in
            for asks in [true, false] {
                let proxyAsks = asks ? try clients.pem : nil
                try await EmbeddedProxy.with(identity: proxyIdentity, clientAuthority: proxyAsks) { proxy in
                    var configuration = OutboundConfiguration(
                        tls: TLSSettings(
                            roots: .only(pem: Array(try authority.pem.utf8)),
                            identity: .init(
                                certificateChainPEM: Array(client.certificate.utf8),
                                privateKeyPEM: Array(client.key.utf8)
                            )
                        )
                    )
                    configuration.proxies.https = try ProxyServer("https://127.0.0.2:\(proxy.port)", source: "proxy")
                    configuration.proxies.includesLoopback = true
                    let scene = Scene(server: server, proxy: proxy, configuration: configuration)
                    #expect(try await scene.ask("127.0.0.1") == 200)
                    configuration.showsIdentityToProxies = false
                    let reserved = Scene(server: server, proxy: proxy, configuration: configuration)
                    guard asks else {
                        #expect(try await reserved.ask("127.0.0.1") == 200)
                        return
                    }
                    let asked = proxy.asked.count
                    await #expect(throws: OutboundError.self) { try await reserved.ask("127.0.0.1") }
                    #expect(proxy.asked.count == asked)
                }
            }
        }
    }

    @Test("a tunnel carries one request after the other", arguments: [ProxyServer.Kind.http, .https, .socks5])
    func reuse(kind: ProxyServer.Kind) async throws {
        try await Self.with(kind) { scene in
            try await OutboundHTTPClient.with(scene.configuration) { client in
                for _ in 0..<3 {
                    let request = OutboundRequest(.get, try scene.url("127.0.0.1"))
                    #expect(try await client.send(request, limit: .kibibytes(1)).status == 200)
                }
                let other = OutboundRequest(.get, try scene.url("api.example"))
                #expect(try await client.send(other, limit: .kibibytes(1)).status == 200)
            }
            #expect(scene.proxy.connections == 2)
            #expect(scene.server.requests.count == 4)
        }
    }

    @Test("a stream delivers what has come, through a tunnel as without one")
    func stream() async throws {
        try await Self.with(.https) { scene in
            let blob = Array(repeating: UInt8(7), count: 200_000)
            let digest = try scene.server.push(blob: blob, to: "a/b").digest
            scene.server.inject(.hangMidway, target: "/blobs/")
            try await OutboundHTTPClient.with(scene.configuration) { client in
                let url = try scene.url("127.0.0.1", path: "/v2/a/b/blobs/\(digest)")
                try await client.stream(OutboundRequest(.get, url)) { stream in
                    var count = 0
                    for try await part in stream.body {
                        count += part.count
                        if count == blob.count / 2 { break }
                    }
                    #expect(count == blob.count / 2)
                }
            }
        }
    }

    @Test("renewed trust holds for the next request through a proxy", arguments: [ProxyServer.Kind.http, .https])
    func rotation(kind: ProxyServer.Kind) async throws {
        try await Self.with(kind) { scene in
            var configuration = scene.configuration
            configuration.tls.roots = .only(pem: Array(try TestAuthority().pem.utf8))
            let client = try RotatingHTTPClient(configuration)
            let request = OutboundRequest(.get, try scene.url("127.0.0.1"))
            let before = try? await client.send(request, limit: .kibibytes(1)).status
            try client.use(scene.configuration.tls)
            let after = try? await client.send(request, limit: .kibibytes(1)).status
            await client.shutdown()
            #expect(before == nil)
            #expect(after == 200)
        }
    }

    @Test("a server name of one's own is looked for instead of the host")
    func serverName() async throws {
        try await Self.with(.http, server: (["kubernetes.example"], [])) { scene in
            await Self.expect(.insecure, saying: "another name than 127.0.0.1", from: scene, host: "127.0.0.1")
            var named = scene
            named.configuration.tls.serverNames = ["127.0.0.1": "kubernetes.example"]
            let status = try await named.ask("127.0.0.1")
            #expect(status == 200)
            named.configuration.tls.serverNames = ["127.0.0.1": "other.example"]
            await #expect(throws: OutboundError.self) { _ = try await named.ask("127.0.0.1") }
        }
    }

    @Test("without verification, neither the proxy's nor the server's certificate matters")
    func withoutVerification() async throws {
        let other = try TestAuthority()
        try await Self.with(.https, server: ([], []), proxy: (["x"], []), proxyAuthority: other) { scene in
            var scene = scene
            scene.configuration.tls = TLSSettings(withoutVerificationUnsafe: true)
            let status = try await scene.ask("127.0.0.1")
            #expect(status == 200)
        }
    }

    // MARK: - Servers that are not who they should be

    @Test(
        "a certificate for the proxy's address is not the server's",
        arguments: [ProxyServer.Kind.http, .https, .socks5],
        ["127.0.0.1", "api.example"]
    )
    func proxyPosesAsServer(kind: ProxyServer.Kind, host: String) async throws {
        try await Self.with(kind, server: ([], [Self.proxyAddress])) { scene in
            let words = "issued for another name than \(host): it is for 127.0.0.2;"
            await Self.expect(.insecure, saying: words, from: scene, host: host)
        }
    }

    @Test("a certificate for another address or name is not the server's", arguments: ["127.0.0.1", "api.example"])
    func anotherServer(host: String) async throws {
        for kind in [ProxyServer.Kind.http, .https, .socks5] {
            try await Self.with(kind, server: (["other.example", "127.0.0.1"], [[192, 0, 2, 1]])) { scene in
                await Self.expect(.insecure, saying: "another name than \(host)", from: scene, host: host)
            }
        }
    }

    @Test("a server of an unknown authority is refused behind a proxy")
    func unknownAuthority() async throws {
        try await Self.with(.http) { scene in
            var scene = scene
            scene.configuration.tls.roots = .only(pem: Array(try TestAuthority().pem.utf8))
            await Self.expect(.insecure, saying: "not issued by any of the configured CA certificates", from: scene)
        }
    }

    // MARK: - Proxies that are not who they should be, or do not do what they should

    @Test("a proxy of an unknown authority is refused, before it learns anything")
    func untrustedProxy() async throws {
        try await Self.with(.https, proxyAuthority: try TestAuthority(), credentials: "user:pass@") { scene in
            let name = "the certificate of the proxy https://127.0.0.2:\(scene.proxy.port) is not trusted"
            await Self.expect(.insecure, saying: name, from: scene)
            #expect(scene.proxy.heads.isEmpty)
        }
    }

    @Test("a proxy with a certificate for another name is refused, before it learns anything")
    func wrongProxy() async throws {
        try await Self.with(.https, proxy: (["127.0.0.2"], [Self.serverAddress]), credentials: "user:pass@") { scene in
            let name = "the certificate of the proxy https://127.0.0.2:\(scene.proxy.port) was issued for another name"
            await Self.expect(.insecure, saying: name, from: scene)
            #expect(scene.proxy.heads.isEmpty)
        }
    }

    @Test(
        "a proxy that refuses is named, with its answer",
        arguments: [ProxyServer.Kind.http, .https],
        [
            ("HTTP/1.1 407 No\r\n\r\n", "it answered 407 No: it does not accept the user and password"),
            ("HTTP/1.1 502 Bad\r\ncontent-length: 4\r\n\r\nbody", "it answered 502 Bad: it could not reach"),
            ("220 mail.example ESMTP\r\n", "not HTTP/1"),
            ("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "sent more than its answer"),
        ]
    )
    func refusal(kind: ProxyServer.Kind, answer: (String, String)) async throws {
        try await Self.with(kind, .say(answer.0), credentials: "user:pass@") { scene in
            let words =
                "the proxy \(kind)://127.0.0.2:\(scene.proxy.port) did not connect to api.example:\(scene.port): "
            await Self.expect(.proxyRefused, saying: words, from: scene)
            await Self.expect(.proxyRefused, saying: answer.1, from: scene)
        }
    }

    @Test(
        "a proxy that says nothing is given up, and so is one that closes",
        arguments: [ProxyServer.Kind.http, .https]
    )
    func silence(kind: ProxyServer.Kind) async throws {
        for behaviour in [EmbeddedProxy.Behaviour.say(""), .close] {
            try await Self.with(kind, behaviour) { scene in
                var scene = scene
                if case .say = behaviour { scene.configuration.timeouts.connect = .milliseconds(300) }
                let words =
                    "the proxy \(kind)://127.0.0.2:\(scene.proxy.port) did not connect to api.example:\(scene.port)"
                await Self.expect(.unreachable, saying: words, from: scene)
            }
        }
    }

    @Test("a proxy without TLS, and one that is not there, are told from each other")
    func wrongEntrance() async throws {
        try await Self.with(.http) { scene in
            var scene = scene
            let address = "127.0.0.2:\(scene.proxy.port)"
            scene.configuration.proxies.https = try ProxyServer("https://\(address)", source: "test")
            scene.configuration.timeouts.connect = .milliseconds(300)
            await Self.expect(.unreachable, saying: "the proxy https://\(address) did not connect to", from: scene)
            scene.configuration.timeouts.connect = OutboundTimeouts().connect
            scene.configuration.proxies.https = try ProxyServer("http://127.0.0.2:1", source: "test")
            let words = "the proxy http://127.0.0.2:1 (on the way to api.example:\(scene.port)) cannot be reached"
            await Self.expect(.unreachable, saying: words, from: scene)
        }
        try await Self.with(.https) { scene in
            var scene = scene
            scene.configuration.proxies.https = try ProxyServer("http://127.0.0.2:\(scene.proxy.port)", source: "test")
            await Self.expect(.unreachable, saying: "if it expects TLS, give its address as https://", from: scene)
        }
    }

    @Test("an answer without end is given up", arguments: [ProxyServer.Kind.http, .https])
    func endlessHead(kind: ProxyServer.Kind) async throws {
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 9000)
        try await Self.with(kind, .say(head)) { scene in
            await Self.expect(.proxyRefused, saying: "longer than 16384 bytes", from: scene)
        }
    }

    @Test("a client is shut down while a proxy keeps it waiting")
    func shutDown() async throws {
        try await Self.with(.https, .say("")) { scene in
            var configuration = scene.configuration
            configuration.timeouts.connect = .milliseconds(300)
            configuration.timeouts.overall = .milliseconds(1)
            let client = try OutboundHTTPClient(configuration)
            let request = OutboundRequest(.get, try scene.url("127.0.0.1"))
            await #expect(throws: OutboundError.self) { try await client.send(request, limit: .kibibytes(1)) }
            await client.shutdown()
        }
    }
}
