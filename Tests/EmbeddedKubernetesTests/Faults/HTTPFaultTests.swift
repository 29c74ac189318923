import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OutboundHTTP
import TestTiming
import Testing

@Suite("Faults over HTTP", .timeLimit(.minutes(5)))
struct HTTPFaultTests {
    private struct Scene: Sendable {
        let plan: FaultPlan
        let cluster: EmbeddedCluster
        let transport: HTTPAPITransport

        func list(timeout: Duration? = nil) async throws -> APIResponse {
            try await transport.send(APIRequest(.get, FaultFixture.maps, timeout: timeout))
        }

        func create(_ name: String) async throws {
            let body: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)]]
            _ = try await transport.send(
                APIRequest(
                    .post,
                    FaultFixture.maps,
                    headers: ["content-type": "application/json"],
                    body: JSONSerializer().bytes(body)
                )
            )
        }

        /// Watches until the watch ends or fails, whatever comes first.
        func watch(_ pieces: PieceLog, seconds: Int = 3600) async -> TransportError? {
            let query: [APIRequest.QueryItem] = [.init("watch", "true"), .init("timeoutSeconds", "\(seconds)")]
            do {
                try await transport.stream(APIRequest(.get, FaultFixture.maps, query: query)) { answer in
                    for try await piece in answer.body { pieces.append(piece) }
                }
                return nil
            } catch {
                return error as? TransportError
            }
        }
    }

    private func with(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        let plan = FaultPlan()
        var configuration = ClusterConfiguration()
        configuration.faults = plan
        let cluster = EmbeddedCluster(configuration: configuration)
        let server = EmbeddedAPIServer(cluster: cluster, client: "over-http")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            let url = try OutboundURL("http://127.0.0.1:\(try await server.boundPort())")
            let transport = try HTTPAPITransport(.init(server: url, source: "the test"))
            do {
                try await body(Scene(plan: plan, cluster: cluster, transport: transport))
            } catch {
                await transport.shutdown()
                throw error
            }
            await transport.shutdown()
        }
    }

    @Test("A reset is a closed connection: before the commit nothing is stored, after it everything is")
    func reset() async throws {
        try await with { scene in
            for (moment, name) in [(FaultMoment.beforeCommit, "a"), (.afterCommit, "b")] {
                let id = scene.plan.add(FaultMatch([.create]), .reset(moment))
                await #expect(throws: TransportError.self) { try await scene.create(name) }
                scene.plan.remove(id)
            }
            let names = try FaultFixture.names(try await scene.list())
            #expect(names == ["b"])
            #expect(scene.plan.requests.allSatisfy { $0.request.client == "over-http" })
        }
    }

    @Test("Statuses, truncation and a black hole that the client leaves")
    func answers() async throws {
        try await with { scene in
            let refusal = scene.plan.add(.everything, .status(429, "TooManyRequests", retryAfter: 3))
            let refused = try await scene.list()
            #expect(refused.status == 429 && refused.headers["retry-after"] == "3")
            scene.plan.remove(refusal)
            let truncation = scene.plan.add(.everything, .truncate(atByte: 20))
            await #expect(throws: TransportError.self) { try await scene.list() }
            scene.plan.remove(truncation)
            scene.plan.add(.everything, .blackHole(.beforeCommit))
            do {
                _ = try await scene.list(timeout: .milliseconds(200))
                Issue.record("the black hole answered")
            } catch let error as TransportError {
                #expect(error.code == .timedOut)
            }
            // The server notices that the client has gone.
            try await scene.plan.wait { $0.requests.last?.outcome != .pending }
        }
    }

    @Test("A watch is cut into bytes, freezes, and breaks")
    func watches() async throws {
        try await with { scene in
            let split = scene.plan.add(FaultMatch([.watch]), .split(.every(1)))
            let pieces = PieceLog()
            async let error = scene.watch(pieces)
            try await scene.plan.wait { $0.openStreams() == 1 }
            try await scene.create("a")
            while !pieces.text.hasSuffix("}\n") { await Task.yield() }
            scene.plan.remove(split)
            let frozen = scene.plan.add(FaultMatch([.watch]), .freeze())
            try await scene.create("b")
            #expect(!pieces.text.contains(#""name":"b""#))
            scene.plan.remove(frozen)
            while !pieces.text.contains(#""name":"b""#) { await Task.yield() }
            scene.plan.endStreams(.everything, .reset)
            #expect(await error?.code == .connectionLost)
            try await scene.plan.wait { $0.openStreams() == 0 }
            while await scene.cluster.openWatches > 0 { await Task.yield() }
        }
    }

    @Test("A server that stops breaks its own connections, and those of no other server of the cluster")
    func oneOfTwoServers() async throws {
        try await with { scene in
            let second = EmbeddedAPIServer(cluster: scene.cluster, client: "second")
            let (own, others) = (PieceLog(), PieceLog())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await second.run() }
                let url = try OutboundURL("http://127.0.0.1:\(try await second.boundPort())")
                let transport = try HTTPAPITransport(.init(server: url, source: "the test"))
                let beside = Scene(plan: scene.plan, cluster: scene.cluster, transport: transport)
                async let end = beside.watch(others)
                async let kept = scene.watch(own)
                try await scene.plan.wait { $0.openStreams() == 2 }
                let hole = scene.plan.add(FaultMatch([.list]), .blackHole(.beforeCommit))
                async let isHeldRefused = (try? beside.list()) == nil
                async let other = try? scene.list()
                try await scene.plan.wait { $0.requests(FaultMatch([.list])).count == 2 }
                group.cancelAll()
                #expect(await end != nil)
                #expect(await isHeldRefused)
                try await scene.plan.wait { $0.openStreams() == 1 }
                let outcomes = scene.plan.requests(FaultMatch([.list])).filter { $0.outcome == .pending }
                #expect(outcomes.map(\.request.client) == ["over-http"])
                scene.plan.remove(hole)
                _ = await other
                try await scene.create("a")
                while !own.text.contains(#""name":"a""#) { await Task.yield() }
                #expect(!others.text.contains(#""name":"a""#))
                scene.plan.endStreams(.everything, .reset)
                #expect(await kept?.code == .connectionLost)
                await transport.shutdown()
            }
        }
    }
}
