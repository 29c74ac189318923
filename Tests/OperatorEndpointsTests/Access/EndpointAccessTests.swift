import Synchronization
import Testing

@testable import OperatorEndpoints

/// Who is answered where a token is asked for.
@Suite("Endpoints that ask for a token", .timeLimit(.minutes(10)))
struct EndpointAccessTests {
    /// Decides by a table, and counts.
    private final class Decisions: EndpointAccess {
        private let asked = Mutex<[String]>([])
        var questions: [String] { asked.withLock(\.self) }

        func decision(token: String, path: String) async -> EndpointDecision {
            asked.withLock { $0.append("\(token) \(path)") }
            switch token {
            case "good": return .allowed
            case "joe": return .denied(user: "joe\u{1B}[2J\"<script>")
            case "down": return .undecided("the API server could not be asked")
            default: return .unauthenticated
            }
        }
    }

    private static let endpoints =
        Endpoint.health([HealthCheck("works") { nil }], at: "readyz")
        + [Endpoint(path: "/metrics") { _ in Endpoint.Answer(body: Array("figures".utf8)) }]

    private func answer(
        _ method: String = "GET",
        _ path: String,
        _ headers: [String] = [],
        _ access: any EndpointAccess
    ) async throws -> String {
        try await ServedEndpoints.with(Self.endpoints, access: access) { port in
            let lines = ["\(method) \(path) HTTP/1.1", "host: a", "connection: close"] + headers
            return try await RawClient.response(lines.joined(separator: "\r\n") + "\r\n\r\n", port: port)
        }
    }

    @Test("probes are answered without a token, and nobody is asked about them")
    func open() async throws {
        let access = Decisions()
        for path in ["/readyz", "/readyz?verbose", "/readyz/works"] {
            #expect(try await answer("GET", path, [], access).hasPrefix("HTTP/1.1 200 OK\r\n"), "\(path)")
        }
        let shown = try await answer("GET", "/readyz", ["authorization: Bearer stranger"], access)
        #expect(shown.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(access.questions.isEmpty)
    }

    @Test("with a good token what is there is answered, and no cache between may keep it")
    func allowed() async throws {
        for method in ["GET", "HEAD"] {
            let access = Decisions()
            let answer = try await answer(method, "/metrics?x=1", ["authorization: Bearer good"], access)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.lowercased().contains("private, no-cache"))
            #expect(answer.hasSuffix("figures") == (method == "GET"))
            #expect(access.questions == ["good /metrics"])
        }
    }

    @Test(
        "a browser gives the token as a password: it is asked for it in every answer that is none, and counted as any"
    )
    func browser() async throws {
        let access = Decisions()
        // me:good
        let good = try await answer("GET", "/metrics", ["authorization: Basic bWU6Z29vZA=="], access)
        #expect(good.hasPrefix("HTTP/1.1 200 OK\r\n") && access.questions == ["good /metrics"])
        for headers in [
            [], ["authorization: Basic bWU6YmFk"], ["authorization: Basic ?"], ["authorization: Bearer bad"],
        ] {
            let answer = try await answer("GET", "/metrics", headers, Decisions())
            #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n") && !answer.contains("figures"), "\(answer)")
            let lines = answer.lowercased().split(separator: "\r\n").filter { $0.hasPrefix("www-authenticate: ") }
            #expect(lines.count == 2 && lines.last == #"www-authenticate: basic realm="vigil", charset="utf-8""#)
        }
    }

    @Test(
        "without one it is 401 with a challenge, and nothing of what is there",
        arguments: [
            ([], "Bearer realm=\"vigil\"\r\n"), (["authorization: Basic YTpi"], "error=\"invalid_token\""),
            (["authorization: Basic YQ=="], "error=\"invalid_request\""),
            (["authorization: Bearer a b"], "error=\"invalid_request\""),
            (["authorization: Bearer good", "authorization: Bearer good"], "error=\"invalid_request\""),
            (["authorization: Bearer stranger"], "error=\"invalid_token\""),
            (["x-remote-user: system:admin"], "Bearer realm=\"vigil\"\r\n"),
            (["proxy-authorization: Bearer good"], "Bearer realm=\"vigil\"\r\n"),
        ]
    )
    func unauthorized(headers: [String], challenge: String) async throws {
        for method in ["GET", "HEAD"] {
            let answer = try await answer(method, "/metrics", headers, Decisions())
            #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"), "\(answer)")
            #expect(answer.lowercased().contains("www-authenticate: bearer realm=\"vigil\""))
            #expect(answer.contains(challenge) && !answer.contains("figures"), "\(answer)")
        }
    }

    @Test(
        "what is served is read with one of few rights: nothing below /api, which every user may get, and a page with all of it"
    )
    func rights() {
        let results = Endpoint.results(KnownResults())
        #expect(results.contains { $0.path.hasPrefix("/api") })
        for endpoint in results + [.bulkSign(KnownResults())] + Endpoint.statusPage(KnownResults()) {
            let right = endpoint.right ?? endpoint.path
            #expect(["/results", "/status", "/bulk_sign"].contains(right) && !endpoint.isOpen, "\(endpoint.path)")
        }
    }

    @Test("a token in the query is no token")
    func query() async throws {
        let access = Decisions()
        let answer = try await answer("GET", "/metrics?access_token=good&token=good", [], access)
        #expect(answer.hasPrefix("HTTP/1.1 401 ") && access.questions.isEmpty)
    }

    @Test("who may not is told so with 403, and the name is shown without control characters")
    func denied() async throws {
        let answer = try await answer("GET", "/metrics", ["authorization: Bearer joe"], Decisions())
        #expect(answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n") && !answer.contains("figures"))
        #expect(!answer.contains("\u{1B}") && answer.contains("joe\u{FFFD}[2J") && answer.contains("text/plain"))
    }

    @Test("when it cannot be found out nobody is let in: 503, and when to come back")
    func undecided() async throws {
        let answer = try await answer("GET", "/metrics", ["authorization: Bearer down"], Decisions())
        #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n") && !answer.contains("figures"))
        #expect(answer.lowercased().contains("retry-after: 5\r\n") && answer.contains("could not be asked"))
    }

    @Test("other paths and methods are refused as ever, and cost no question")
    func elsewhere() async throws {
        let access = Decisions()
        for path in ["/", "/Metrics", "/metrics/", "//metrics", "/metrics%00", "/%6detrics", "/readyz/../metrics"] {
            let answer = try await answer("GET", path, ["authorization: Bearer good"], access)
            #expect(answer.hasPrefix("HTTP/1.1 404 ") && !answer.contains("figures"), "\(path)")
        }
        let posted = try await answer("POST", "/metrics", ["authorization: Bearer good"], access)
        #expect(posted.hasPrefix("HTTP/1.1 405 "))
        #expect(access.questions.isEmpty)
    }

    @Test("a token that is too long, or holds what no header may, is never asked about")
    func hostile() async throws {
        let access = Decisions()
        for value in [String(repeating: "a", count: 9000), String(repeating: "a", count: 30_000), "a\u{0}b", "a\u{7}b"]
        {
            let answer = try await answer("GET", "/metrics", ["authorization: Bearer \(value)"], access)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
        }
        #expect(access.questions.isEmpty)
    }
}
