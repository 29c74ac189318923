import EmbeddedRegistry
import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import Synchronization
import TestCertificates
import Testing

@testable import VigilCommand

/// Registries over TLS that ask callers for a certificate, asked over connections of their own.
@Suite("Connections of registries", .timeLimit(.minutes(5)))
struct RegistryConnectionsTests {
    /// A registry that demands a certificate of `clients`, and the files that open it.
    private struct Scene {
        let folder: TemporaryFolder
        let authority: TestAuthority
        let clients: TestAuthority

        init() throws {
            folder = try TemporaryFolder()
            authority = try TestAuthority()
            clients = try TestAuthority()
            try folder.write("ca.crt", try authority.pem)
            try issue("client", by: clients)
        }

        /// Writes `NAME.crt` and `NAME.key`.
        func issue(_ name: String, by authority: TestAuthority) throws {
            let identity = try authority.issue(name: name)
            try folder.write("\(name).crt", identity.certificate)
            try folder.write("\(name).key", identity.key)
        }

        /// How a server behaves that shows a certificate, and demands one.
        func server(demandsCertificate: Bool = true) throws -> EmbeddedRegistryConfiguration {
            let identity = try authority.issue(addresses: [[127, 0, 0, 1]])
            var configuration = EmbeddedRegistryConfiguration()
            configuration.tls = .init(
                certificateChainPEM: identity.certificate,
                privateKeyPEM: identity.key,
                clientAuthorityPEM: demandsCertificate ? try clients.pem : nil
            )
            return configuration
        }

        /// What follows from `hosts`, written as flags, where DIR is the folder.
        func options(_ hosts: String..., caFile: Bool = false) throws -> RegistryOptions {
            var flags = [Setting.registryHosts.key: hosts.map { $0.replacing("DIR", with: folder.path) }]
            if caFile { flags[Setting.registryAuthorityFile.key] = ["\(folder.path)/ca.crt"] }
            let reader = ConfigurationReader(layers: try ConfigurationLayers(flags: flags), path: nil)
            return try reader.read().registryOptions(proxies: .none)
        }

        static let own = ";ca=DIR/ca.crt;clientCertificate=DIR/client.crt;clientKey=DIR/client.key"
    }

