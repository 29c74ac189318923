import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import KubernetesClient
import OutboundHTTP
import Testing

/// The client and the server together: what one says in header fields the other must read as it was meant.
@Suite("Acting as somebody else", .timeLimit(.minutes(5)))
struct ImpersonationTests {
    private static let somebody = Impersonation(
        user: "joe, the admin",
        groups: ["a, b", "c"],
        extra: ["example.com/team": ["blue, green", "red"]]
    )

    private static let known: JSONValue = [
        "username": "joe, the admin", "groups": ["a, b", "c", "system:authenticated"],
        "extra": ["example.com/team": ["blue, green", "red"]],
    ]

    /// Whom the server takes the sender of a request for.
    private func user(_ transport: any APITransport) async throws -> JSONValue {
        let review = #"{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}"#
        let request = APIRequest(
            .post,
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            headers: ["content-type": "application/json"],
            body: Array(review.utf8)
        )
        let client = APIClient(transport: transport, userAgent: "tests/1").acting(as: Self.somebody)
        let answer = try JSONParser().parse(try await client.send(request).body)
        return answer.value(at: "status", "userInfo") ?? .null
    }

    @Test("a group whose name holds a comma is one group, over HTTP")
    func overHTTP() async throws {
        let server = EmbeddedAPIServer(cluster: EmbeddedCluster())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            let url = try OutboundURL("http://127.0.0.1:\(try await server.boundPort())")
            let transport = try HTTPAPITransport(.init(server: url, source: "the test"))
            do {
                let found = try await user(transport)
                #expect(found == Self.known)
            } catch {
                await transport.shutdown()
                throw error
            }
            await transport.shutdown()
        }
    }

    @Test("a group whose name holds a comma is one group, in the same process")
    func inProcess() async throws {
        let found = try await user(EmbeddedCluster().transport(userAgent: "tests/1"))
        #expect(found == Self.known)
    }
}
