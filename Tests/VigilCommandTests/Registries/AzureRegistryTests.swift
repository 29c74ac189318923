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
        _ given: any CredentialSource = AnonymousCredentials()
    ) async throws -> RegistryCredential? {
        let registries = NetworkRegistries(clouds: CloudIdentities(environment: environment))
        let source = registries.credentials(given, over: CloudWire(azure, isDirect: false))
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

    @Test("without one, with half of one and as the machine nobody is asked")
    func others() async throws {
        for variables in [[:], ["AZURE_CLIENT_ID": settings.clientID], ["AZURE_FEDERATED_TOKEN_FILE": "/token"]] {
            #expect(try await credential(variables) == nil)
        }
        #expect(azure.requests.isEmpty)
    }

    @Test("a credential of the operator's own goes first")
    func given() async throws {
        let given = SingleRegistryCredential(registry: "shop.azurecr.io", username: "a", password: "b")
        #expect(try await credential(environment, given) == .basic(username: "a", password: "b"))
        #expect(azure.requests.isEmpty)
    }
}
