import EmbeddedClouds
import JSONModel
import OCIModel
import OCIRegistry
import OutboundHTTP
import Testing

@testable import CloudServices

/// The credential that an identity of Azure is to a registry of Azure.
struct AzureRegistryCredentialsTests {
    private func source(
        _ scene: AzureScene,
        after base: any CredentialSource = AnonymousCredentials()
    ) throws -> AzureRegistryCredentials {
        AzureRegistryCredentials(.success(try scene.tokens().identity), scene.surroundings, after: base)
    }

    private func repository(_ registry: String = "shop.azurecr.io") throws -> RepositoryName {
        try RepositoryName(registry: registry, path: "web")
    }

    @Test("a token of the identity is exchanged for the registry's own, which is used until shortly before it lapses")
    func exchange() async throws {
        let scene = AzureScene()
        let source = try source(scene)
        let credential = try await source.credential(for: repository())
        guard case .identityToken(let token)? = credential else {
            Issue.record("there is no credential")
            return
        }
        #expect(scene.azure.tokens.contains(token))
        #expect(
            scene.azure.requests.map(\.path) == ["/\(scene.settings.tenant)/oauth2/v2.0/token", "/oauth2/exchange"]
        )
        scene.advance(by: 3 * 3600 - 301)
        #expect(try await source.credential(for: repository()) == credential)
        scene.writeAssertion { $0["exp"] = .integer(AzureScene.start + 90_000) }
        scene.advance(by: 2)
        #expect(try await source.credential(for: repository()) != credential)
    }

    @Test("so is a token of the machine's identity, which the metadata service gives")
    func managed() async throws {
        let scene = AzureScene()
        for environment in [[:], ["AZURE_CLIENT_ID": scene.settings.clientID]] {
            let source = AzureRegistryCredentials(
                .success(try AzureIdentity(environment: environment)),
                scene.surroundings,
                after: AnonymousCredentials()
            )
            guard case .identityToken(let token)? = try await source.credential(for: repository()) else {
                Issue.record("there is no credential")
                return
            }
            #expect(scene.azure.tokens.contains(token))
        }
        let paths = ["/metadata/identity/oauth2/token", "/oauth2/exchange"]
        #expect(scene.azure.requests.map(\.path) == paths + paths)
    }

    @Test("half an identity is told where it would be needed, and nowhere else")
    func half() async throws {
        let scene = AzureScene()
        let cause = CloudError(.misconfigured, "AZURE_CLIENT_ID is not set")
        let source = AzureRegistryCredentials(.failure(cause), scene.surroundings, after: AnonymousCredentials())
        let error = await #expect(throws: RegistryError.self) { try await source.credential(for: repository()) }
        #expect(error?.code == .credentialsUnavailable)
        #expect(error?.message.contains("AZURE_CLIENT_ID is not set") == true)
        #expect(try await source.credential(for: repository("registry.example.com")) == nil)
        #expect(scene.azure.requests.isEmpty)
    }

    @Test("the registry's token service takes it for a token of one repository")
    func token() async throws {
        let scene = AzureScene()
        guard case .identityToken(let token)? = try await source(scene).credential(for: repository()) else {
            Issue.record("there is no credential")
            return
        }
        let form = FormBody.encode([
            ("grant_type", "refresh_token"), ("service", "shop.azurecr.io"), ("scope", "repository:web:pull"),
            ("refresh_token", token), ("client_id", "vigil"),
        ])
        let response = try await AzureWireProbe.post("https://shop.azurecr.io/oauth2/token", form, scene)
        #expect(response.status == 200)
    }

    @Test("another credential goes first, and no other registry is given a token")
    func others() async throws {
        let scene = AzureScene()
        let given = FixedCredentialSource(credential: .basic(username: "a", password: "b"))
        #expect(try await source(scene, after: given).credential(for: repository()) == given.credential)
        for registry in [
            "docker.io", "registry.example.com", "shop.azurecr.io.evil.example", "azurecr.io", "a.b.azurecr.io",
            "shop.azurecr.io:8443", "127.0.0.1:5000",
        ] {
            #expect(try await source(scene).credential(for: repository(registry)) == nil)
        }
        #expect(scene.azure.requests.isEmpty)
    }

    @Test("a refused identity is a reason of its own, and shows no token")
    func refused() async throws {
        let scene = AzureScene()
        scene.azure.fail("/oauth2/exchange", count: 9, with: CloudAnswer(401))
        let source = try source(scene)
        let error = await #expect(throws: RegistryError.self) { try await source.credential(for: repository()) }
        #expect(error?.code == .credentialsUnavailable)
        #expect(error?.message.contains("assign it AcrPull") == true)
        for token in scene.azure.tokens { #expect(error?.message.contains(token) == false) }
        scene.azure.heal()
        #expect(try await source.credential(for: repository()) != nil)
    }

    @Test("many who want a credential at once cause one exchange")
    func singleFlight() async throws {
        let scene = AzureScene()
        let source = try source(scene)
        let repository = try repository()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await source.credential(for: repository) } }
            try await group.waitForAll()
        }
        #expect(scene.azure.requests.count == 2)
    }
}

/// Posts a form to the stand-in.
private enum AzureWireProbe {
    static func post(_ url: String, _ form: [UInt8], _ scene: AzureScene) async throws -> OutboundResponse {
        let request = OutboundRequest(
            .post,
            try OutboundURL(url),
            headers: ["content-type": "application/x-www-form-urlencoded"],
            body: form
        )
        return try await scene.surroundings.http.send(request, limit: .kibibytes(64))
    }
}
