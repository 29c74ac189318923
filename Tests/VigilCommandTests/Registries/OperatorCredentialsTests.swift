import EmbeddedRegistry
import FoundationEssentials
import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import Testing

@testable import VigilCommand

/// The credentials of `registry.credentialsFile`, and where `registry.hosts` lets them go.
@Suite("Credentials of the operator", .timeLimit(.minutes(5)))
struct OperatorCredentialsTests {
    private static func auth(_ user: String, _ password: String) -> JSONValue {
        ["auth": .string(Data("\(user):\(password)".utf8).base64EncodedString())]
    }

    private static func text(_ value: JSONValue) -> String { JSONSerializer().string(value) }

    /// What follows from settings and the content of the file with credentials.
    private static func options(
        _ content: String,
        hosts: [String] = [],
        plainHTTP: String? = nil
    ) throws -> RegistryOptions {
        let folder = try TemporaryFolder()
        try folder.write("credentials", content)
        var flags = [Setting.registryCredentialsFile.key: ["\(folder.path)/credentials"]]
        if !hosts.isEmpty { flags[Setting.registryHosts.key] = hosts }
        if let plainHTTP { flags[Setting.plainHTTPRegistries.key] = [plainHTTP] }
        let reader = ConfigurationReader(layers: try ConfigurationLayers(flags: flags), path: nil)
        return try withExtendedLifetime(folder) { try reader.read().registryOptions(proxies: .none) }
    }

    /// A registry that knows `robot` with the password `right`, and has an image.
    private static func withRegistry(_ body: (EmbeddedRegistry, ImageReference) async throws -> Void) async throws {
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.authentication = .basic(username: "robot", password: "right")
        try await EmbeddedRegistry.with(behaviour) { registry in
            let config = try registry.push(blob: Array("{}".utf8), mediaType: .ociEmpty, to: "team/web")
            let manifest: JSONValue = [
                "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
                "layers": [],
            ]
            _ = try registry.push(manifest: JSONSerializer().bytes(manifest), to: "team/web", tag: "v1")
            try await body(registry, try ImageReference("\(registry.host)/team/web:v1"))
        }
    }

