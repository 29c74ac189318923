import EmbeddedClouds
import Foundation
import JSONModel
import SigningTestKit
import TestCertificates
import TrustResources

/// A vault on a port of loopback, and what a process needs to read it as a workload does: a token of the cluster that the
/// identity service at the same port takes, and the authority that vouches for both.
struct ServedVault: Sendable {
    /// The name of the one certificate.
    static let certificate = "wabbit"
    /// The versions that the certificate can have, oldest first.
    static let versions = (1...2).map { String(repeating: "\($0)", count: 32) }

    let azure: EmbeddedAzure
    /// `127.0.0.1:port`.
    let authority: String
    /// The token of the cluster.
    let assertion: String
    private let workspace: Workspace

    /// Runs `body` with an empty vault.
    static func with(_ workspace: Workspace, _ body: (ServedVault) async throws -> Void) async throws {
        let issuer = try TestAuthority()
        let leaf = try issuer.issue(addresses: [[127, 0, 0, 1]])
        try workspace.write(try issuer.pem, to: "vault-ca.pem")
        let now = Int64(Date().timeIntervalSince1970)
        let token = assertion(until: now + 3600)
        try workspace.write("\(token)\n", to: "assertion")
        let azure = EmbeddedAzure(seconds: now)
        try await CloudServer.with(azure, certificatePEM: leaf.certificate, keyPEM: leaf.key) { server in
            try await body(
                ServedVault(azure: azure, authority: server.authority, assertion: token, workspace: workspace)
            )
        }
    }

    /// A token as the cluster issues it for the operator's service account.
    private static func assertion(until end: Int64) -> String {
        let settings = AzureSettings()
        let claims: JSONValue = [
            "iss": .string(settings.issuer), "aud": "api://AzureADTokenExchange", "sub": .string(settings.subject),
            "exp": .integer(end),
        ]
        return "eyJhbGciOiJSUzI1NiJ9.\(JWSRecipe.base64URL(JSONSerializer().bytes(claims))).c2lnbmF0dXJl"
    }

    // MARK: - For the process

    /// What the webhook of Azure Workload Identity would put into the pod.
    var environment: [String: String] {
        let settings = AzureSettings()
        return [
            "AZURE_CLIENT_ID": settings.clientID, "AZURE_TENANT_ID": settings.tenant,
            "AZURE_FEDERATED_TOKEN_FILE": "\(workspace.path)/assertion",
            "AZURE_AUTHORITY_HOST": "https://\(authority)/",
        ]
    }

    /// What has the process take this vault for one of Azure's.
    var arguments: [String] {
        ["--azure-allow-host", authority, "--registry-ca-file", "\(workspace.path)/vault-ca.pem"]
    }

    /// The certificate as policies name it.
    var source: CertificateSource {
        CertificateSource(
            azureKeyVault: KeyVaultSource(vaultURI: "https://\(authority)", name: Self.certificate)
        )
    }

    // MARK: - What is in it

    /// Adds a version of the certificate, a self-signed one in PEM.
    func put(_ pem: String, _ version: Int) {
        let leaf = pem.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
        let entry = AzureVault.Version(Self.versions[version], chainPEM: pem, leaf: leaf, created: Int64(version))
        azure.updateVault(authority) { $0.certificates[Self.certificate, default: []].append(entry) }
    }

    /// Disables a version.
    func disable(_ version: Int) {
        azure.updateVault(authority) { $0.certificates[Self.certificate]?[version].isEnabled = false }
    }

    // MARK: - What was asked

    /// The path of the list of versions.
    static let list = "/certificates/\(certificate)/versions"

    /// The path of a version with its chain.
    static func secret(_ version: Int) -> String { "/secrets/\(certificate)/\(versions[version])" }

    /// The paths that were asked for.
    var paths: Set<String> { Set(azure.requests.map(\.path)) }

    /// What proves who the process is: nobody may be shown it.
    var secrets: Set<String> { azure.tokens.union([assertion]) }
}
