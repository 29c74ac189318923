import ImageTrust
import OCIModel
import OCIRegistry
import OutboundHTTP
import Synchronization
import Testing

@testable import VigilCommand

@Suite("Clients of registries for each credential")
struct CredentialedClientsTests {
    /// Demands Basic authentication of everybody, and writes down what it is shown by whom it is asked.
    private final class Demanding: HTTPExchange {
        let shown = Mutex<[String]>([])

        func send(_ request: OutboundRequest, limit: BodyLimit) async throws(OutboundError) -> OutboundResponse {
            shown.withLock { $0.append("\(request.url.host) \(request.headers["authorization"] ?? "nothing")") }
            return OutboundResponse(status: 401, headers: ["www-authenticate": "Basic realm=\"x\""], body: [])
        }

        func stream<Result: Sendable>(
            _ request: OutboundRequest,
            _ body: @Sendable (OutboundResponseStream) async throws -> Result
        ) async throws -> Result {
            throw OutboundError(.unreachable, "not streamed")
        }
    }

    private static func clients(_ http: any HTTPExchange) -> CredentialedClients {
        CredentialedClients(
            http: http,
            configuration: RegistryConfiguration(),
            traffic: RegistryTraffic(),
            clock: ContinuousClock()
        )
    }

    @Test("a credential is shown to its own registry and to no other, and no error shows it")
    func ownHost() async throws {
        let http = Demanding()
        let registry = Self.clients(http).registry(
            at: "r.example",
            with: .basic(username: "alice", password: "s3cr3t-alice")
        )
        for host in ["r.example", "other.example"] {
            await #expect {
                _ = try await registry.resolve(ImageReference("\(host)/a:v1"))
            } throws: { error in
                (error as? RegistryError)?.code == .unauthorized && !"\(error)".contains("s3cr3t")
            }
        }
        #expect(
            http.shown.withLock(\.self) == [
                "r.example nothing", "r.example Basic YWxpY2U6czNjcjN0LWFsaWNl", "other.example nothing",
            ]
        )
    }

    @Test("each credential has a client of its own, which is kept while it is used, and their number is bounded")
    func kept() throws {
        let clients = Self.clients(Demanding())
        func client(_ host: String, _ number: Int) throws -> ObjectIdentifier {
            let registry = clients.registry(at: host, with: .accessToken("\(number)"))
            return ObjectIdentifier(try #require(registry as? RegistryClient))
        }
        let first = try client("r.example", 0)
        #expect(try client("r.example", 0) == first)
        #expect(try client("r.example", 1) != first)
        #expect(try client("other.example", 0) != first)
        for number in 0..<2 * CredentialedClients.capacity {
            _ = try client("r.example", number)
            #expect(try client("r.example", 0) == first)
        }
        #expect(clients.count <= CredentialedClients.capacity)
    }
}