    /// How a registry is read with options: nothing, or the error.
    private static func outcome(_ image: ImageReference, _ options: RegistryOptions) async throws -> RegistryError? {
        try await NetworkRegistries().withRegistry(options) { services in
            do throws(RegistryError) {
                _ = try await services.registry.resolve(image)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Who asked, by the header field `Authorization`.
    private static func users(_ registry: EmbeddedRegistry) -> [String] {
        registry.requests.compactMap { request in
            guard let field = request.headers["authorization"], field.hasPrefix("Basic "),
                let data = Data(base64Encoded: String(field.dropFirst(6)))
            else { return nil }
            return String(decoding: data, as: UTF8.self)
        }
    }

    @Test("every entry that matches is tried, the most specific first, in either format of a pull secret")
    func everyMatch() async throws {
        try await Self.withRegistry { registry, image in
            let port = registry.host.split(separator: ":").last ?? ""
            let entries: [String: JSONValue] = [
                "\(registry.host)/team": Self.auth("robot", "old"),
                "127.0.0.1:1": Self.auth("robot", "of another port"),
                "\(registry.host)/other": Self.auth("robot", "of another path"),
                "*.*.*.*:\(port)": Self.auth("robot", "right"),
            ]
            for content: JSONValue in [["auths": .object(entries)], .object(entries)] {
                let options = try Self.options(Self.text(content), plainHTTP: registry.host)
                let before = Self.users(registry).count
                #expect(try await Self.outcome(image, options) == nil)
                #expect(Self.users(registry).dropFirst(before) == ["robot:old", "robot:right"])
            }
        }
    }

    @Test("who was let in goes first from then on")
    func memory() async throws {
        try await Self.withRegistry { registry, image in
            let entries: [String: JSONValue] = [
                "\(registry.host)/team": Self.auth("robot", "old"), registry.host: Self.auth("robot", "right"),
            ]
            let options = try Self.options(Self.text(["auths": .object(entries)]), plainHTTP: registry.host)
            try await NetworkRegistries().withRegistry(options) { services in
                for _ in 0..<3 {
                    let target = try await services.registry.target(image.repository, of: "v1", within: .zero)
                    #expect(Self.users(registry).last == "robot:right")
                    _ = try await services.registry.manifest(image.repository, target)
                }
            }
            #expect(Self.users(registry).filter { $0 == "robot:old" }.count == 1)
        }
    }

    @Test("when none is let in, the registry's refusal is told, and that of the last resort does not hide it")
    func refused() async throws {
        try await Self.withRegistry { registry, image in
            let content: JSONValue = [
                "auths": .object([
                    registry.host: Self.auth("robot", "wrong"), "\(registry.host)/team": Self.auth("nobody", "wrong"),
                ])
            ]
            let error = try await Self.outcome(image, Self.options(Self.text(content), plainHTTP: registry.host))
            #expect(error?.code == .unauthorized)
            #expect(error?.message.contains("refused Basic credentials of nobody") == true)
            #expect(error?.message.contains("3 ways to ask were tried") == true)
            #expect(error?.message.contains("wrong") == false)
        }
    }

    @Test("credentials that a program keeps are an error where they are needed, and no anonymous request")
    func helpers() async throws {
        try await Self.withRegistry { registry, image in
            let kept: JSONValue = ["credHelpers": .object([registry.host: "ecr-login"])]
            let error = try await Self.outcome(image, Self.options(Self.text(kept), plainHTTP: registry.host))
            #expect(error?.code == .credentialsUnavailable)
            #expect(error?.message.contains("docker-credential-ecr-login") == true)
            let other: JSONValue = [
                "auths": .object([registry.host: Self.auth("robot", "right")]), "credsStore": "desktop",
            ]
            #expect(try await Self.outcome(image, Self.options(Self.text(other), plainHTTP: registry.host)) == nil)
        }
    }

    @Test(
        "a file that cannot be used is named, and nothing of it is shown",
        arguments: [
            "hunter2", "[]", #"{"auths":["hunter2"]}"#, #"{"auths":{"r.example":{"auth":"hunter2"}}}"#,
            #"{"r.example":{"auth":"hunter2"}}"#, #"{"auths":{"a":{},"a":{"password":"hunter2"}}}"#,
        ]
    )
    func unusable(content: String) throws {
        let error = #expect(throws: InputError.self) { try Self.options(content) }
        #expect(error?.message.contains("/credentials: ") == true)
        #expect(error?.message.contains("hunter2") == false)
    }

    @Test("files that hold no credential are none", arguments: ["{}", #"{"auths":{}}"#, #"{"detachKeys":"ctrl-e"}"#])
    func empty(content: String) throws { #expect(try Self.options(content).keyring.isEmpty) }

    @Test("a token service on another host is given credentials when the registry's entry names it")
    func tokenService() async throws {
        var issuer = EmbeddedRegistryConfiguration.TokenIssuer()
        issuer.user = ("robot", "right")
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.authentication = .bearer(issuer)
        try await EmbeddedRegistry.with(behaviour) { service in
            let port = service.host.split(separator: ":").last ?? ""
            issuer.realm = "http://localhost:\(port)/token"
            behaviour.authentication = .bearer(issuer)
            try await EmbeddedRegistry.with(behaviour) { registry in
                let image = try ImageReference("\(registry.host)/team/web:v1")
                let content = Self.text(["auths": .object([registry.host: Self.auth("robot", "right")])])
                func ask(_ entry: String) async throws -> RegistryError? {
                    let entry = "\(registry.host);plainHTTP=true\(entry)"
                    return try await Self.outcome(image, Self.options(content, hosts: [entry]))
                }
                let withheld = try await ask("")
                #expect(withheld?.message.contains("localhost is not known to be its token service") == true)
                #expect(Self.users(service).isEmpty)
                _ = try await ask(";tokenService=elsewhere.example")
                #expect(Self.users(service).isEmpty)
                // The registry does not know the other's tokens; that the service was told who asks is what counts.
                _ = try await ask(";tokenService=localhost")
                #expect(Self.users(service).contains("robot:right"))
                #expect(Self.users(registry).isEmpty)
            }
        }
    }
}
