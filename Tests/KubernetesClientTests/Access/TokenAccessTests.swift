import EmbeddedKubernetes
import Foundation
import JSONModel
import KubernetesAPI
import Synchronization
import Testing

@testable import KubernetesClient

/// Tokens and rights, decided by an API server with roles.
@Suite("Whose a token is, and what they may do", .timeLimit(.minutes(2)))
struct TokenAccessTests {
    private static let metrics = AccessAction(verb: "get", path: "/metrics")
    private static let prometheus = "system:serviceaccount:default:prometheus"

    /// What a test changes of the cluster while it is asked, and what it sees of the questions.
    private final class Surroundings: Sendable {
        struct State {
            var date = Date(timeIntervalSince1970: 1_800_000_000)
            var failure: TransportError?
            var gate: Gate?
            var reviews: [String] = []
        }

        let state = Mutex(State())

        var date: Date { state.withLock(\.date) }
        /// The questions since this was asked last: the last parts of their paths.
        var reviews: [String] {
            state.withLock { state in
                defer { state.reviews = [] }
                return state.reviews
            }
        }

        func observe(_ request: APIRequest) async throws {
            guard let kind = request.path.split(separator: "/").last, kind.hasSuffix("reviews") else { return }
            let (failure, gate) = state.withLock { state in
                state.reviews.append(String(kind))
                return (state.failure, state.gate)
            }
            if let failure { throw failure }
            await gate?.pass()
        }
    }

    /// Lets nobody through until it is lifted.
    private final class Gate: Sendable {
        private let stream: AsyncStream<Void>
        private let open: AsyncStream<Void>.Continuation

        init() { (stream, open) = AsyncStream.makeStream() }

        func pass() async { for await _ in stream {} }
        func lift() { open.finish() }
    }

    private struct Scene: Sendable {
        let surroundings = Surroundings()
        let clock = HandClock()
        let administrator: APIClient
        let access: TokenAccess

