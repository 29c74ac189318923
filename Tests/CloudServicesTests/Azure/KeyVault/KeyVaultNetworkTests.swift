import EmbeddedClouds
import FoundationEssentials
import OutboundHTTP
import SigningTestKit
import TestCertificates
import Testing

@testable import CloudServices

/// The same over sockets and TLS, as the program does it.
@Suite(.timeLimit(.minutes(2))) struct KeyVaultNetworkTests {
    /// Runs `body` with a vault on this machine and a client that trusts `roots`.
    private func withVault(
        trusts: Bool,
        _ body: (AzureScene, KeyVaultClient, KeyVaultCertificate) async throws -> Void
    ) async throws {
        let authority = try TestAuthority()
        let leaf = try authority.issue(addresses: [[127, 0, 0, 1]])
        let scene = AzureScene()
        try await CloudServer.with(
            scene.azure,
            certificatePEM: leaf.certificate,
            keyPEM: leaf.key
        ) { server in
            let access = AzureAccess(additionalHosts: [server.authority])
            var environment = scene.environment
            environment["AZURE_AUTHORITY_HOST"] = "https://\(server.authority)/"
            let identity = try AzureIdentity(environment: environment, access: access)
            var configuration = OutboundConfiguration()
            if trusts { configuration.tls.roots = .only(pem: Array(try authority.pem.utf8)) }
            try await OutboundHTTPClient.with(configuration) { http in
                let surroundings = CloudSurroundings(
                    http: http,
                    direct: http,
                    clock: scene.time.clock,
                    now: { scene.time.now },
                    readFile: { path, _ in try scene.files.read(path) }
                )
                let certificate = try KeyVaultCertificate(
                    vaultURI: "https://\(server.authority)",
                    name: "wabbit",
                    access: access
                )
                try await body(scene, KeyVaultClient(AzureTokens(identity, surroundings)), certificate)
            }
        }
    }

    @Test("a vault is read over TLS, and every field of every request is right")
    func read() async throws {
        try await withVault(trusts: true) { scene, client, certificate in
            let chain = try TestChain.selfSigned()
            let version = AzureVault.Version(
                AzureScene.first,
                chainPEM: chain.leaf.pem,
                leaf: Data(chain.leaf.der).base64EncodedString(),
                created: 1
            )
            scene.azure.updateVault(certificate.host) { $0.certificates["wabbit"] = [version] }
            let reading = try await client.read(certificate)
            #expect(reading.certificates == [chain.leaf.der])
            #expect(scene.azure.requests.count == 3)
            #expect(scene.azure.requests.allSatisfy { $0.headers["user-agent"] == OutboundConfiguration().userAgent })
        }
    }

    @Test("a server that nobody vouches for is given nothing")
    func stranger() async throws {
        try await withVault(trusts: false) { scene, client, certificate in
            let error = await #expect(throws: CloudError.self) { try await client.read(certificate) }
            #expect(error?.code == .unreachable)
            #expect(scene.azure.requests.isEmpty)
        }
    }
}
