import CloudServices
import EmbeddedClouds
import FoundationEssentials
import JSONModel
import OCIModel
import OCIRegistry
import OperatorTestKit
import SigningTestKit
import Testing

@testable import VigilCommand

/// The registries of Azure, for a program that runs with a workload identity.
struct AzureRegistryTests {
    private let folder: TemporaryFolder
    private let settings = AzureSettings()
    private let azure: EmbeddedAzure

    init() throws {
        folder = try TemporaryFolder()
        let now = Int64(Date().timeIntervalSince1970)
        azure = EmbeddedAzure(seconds: now)
        let claims: JSONValue = [
            "iss": .string(settings.issuer), "aud": "api://AzureADTokenExchange", "sub": .string(settings.subject),
            "exp": .integer(now + 3600),
        ]
        let body = JWSRecipe.base64URL(JSONSerializer().bytes(claims))
        try folder.write("token", "eyJhbGciOiJSUzI1NiJ9.\(body).c2lnbmF0dXJl")
    }

    private var environment: [String: String] {
        [
            "AZURE_CLIENT_ID": settings.clientID, "AZURE_TENANT_ID": settings.tenant,
            "AZURE_FEDERATED_TOKEN_FILE": "\(folder.path)/token",
        ]
    }

    private func credential(
        _ environment: [String: String],
        _ given: any CredentialSource = AnonymousCredentials(),
        asMachine: Bool = false
    ) async throws -> RegistryCredential? {
        let clouds = CloudIdentities(environment: environment, usesAzureManagedIdentity: asMachine)
        #expect(clouds.needsLink == (asMachine && environment["AZURE_FEDERATED_TOKEN_FILE"] == nil))
        let registries = NetworkRegistries(clouds: clouds)
        let source = registries.credentials(
            given,
            over: CloudWire(azure, isDirect: false),
            direct: CloudWire(azure, isDirect: true)
        )
        return try await source.credential(for: RepositoryName(registry: "shop.azurecr.io", path: "web"))
    }

    @Test("a workload identity is exchanged for a credential of the registry")
    func workload() async throws {
        guard case .identityToken(let token)? = try await credential(environment) else {
            Issue.record("there is no credential")
            return
        }
        #expect(azure.tokens.contains(token))
    }

    @Test("without one nobody is asked, and half of one is an error")
    func others() async throws {
        for variables in [[:], ["AZURE_CLIENT_ID": settings.clientID]] {
            #expect(try await credential(variables) == nil)
        }
        for asMachine in [false, true] {
            let error = await #expect(throws: RegistryError.self) {
                try await credential(["AZURE_FEDERATED_TOKEN_FILE": "/token"], asMachine: asMachine)
            }
            #expect(error?.code == .credentialsUnavailable)
            #expect(error?.message.contains("AZURE_CLIENT_ID is not") == true)
        }
        #expect(azure.requests.isEmpty)
    }

    @Test("the machine's identity is asked for when the settings say so, and after a workload's")
    func machine() async throws {
        for variables in [[:], ["AZURE_CLIENT_ID": settings.clientID]] {
            guard case .identityToken(let token)? = try await credential(variables, asMachine: true) else {
                Issue.record("there is no credential")
                return
            }
            #expect(azure.tokens.contains(token))
        }
        #expect(azure.requests.map(\.path).filter { $0.hasPrefix("/metadata/") }.count == 2)
        #expect(try await credential(environment, asMachine: true) != nil)
        #expect(azure.requests.map(\.path).filter { $0.hasPrefix("/metadata/") }.count == 2)
    }

    @Test("a credential of the operator's own goes first")
    func given() async throws {
        let given = SingleRegistryCredential(registry: "shop.azurecr.io", username: "a", password: "b")
        #expect(try await credential(environment, given) == .basic(username: "a", password: "b"))
        #expect(azure.requests.isEmpty)
    }
}
