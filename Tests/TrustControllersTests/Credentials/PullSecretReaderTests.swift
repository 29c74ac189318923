import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import OCIModel
import OCIRegistry
import Synchronization
import Testing

@testable import TrustControllers

@Suite("Reading pull secrets")
struct PullSecretReaderTests {
    /// A cluster with one answer to everything, which writes down what it was asked.
    private final class OneAnswer: APITransport {
        let answer = Mutex<(status: Int, body: String)>((404, "{}"))
        let asked = Mutex<[String]>([])

        func send(_ request: APIRequest) async throws -> APIResponse {
            asked.withLock { $0.append("\(request.method.rawValue) \(request.path)") }
            let (status, body) = answer.withLock(\.self)
            return APIResponse(status: status, headers: ["content-type": "application/json"], body: Array(body.utf8))
        }

        func stream<Result: Sendable>(
            _ request: APIRequest,
            _ body: @Sendable (APIResponseStream) async throws -> Result
        ) async throws -> Result {
            throw TransportError(.unreachable, "not streamed")
        }
    }

    private let cluster = OneAnswer()
    private let source = PullSecretReader.Source.secret(namespace: "shop", name: "regcred")
    private static let path = "/api/v1/namespaces/shop/secrets/regcred"

    private static func secret(_ user: String) -> String {
        let entries = #"{"r.example":{"username":"\#(user)","password":"p"}}"#
        let data = Data(entries.utf8).base64EncodedString()
        return """
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"regcred","namespace":"shop"},\
            "type":"kubernetes.io/dockercfg","data":{".dockercfg":"\(data)"}}
            """
    }

    private func reader() -> PullSecretReader {
        let client = APIClient(transport: cluster, userAgent: "tests/1").withoutRetries
        return PullSecretReader(client: client, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The users in the secret, or why there are none, `seconds` after the beginning.
    private func read(_ reader: PullSecretReader, after seconds: Double) async throws -> String {
        let now = Date(timeIntervalSince1970: 1_780_272_000 + seconds)
        switch try await reader.content(of: source, now: { now }) {
        case .keyring(let keyring):
            return keyring.credentials(for: try RepositoryName("r.example/a")).map(\.description).joined()
        case .unusable(let clause): return clause
        case .references(let names): return names.joined()
        }
    }

    @Test("a secret is read by its name, and again after a minute")
    func life() async throws {
        let reader = reader()
        cluster.answer.withLock { $0 = (200, Self.secret("alice")) }
        #expect(try await read(reader, after: 0) == "user alice")
        cluster.answer.withLock { $0 = (200, Self.secret("bob")) }
        #expect(try await read(reader, after: 59.9) == "user alice")
        #expect(cluster.asked.withLock(\.self) == ["GET \(Self.path)"])
        #expect(try await read(reader, after: 60) == "user bob")
        #expect(cluster.asked.withLock(\.self) == ["GET \(Self.path)", "GET \(Self.path)"])
        // A clock that was set back says nothing about age.
        cluster.answer.withLock { $0 = (200, Self.secret("carol")) }
        #expect(try await read(reader, after: -10) == "user carol")
    }

    @Test("what is missing or forbidden is asked for again after ten seconds", arguments: [404, 403])
    func failures(status: Int) async throws {
        let reader = reader()
        cluster.answer.withLock { $0 = (status, "{}") }
        let clause = try await read(reader, after: 0)
        #expect(clause.hasPrefix("pull secret shop/regcred "))
        cluster.answer.withLock { $0 = (200, Self.secret("alice")) }
        #expect(try await read(reader, after: 9.9) == clause)
        #expect(try await read(reader, after: 10) == "user alice")
    }

    @Test("a cluster that cannot be asked is an error, and nothing is remembered of it")
    func outage() async throws {
        let reader = reader()
        cluster.answer.withLock { $0 = (500, "{}") }
        await #expect(throws: APIError.self) { try await read(reader, after: 0) }
        cluster.answer.withLock { $0 = (200, Self.secret("alice")) }
        #expect(try await read(reader, after: 0) == "user alice")
    }

    @Test(
        "content that an API server should not have taken is named, and nothing of it is shown",
        arguments: [
            ("other", "{}", "has no key .dockerconfigjson"), (".dockerconfigjson", "s3cr3t-z", "holds no JSON object"),
            (".dockerconfigjson", "", "holds no JSON object"),
        ]
    )
    func unusable(key: String, content: String, expected: String) async throws {
        let data = Data(content.utf8).base64EncodedString()
        let body = """
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"regcred","namespace":"shop"},\
            "type":"kubernetes.io/dockerconfigjson","data":{"\(key)":"\(data)"}}
            """
        cluster.answer.withLock { $0 = (200, body) }
        let clause = try await read(reader(), after: 0)
        #expect(clause.contains(expected) && clause.contains("shop/regcred") && !clause.contains("s3cr3t"), "\(clause)")
    }

    @Test("many who ask at once are answered by one request")
    func together() async throws {
        let reader = reader()
        cluster.answer.withLock { $0 = (200, Self.secret("alice")) }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await read(reader, after: 0) } }
            for try await user in group { #expect(user == "user alice") }
        }
        #expect(cluster.asked.withLock(\.count) == 1)
    }
}