        /// An account `prometheus` that may get `/metrics`, and a client that may ask about it, or not.
        init(audiences: [String] = [], limits: AccessLimits = AccessLimits(), mayAsk: Bool = true) async throws {
            var configuration = ClusterConfiguration()
            configuration.tokens = [
                "prometheus": .serviceAccount("prometheus", namespace: "default"), "stranger": ClusterUser(name: "joe"),
                "nameless": ClusterUser(name: ""), "vigil": .serviceAccount("vigil", namespace: "default"),
            ]
            let surroundings = surroundings
            configuration.now = { surroundings.date }
            configuration.observer = { try await surroundings.observe($0) }
            let transport = EmbeddedCluster(configuration: configuration).transport(userAgent: "tests")
            administrator = APIClient(transport: transport, userAgent: "tests")
            access = TokenAccess(
                client: APIClient(
                    transport: mayAsk ? transport : Bearer(transport, token: "vigil"),
                    userAgent: "tests"
                ).withoutRetries,
                audiences: audiences,
                limits: limits,
                clock: clock
            )
            try await create(
                "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                #"{"metadata":{"name":"reader"},"rules":[{"nonResourceURLs":["/metrics"],"verbs":["get"]}]}"#
            )
            try await create(
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                """
                {"metadata":{"name":"reader"},
                 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"reader"},
                 "subjects":[{"kind":"ServiceAccount","name":"prometheus","namespace":"default"}]}
                """
            )
            try await create("/api/v1/namespaces/default/serviceaccounts", #"{"metadata":{"name":"prometheus"}}"#)
        }

        @discardableResult
        func create(_ path: String, _ body: String) async throws -> JSONValue {
            let headers = ["content-type": "application/json"]
            let request = APIRequest(.post, path, headers: headers, body: Array(body.utf8))
            return try JSONParser().parse(try await administrator.send(request).body)
        }

        /// A token of `prometheus` that lasts an hour.
        func token(audience: String? = nil) async throws -> String {
            let audiences = audience.map { #"["\#($0)"]"# } ?? "[]"
            let answer = try await create(
                "/api/v1/namespaces/default/serviceaccounts/prometheus/token",
                #"{"spec":{"expirationSeconds":3600,"audiences":\#(audiences)}}"#
            )
            return try #require(answer.value(at: "status", "token")?.string)
        }
    }

    /// Sends every request with a token.
    private struct Bearer: APITransport {
        let transport: any APITransport
        let token: String

        init(_ transport: any APITransport, token: String) {
            self.transport = transport
            self.token = token
        }

        private func with(_ request: APIRequest) -> APIRequest {
            var request = request
            request.headers["authorization"] = "Bearer \(token)"
            return request
        }

        func send(_ request: APIRequest) async throws -> APIResponse { try await transport.send(with(request)) }

        func stream<Result: Sendable>(
            _ request: APIRequest,
            _ body: @Sendable (APIResponseStream) async throws -> Result
        ) async throws -> Result { try await transport.stream(with(request), body) }
    }

    private static let both = ["tokenreviews", "subjectaccessreviews"]

    @Test("the owner of a token who may is let in; both answers are kept, and asked for again in time")
    func allowed() async throws {
        let scene = try await Scene()
        for _ in 0..<3 {
            let decision = try await scene.access.decision(token: "prometheus", action: Self.metrics)
            #expect(decision == .allowed(user: Self.prometheus))
        }
        #expect(scene.surroundings.reviews == Self.both)
        scene.clock.advance(by: .seconds(60))
        _ = try await scene.access.decision(token: "prometheus", action: Self.metrics)
        #expect(scene.surroundings.reviews == ["tokenreviews"])
        scene.clock.advance(by: .seconds(240))
        _ = try await scene.access.decision(token: "prometheus", action: Self.metrics)
        #expect(scene.surroundings.reviews == Self.both)
    }

    @Test("who may not is denied, by path and verb and user; the right is found when it comes")
    func denied() async throws {
        let scene = try await Scene()
        let status = AccessAction(verb: "get", path: "/status")
        #expect(try await scene.access.decision(token: "stranger", action: Self.metrics) == .denied(user: "joe"))
        #expect(try await scene.access.decision(token: "prometheus", action: status) == .denied(user: Self.prometheus))
        let head = AccessAction(verb: "head", path: "/metrics")
        #expect(try await scene.access.decision(token: "prometheus", action: head) == .denied(user: Self.prometheus))
        try await scene.create(
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            """
            {"metadata":{"name":"joe"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"reader"},
             "subjects":[{"kind":"User","name":"joe","apiGroup":"rbac.authorization.k8s.io"}]}
            """
        )
        #expect(try await scene.access.decision(token: "stranger", action: Self.metrics) == .denied(user: "joe"))
        scene.clock.advance(by: .seconds(30))
        #expect(try await scene.access.decision(token: "stranger", action: Self.metrics) == .allowed(user: "joe"))
    }

    @Test("a token that nobody has is nobody's; so is one of a user without a name")
    func unauthenticated() async throws {
        let scene = try await Scene()
        for token in ["unknown", "nameless", "a.b.c", String(repeating: "a", count: 8000)] {
            #expect(try await scene.access.decision(token: token, action: Self.metrics) == .unauthenticated)
        }
        #expect(scene.surroundings.reviews == Array(repeating: "tokenreviews", count: 4))
    }

    @Test("a token that has expired is nobody's, a minute later at the latest")
    func expired() async throws {
        let scene = try await Scene()
        let token = try await scene.token()
        let allowed = AccessDecision.allowed(user: Self.prometheus)
        #expect(try await scene.access.decision(token: token, action: Self.metrics) == allowed)
        scene.surroundings.state.withLock { $0.date.addTimeInterval(3601) }
        #expect(try await scene.access.decision(token: token, action: Self.metrics) == allowed)
        scene.clock.advance(by: .seconds(60))
        #expect(try await scene.access.decision(token: token, action: Self.metrics) == .unauthenticated)
    }

    @Test("with an audience only a token that was made for it counts, and without only one for the API server")
    func audiences() async throws {
        let scene = try await Scene(audiences: ["vigil", "other"])
        let made = try await scene.token(audience: "vigil")
        let general = try await scene.token()
        let allowed = AccessDecision.allowed(user: Self.prometheus)
        #expect(try await scene.access.decision(token: made, action: Self.metrics) == allowed)
        #expect(try await scene.access.decision(token: general, action: Self.metrics) == .unauthenticated)

        let plain = try await Scene()
        let foreign = try await plain.token(audience: "vigil")
        #expect(try await plain.access.decision(token: foreign, action: Self.metrics) == .unauthenticated)
    }

    @Test("a server that says nothing of audiences has not looked at them")
    func silentServer() async throws {
        let answer =
            #"{"kind":"TokenReview","metadata":{},"spec":{},"status":{"authenticated":true,"user":{"username":"u"}}}"#
        let transport = FakeTransport([.answer(201, answer)])
        let client = APIClient(transport: transport, userAgent: "tests")
        let access = TokenAccess(client: client, audiences: ["vigil"], clock: HandClock())
        #expect(try await access.decision(token: "t", action: Self.metrics) == .unauthenticated)
        let body = try JSONParser().parse(try #require(transport.requests.first?.body))
        #expect(body["spec"] == ["token": "t", "audiences": ["vigil"]] && body["kind"] == "TokenReview")
    }

    @Test("while the API server cannot be asked nobody is let in who is not known, and nothing is remembered of it")
    func serverDown() async throws {
        let scene = try await Scene()
        _ = try await scene.access.decision(token: "prometheus", action: Self.metrics)
        scene.surroundings.state.withLock { $0.failure = TransportError(.unreachable, "nobody is there") }
        let known = try await scene.access.decision(token: "prometheus", action: Self.metrics)
        #expect(known == .allowed(user: Self.prometheus), "what is known is known")
        scene.clock.advance(by: .seconds(60))
        for token in ["prometheus", "unknown"] {
            await #expect(throws: AccessReviewError(isRefused: false, message: "nobody is there")) {
                try await scene.access.decision(token: token, action: Self.metrics)
            }
        }
        scene.surroundings.state.withLock { $0.failure = nil }
        #expect(try await scene.access.decision(token: "unknown", action: Self.metrics) == .unauthenticated)
    }

    @Test("a client that may not ask says so, and lets nobody in")
    func mayNotAsk() async throws {
        let scene = try await Scene(mayAsk: false)
        do {
            _ = try await scene.access.decision(token: "prometheus", action: Self.metrics)
            Issue.record("a decision without a right to ask for it")
        } catch let error as AccessReviewError {
            #expect(error.isRefused)
            #expect(error.message.contains("may not create tokenreviews.authentication.k8s.io"), "\(error)")
            #expect(error.message.contains("system:serviceaccount:default:vigil"))
        }
    }

    @Test(
        "an answer that is none lets nobody in",
        arguments: ["{}", "[]", "", #"{"metadata":{},"spec":{}}"#, #"{"metadata":{},"spec":{},"status":5}"#]
    )
    func malformed(_ body: String) async throws {
        let client = APIClient(transport: FakeTransport([.answer(201, body)]), userAgent: "tests")
        await #expect(throws: AccessReviewError.self) {
            try await TokenAccess(client: client, clock: HandClock()).decision(token: "t", action: Self.metrics)
        }
    }

    @Test("what is both allowed and denied is denied; a server that says neither allows nothing")
    func contradiction() async throws {
        let user = #"{"metadata":{},"spec":{},"status":{"authenticated":true,"user":{"username":"u"}}}"#
        for status in [#"{"allowed":true,"denied":true}"#, "{}", #"{"allowed":false}"#] {
            let review = #"{"metadata":{},"spec":{},"status":\#(status)}"#
            let client = APIClient(
                transport: FakeTransport([.answer(201, user), .answer(201, review)]),
                userAgent: "tests"
            )
            let access = TokenAccess(client: client, clock: HandClock())
            #expect(try await access.decision(token: "t", action: Self.metrics) == .denied(user: "u"), "\(status)")
        }
    }

    @Test("a connection that was closed as it was used again is no reason to send anybody away")
    func staleConnection() async throws {
        let user = #"{"metadata":{},"spec":{},"status":{"authenticated":true,"user":{"username":"u"}}}"#
        let review = #"{"metadata":{},"spec":{},"status":{"allowed":true}}"#
        let client = APIClient(
            transport: FakeTransport([
                .failure(TransportError(.connectionLost, "closed")), .answer(201, user), .answer(201, review),
            ]),
            userAgent: "tests"
        )
        let access = TokenAccess(client: client, clock: HandClock())
        #expect(try await access.decision(token: "t", action: Self.metrics) == .allowed(user: "u"))
    }

    @Test("of many who show the same token at the same time one asks the API server")
    func singleFlight() async throws {
        let scene = try await Scene()
        let gate = Gate()
        scene.surroundings.state.withLock { $0.gate = gate }
        let decisions = try await withThrowingTaskGroup(of: AccessDecision.self) { group in
            for _ in 0..<50 {
                group.addTask { try await scene.access.decision(token: "prometheus", action: Self.metrics) }
            }
            while scene.access.waitingCount(for: "prometheus") < 49 { await Task.yield() }
            gate.lift()
            return try await group.reduce(into: Set<AccessDecision>()) { $0.insert($1) }
        }
        #expect(decisions == [.allowed(user: Self.prometheus)])
        #expect(scene.surroundings.reviews == Self.both)
    }

    @Test("an API server that does not answer is not waited for beyond the deadline")
    func deadline() async throws {
        let scene = try await Scene()
        scene.surroundings.state.withLock { $0.gate = Gate() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: AccessReviewError.self) {
                    try await scene.access.decision(token: "prometheus", action: Self.metrics)
                }
            }
            while scene.surroundings.state.withLock({ $0.reviews.isEmpty }) { await Task.yield() }
            while !scene.clock.hasSleepers { await Task.yield() }
            scene.clock.advance(by: .seconds(10))
            try await group.waitForAll()
        }
    }
}
