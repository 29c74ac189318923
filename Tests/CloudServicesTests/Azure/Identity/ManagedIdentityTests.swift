import EmbeddedClouds
import FoundationEssentials
import Testing

@testable import CloudServices

/// Tokens of the machine's metadata service.
struct ManagedIdentityTests {
    @Test("the exact request is made, by no proxy, with and without the identifier of one identity")
    func exchange() async throws {
        for environment in [[:], ["AZURE_CLIENT_ID": AzureSettings().clientID]] {
            let scene = AzureScene()
            let tokens = try scene.tokens(environment)
            let token = try await tokens.token(for: .vaults(of: .global))
            #expect(token.expires == Date(timeIntervalSince1970: Double(AzureScene.start + 86_399)))
            scene.advance(by: 86_399 - 301)
            #expect(try await tokens.token(for: .vaults(of: .global)) == token)
            scene.advance(by: 2)
            #expect(try await tokens.token(for: .vaults(of: .global)) != token)
            #expect(scene.azure.requests.count == 2)
            #expect(scene.azure.requests.allSatisfy { $0.host == "169.254.169.254" && !$0.isEncrypted })
            #expect(scene.files.reads == 0)
        }
    }

    @Test("an identity that the machine does not have is a final refusal")
    func unknown() async throws {
        let scene = AzureScene()
        scene.azure.update { $0.hasManagedIdentity = false }
        let tokens = try scene.tokens([:])
        let error = await #expect(throws: CloudError.self) { try await tokens.token(for: .vaults(of: .global)) }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains("Identity not found") == true)
        #expect(scene.azure.requests.count == 1)
    }

    @Test("a metadata service that is being updated is asked again", arguments: [404, 410, 429, 500, 503])
    func updates(_ status: Int) async throws {
        let scene = AzureScene()
        scene.azure.fail("/metadata", count: 2, with: CloudAnswer(status))
        _ = try await scene.tokens([:]).token(for: .vaults(of: .global))
        #expect(scene.azure.requests.count == 3)
    }

    @Test("elsewhere than on Azure it is said at once that there is no identity")
    func elsewhere() async throws {
        let scene = AzureScene()
        scene.azure.fail("/metadata", count: 9, with: CloudAnswer(0))
        let tokens = try scene.tokens([:])
        let error = await #expect(throws: CloudError.self) { try await tokens.token(for: .vaults(of: .global)) }
        #expect(error?.message.hasPrefix("there is no identity to ask Azure with: AZURE_FEDERATED_TOKEN_FILE") == true)
        #expect(scene.azure.requests.count == 1)
    }
}
