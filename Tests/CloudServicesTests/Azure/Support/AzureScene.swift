import EmbeddedClouds
import FoundationEssentials
import JSONModel
import OperatorTestKit
import OutboundHTTP
import SigningTestKit
import TestTiming

@testable import CloudServices

/// The services of Azure and a client that reaches them without a network.
struct AzureScene: Sendable {
    static let start = SceneTime.start
    static let vault = "shop.vault.azure.net"
    static let tokenFile = "/var/run/secrets/azure/tokens/azure-identity-token"
    static let first = "002ade539442463aba45c0efb42e3e84"
    static let second = "7fcb3e9eb8bf43f3a6ff4b9c3740801d"

    let azure = EmbeddedAzure(seconds: start)
    let settings = AzureSettings()
    let files = FileBox()
    let time = SceneTime()

    init() { writeAssertion() }

    /// The environment that the webhook of Azure Workload Identity makes.
    var environment: [String: String] {
        [
            "AZURE_CLIENT_ID": settings.clientID, "AZURE_TENANT_ID": settings.tenant,
            "AZURE_FEDERATED_TOKEN_FILE": Self.tokenFile,
            "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/",
        ]
    }

    var surroundings: CloudSurroundings {
        let files = files
        let time = time
        return CloudSurroundings(
            http: CloudWire(azure, isDirect: false),
            direct: CloudWire(azure, isDirect: true),
            clock: time.clock,
            now: { time.now },
            readFile: { path, _ in try files.read(path) }
        )
    }

    /// The tokens of an identity; answers are held back until `gate` opens.
    func tokens(_ environment: [String: String]? = nil, gate: Latch? = nil) throws -> AzureTokens {
        var surroundings = surroundings
        if let gate {
            surroundings = CloudSurroundings(
                http: HeldWire(wire: surroundings.http, gate: gate),
                direct: surroundings.direct,
                clock: surroundings.clock,
                now: surroundings.now,
                readFile: surroundings.readFile
            )
        }
        return AzureTokens(try AzureIdentity(environment: environment ?? self.environment), surroundings)
    }

    func client() throws -> KeyVaultClient { KeyVaultClient(try tokens()) }

    func advance(by seconds: Int64) {
        azure.advance(by: seconds)
        time.advance(by: seconds)
    }

    /// Writes the service account's token, as the kubelet does from time to time.
    func writeAssertion(_ change: (inout [String: JSONValue]) -> Void = { _ in }) {
        var claims: [String: JSONValue] = [
            "iss": .string(settings.issuer), "aud": "api://AzureADTokenExchange", "sub": .string(settings.subject),
            "exp": .integer(Self.start + 3600),
        ]
        change(&claims)
        let body = JWSRecipe.base64URL(JSONSerializer().bytes(.object(claims)))
        files.write(Self.tokenFile, "eyJhbGciOiJSUzI1NiJ9.\(body).c2lnbmF0dXJl\n")
    }

    /// Puts a version into the vault.
    func put(
        _ chain: TestChain,
        _ version: String = first,
        name: String = "wabbit",
        created: Int64 = start,
        _ change: (inout AzureVault.Version) -> Void = { _ in }
    ) {
        var entry = AzureVault.Version(
            version,
            chainPEM: chain.certificates.map(\.pem).joined(),
            leaf: Data(chain.leaf.der).base64EncodedString(),
            created: created
        )
        change(&entry)
        azure.updateVault(Self.vault) { $0.certificates[name, default: []].append(entry) }
    }

    func certificate(_ versions: [String] = []) throws -> KeyVaultCertificate {
        try KeyVaultCertificate(vaultURI: "https://\(Self.vault)", name: "wabbit", versions: versions)
    }

    /// The paths that were asked of the vault.
    var vaultPaths: [String] { azure.requests.filter { $0.host == Self.vault }.map(\.path) }
}