    /// An image of one layer in a registry, and its layer.
    private static func push(_ registry: EmbeddedRegistry) throws -> (image: Descriptor, layer: Descriptor) {
        let config = try registry.push(blob: Array("{}".utf8), mediaType: .ociEmpty, to: "shop/web")
        let layer = try registry.push(blob: Array("layer".utf8), to: "shop/web")
        let manifest: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
            "layers": [layer.json],
        ]
        let bytes = JSONSerializer().bytes(manifest)
        return (try registry.push(manifest: bytes, to: "shop/web", tag: "v1"), layer)
    }

    /// The code of the error with which a registry's image is not read; `nil` when it is.
    private static func outcome(_ host: String, _ options: RegistryOptions) async throws -> RegistryError.Code? {
        var options = options
        options.timeout = .seconds(20)
        return try await NetworkRegistries().withRegistry(options) { services in
            var codes: [RegistryError.Code?] = []
            // With and without credentials of one's own it is the same.
            let credentialed = services.credentialed?.registry(at: host, with: .accessToken("none"))
            for registry in [services.registry, credentialed].compactMap({ $0 }) {
                do {
                    _ = try await registry.resolve(ImageReference("\(host)/shop/web:v1"))
                    codes.append(nil)
                } catch let error as RegistryError {
                    #expect(!error.message.contains("PRIVATE KEY"))
                    codes.append(error.code)
                }
            }
            #expect(codes.count == 2 && codes[0] == codes[1], "\(codes)")
            return codes[0]
        }
    }

    @Test("a registry is read with its authority and the certificate of its entry, and with nothing less")
    func entry() async throws {
        let scene = try Scene()
        try scene.issue("stranger", by: try TestAuthority())
        try await EmbeddedRegistry.with(try scene.server()) { registry in
            _ = try Self.push(registry)
            let host = registry.host
            func outcome(_ entries: String..., caFile: Bool = false) async throws -> RegistryError.Code? {
                let options = try scene.options(entries.joined(), caFile: caFile)
                return try await Self.outcome(host, options)
            }
            #expect(try await outcome(host, Scene.own) == nil)
            // The other authorities count as well.
            let identity = ";clientCertificate=DIR/client.crt;clientKey=DIR/client.key"
            #expect(try await outcome(host, identity, caFile: true) == nil)
            let asked = registry.requests.count
            #expect(asked > 0)
            #expect(try await outcome(host, identity) == .insecure)
            #expect(try await outcome(host, ";ca=DIR/ca.crt") != nil)
            let stranger = ";ca=DIR/ca.crt;clientCertificate=DIR/stranger.crt;clientKey=DIR/stranger.key"
            #expect(try await outcome(host, stranger) != nil)
            // An entry is for its own port alone.
            #expect(try await outcome("127.0.0.1:1", Scene.own) == .insecure)
            #expect(registry.requests.count == asked)
        }
    }

    @Test("an authority of one registry vouches for no other")
    func authorities() async throws {
        let scene = try Scene()
        let open = try scene.server(demandsCertificate: false)
        try await EmbeddedRegistry.with(open) { named in
            try await EmbeddedRegistry.with(open) { other in
                for registry in [named, other] { _ = try Self.push(registry) }
                let options = try scene.options("\(named.host);ca=DIR/ca.crt")
                #expect(try await Self.outcome(named.host, options) == nil)
                #expect(try await Self.outcome(other.host, options) == .insecure)
            }
        }
    }

    @Test(
        "a certificate is shown to its registry alone: not to where that redirects, nor for others that redirect there"
    )
    func redirects() async throws {
        let scene = try Scene()
        let demanding = try scene.server()
        try await EmbeddedRegistry.with(demanding) { entered in
            try await EmbeddedRegistry.with(demanding) { neighbour in
                try await EmbeddedRegistry.with(try scene.server(demandsCertificate: false)) { open in
                    let pushed = try Self.push(entered)
                    _ = try Self.push(neighbour)
                    _ = try Self.push(open)
                    let options = try scene.options("\(entered.host)\(Scene.own)", caFile: true)
                    let target = "/v2/shop/web/blobs/\(pushed.layer.digest)"
                    for (from, to) in [(entered, neighbour), (open, entered)] {
                        from.inject(
                            RegistryFault.redirect(to: "https://\(to.host)\(target)"),
                            target: "/blobs/"
                        )
                        let before = to.requests.count
                        try await NetworkRegistries().withRegistry(options) { services in
                            let repository = try RepositoryName(registry: from.host, path: "shop/web")
                            await #expect(throws: RegistryError.self) {
                                try await services.registry.blob(repository, pushed.layer, limit: 100)
                            }
                        }
                        #expect(from.requests.contains { $0.target.contains("/blobs/") })
                        #expect(to.requests.count == before, "\(from.host) to \(to.host)")
                        from.healFaults()
                    }
                    // Where it is meant, it is shown: at the registry's own host, along a redirect too.
                    entered.inject(
                        RegistryFault.redirect(to: "https://\(entered.host)\(target)?again"),
                        target: "/blobs/",
                        times: 1
                    )
                    let bytes = try await NetworkRegistries().withRegistry(options) { services in
                        let repository = try RepositoryName(registry: entered.host, path: "shop/web")
                        return try await services.registry.blob(repository, pushed.layer, limit: 100)
                    }
                    #expect(bytes == Array("layer".utf8))
                }
            }
        }
    }

    @Test("a certificate opens the token service on the registry's own host, and is shown to none elsewhere")
    func tokens() async throws {
        let scene = try Scene()
        var bearer = try scene.server()
        bearer.authentication = .bearer(EmbeddedRegistryConfiguration.TokenIssuer())
        try await EmbeddedRegistry.with(bearer) { registry in
            _ = try Self.push(registry)
            let options = try scene.options("\(registry.host)\(Scene.own)", caFile: true)
            try await NetworkRegistries().withRegistry(options) { services in
                _ = try await services.registry.resolve(ImageReference("\(registry.host)/shop/web:v1"))
            }
            #expect(registry.requests.contains { $0.target.hasPrefix("/token") })
            var elsewhere = try scene.server()
            var issuer = EmbeddedRegistryConfiguration.TokenIssuer()
            issuer.realm = "https://\(registry.host)/token"
            elsewhere.authentication = .bearer(issuer)
            try await EmbeddedRegistry.with(elsewhere) { other in
                _ = try Self.push(other)
                let options = try scene.options("\(other.host)\(Scene.own)", caFile: true)
                let before = registry.requests.count
                try await NetworkRegistries().withRegistry(options) { services in
                    _ = await #expect(throws: RegistryError.self) {
                        try await services.registry.resolve(ImageReference("\(other.host)/shop/web:v1"))
                    }
                }
                #expect(registry.requests.count == before)
            }
        }
    }

    @Test("a registry is asked by its proxy, directly where that is said, and others as ever")
    func proxies() async throws {
        let scene = try Scene()
        try await EmbeddedRegistry.with(try scene.server()) { registry in
            try await EmbeddedRegistry.with { plain in
                for known in [registry, plain] { _ = try Self.push(known) }
                try await EmbeddedProxy.with { proxy in
                    let address = ";proxy=http://127.0.0.2:\(proxy.port)"
                    let proxied = try scene.options(
                        "\(registry.host)\(Scene.own)\(address)",
                        "\(plain.host);plainHTTP=true\(address)"
                    )
                    #expect(try await Self.outcome(registry.host, proxied) == nil)
                    #expect(Set(proxy.asked) == [registry.host])
                    #expect(try await Self.outcome(plain.host, proxied) == nil)
                    #expect(Set(proxy.asked) == [registry.host, plain.host])

                    let count = proxy.asked.count
                    var direct = try scene.options(
                        "\(registry.host)\(Scene.own);proxy=direct",
                        "\(plain.host);plainHTTP=true"
                    )
                    let server = try ProxyServer("http://127.0.0.2:\(proxy.port)", source: "proxy")
                    direct.proxies = ProxySettings(http: server, https: server)
                    direct.proxies.includesLoopback = true
                    #expect(try await Self.outcome(registry.host, direct) == nil)
                    #expect(proxy.asked.count == count)
                    // What has no proxy of its own is asked by that of the environment.
                    #expect(try await Self.outcome(plain.host, direct) == nil)
                    #expect(proxy.asked.dropFirst(count).allSatisfy { $0 == plain.host })
                    #expect(proxy.asked.count > count)
                }
            }
        }
    }

    @Test("a proxy that asks for a certificate is not shown the registry's")
    func proxyCertificate() async throws {
        let scene = try Scene()
        let identity = try scene.authority.issue(addresses: [[127, 0, 0, 2]])
        try await EmbeddedRegistry.with(try scene.server()) { registry in
            _ = try Self.push(registry)
            for demands in [false, true] {
                let authority = demands ? try scene.clients.pem : nil
                try await EmbeddedProxy.with(identity: identity, clientAuthority: authority) { proxy in
                    let entry = "\(registry.host)\(Scene.own);proxy=https://127.0.0.2:\(proxy.port)"
                    let code = try await Self.outcome(registry.host, try scene.options(entry))
                    #expect((code == nil) == !demands, "\(String(describing: code))")
                    #expect(proxy.asked.isEmpty == demands)
                }
            }
        }
    }

    @Test("files that are missing or broken are refused by name, and nothing of a key is shown")
    func files() async throws {
        let scene = try Scene()
        try scene.issue("other", by: scene.clients)
        try scene.folder.write("rubbish", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n")
        try scene.folder.write("large", String(repeating: "x", count: InputLimits.certificateBytes + 1))
        try scene.folder.makeFolder("folder")
        let client = ";clientCertificate=DIR/client.crt;clientKey=DIR/"
        for (entry, words) in [
            (";ca=DIR/absent", "absent: there is no such file"), (";ca=DIR/folder", "folder: is a folder"),
            (";ca=DIR/large", "large: is larger than"), (";ca=DIR/rubbish", "rubbish, for r.example: the CA cert"),
            (client + "absent", "absent: there is no such file"),
            (client + "rubbish", "rubbish, for r.example: the client's private key cannot be read"),
            (client + "other.key", "other.key, for r.example: the client certificate and its key"),
            (
                ";clientCertificate=DIR/rubbish;clientKey=DIR/client.key",
                "client.key, for r.example: the client certificate cannot be read"
            ),
        ] {
            #expect {
                _ = try scene.options("r.example\(entry)")
            } throws: { error in
                let message = (error as? InputError)?.message ?? (error as? ConfigurationProblems)?.summary ?? ""
                #expect(!message.contains("hunter2") && !message.contains("MII"), "\(message)")
                #expect(message.contains(scene.folder.path))
                return message.contains(words)
            }
        }
    }
}
