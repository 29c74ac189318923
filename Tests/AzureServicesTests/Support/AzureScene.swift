import EmbeddedAzure
import FoundationEssentials
import JSONModel
import OperatorTestKit
import OutboundHTTP
import SigningTestKit
import Synchronization
import TestTiming

@testable import AzureServices

/// The services of Azure and a client that reaches them without a network.
struct AzureScene: Sendable {
    static let start: Int64 = 1_780_272_000
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

    var surroundings: AzureSurroundings {
        let files = files
        let time = time
        return AzureSurroundings(
            http: AzureWire(azure, isDirect: false),
            direct: AzureWire(azure, isDirect: true),
            clock: time.clock,
            now: { time.now },
            readFile: { path, _ in try files.read(path) }
        )
    }

    /// The tokens of an identity; answers are held back until `gate` opens.
    func tokens(_ environment: [String: String]? = nil, gate: Latch? = nil) throws -> AzureTokens {
        var surroundings = surroundings
        if let gate {
            surroundings = AzureSurroundings(
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

/// Files that a test writes.
final class FileBox: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private let files = Mutex<[String: String]>([:])
    private let count = Mutex(0)

    var reads: Int { count.withLock(\.self) }

    func write(_ path: String, _ text: String?) { files.withLock { $0[path] = text } }

    func read(_ path: String) throws -> [UInt8] {
        count.withLock { $0 += 1 }
        guard let text = files.withLock({ $0[path] }) else { throw Missing(description: "\(path) does not exist") }
        return Array(text.utf8)
    }
}

/// The present of a scene: a wall clock that tests move, and a clock on which pauses take no time and are kept.
final class SceneTime: Sendable {
    private let seconds = Mutex(AzureScene.start)
    let clock = PausesClock()

    var now: Date { Date(timeIntervalSince1970: Double(seconds.withLock(\.self))) }

    func advance(by seconds: Int64) { self.seconds.withLock { $0 += seconds } }
}

/// A clock on which everything is due at once, which moves by what was slept.
final class PausesClock: Clock, Sendable {
    private let state = Mutex<(now: ContinuousClock.Instant, pauses: [Duration])>((.now, []))

    var pauses: [Duration] { state.withLock(\.pauses) }
    var now: ContinuousClock.Instant { state.withLock(\.now) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.pauses.append(state.now.duration(to: deadline))
            state.now = max(state.now, deadline)
        }
    }
}

/// Holds answers back until a gate opens.
private struct HeldWire: HTTPExchange {
    let wire: any HTTPExchange
    let gate: Latch

    func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
        let response = try await wire.send(request, limit: limit)
        await gate.wait()
        return response
    }

    func stream<Result: Sendable>(
        _ request: OutboundRequest,
        _ body: @Sendable (OutboundResponseStream) async throws -> Result
    ) async throws -> Result {
        try await wire.stream(request, body)
    }
}
