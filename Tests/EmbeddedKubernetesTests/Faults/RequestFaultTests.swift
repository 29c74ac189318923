import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import TestTiming
import Testing

@Suite("Faults on the way and in the server")
struct RequestFaultTests {
    @Test("A rule concerns what it matches, as often as it says, and ends when it is removed")
    func matching() async throws {
        let fixture = FaultFixture()
        try await fixture.time.run {
            let third = fixture.plan.add(
                FaultMatch([.list], "configmaps"),
                .status(503, "ServiceUnavailable"),
                .only([3])
            )
            fixture.plan.add(FaultMatch([.create], "config*", name: "?*"), .status(500, "InternalError"))
            let others = fixture.plan.add(FaultMatch(client: "another"), .refuseConnection)
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(try await fixture.list().status) }
            #expect(statuses == [200, 200, 503, 200])
            #expect(fixture.plan.firings(of: third) == 1 && fixture.plan.firings(of: others) == 0)
            // A creation names no object in its path, so that rule does not concern it.
            #expect(try await fixture.create("a").status == 201)
            let first = fixture.plan.add(.writes, .status(429, "TooManyRequests", retryAfter: 7), .first(2))
            let refused = try await fixture.create("b")
            #expect(refused.status == 429 && refused.headers["retry-after"] == "7")
            let status = try JSONParser().parse(refused.body)
            #expect(status["reason"]?.string == "TooManyRequests")
            fixture.plan.remove(first)
            #expect(try await fixture.create("b").status == 201)
        }
    }

    @Test("A probability is kept to, and the same seed draws the same")
    func probability() async throws {
        func statuses(_ seed: UInt64) async throws -> [Int] {
            let fixture = FaultFixture(seed: seed)
            fixture.plan.add(.everything, .status(500, "InternalError"), probability: 0.2)
            var statuses: [Int] = []
            for _ in 0..<500 { statuses.append(try await fixture.list().status) }
            return statuses
        }
        let first = try await statuses(7)
        #expect((60...140).contains(first.count { $0 == 500 }))
        #expect(try await statuses(7) == first)
        #expect(try await statuses(8) != first)
    }

    @Test("A delay and a jitter pass on the cluster's clock")
    func delay() async throws {
        let fixture = FaultFixture()
        try await fixture.time.run {
            let id = fixture.plan.add(.everything, .delay(.seconds(30)))
            let late = try await fixture.list()
            #expect(late.status == 200)
            #expect(fixture.time.clock.elapsed == .seconds(30))
            fixture.plan.remove(id)
            fixture.plan.add(.everything, .jitter(.seconds(2) ... .seconds(4)))
            #expect(try await fixture.list().status == 200)
            #expect((.seconds(32) ... .seconds(34)).contains(fixture.time.clock.elapsed))
        }
    }

    @Test("Connections are refused, break before the commit, and break after it")
    func broken() async throws {
        let fixture = FaultFixture()
        func code(_ action: FaultAction, _ name: String) async -> TransportError.Code? {
            let id = fixture.plan.add(.writes, action)
            defer { fixture.plan.remove(id) }
            do {
                _ = try await fixture.create(name)
                return nil
            } catch {
                return (error as? TransportError)?.code
            }
        }
        #expect(await code(.refuseConnection, "a") == .unreachable)
        #expect(await code(.reset(.beforeCommit), "b") == .connectionLost)
        #expect(await code(.reset(.afterCommit), "c") == .connectionLost)
        #expect(try await fixture.names() == ["c"])
        // What reached the server is recorded whether or not its answer arrived.
        let recorded = await fixture.cluster.recordedMutations
        #expect(recorded.map(\.key) == ["configmaps default/c"] && recorded[0].isCommitted)
        let outcomes = fixture.plan.requests(.writes).map(\.outcome)
        #expect(outcomes.count == 3 && outcomes.allSatisfy { if case .failed = $0 { true } else { false } })
    }

    @Test("A black hole answers nobody; its request is lost, or goes on when it heals")
    func blackHole() async throws {
        let fixture = FaultFixture(limits: .init(requestTimeout: .seconds(5)))
        try await fixture.time.run {
            let before = fixture.plan.add(.writes, .blackHole(.beforeCommit))
            await #expect(throws: TransportError.self) { try await fixture.create("a") }
            #expect(fixture.time.clock.elapsed == .seconds(5))
            fixture.plan.remove(before)
            let after = fixture.plan.add(.writes, .blackHole(.afterCommit))
            await #expect(throws: TransportError.self) { try await fixture.create("b") }
            fixture.plan.remove(after)
            #expect(try await fixture.names() == ["b"])
            let held = fixture.plan.add(.writes, .blackHole(.beforeCommit, whenHealed: .proceed))
            async let late = fixture.create("c")
            try await fixture.time.clock.sleep(for: .seconds(3))
            #expect(try await fixture.names() == ["b"])
            fixture.plan.remove(held)
            #expect(try await late.status == 201)
            #expect(fixture.time.clock.elapsed == .seconds(13))
        }
    }

    @Test("Answers that are no Status: plain text, HTML, 410 for a version and for a continue token")
    func answers() async throws {
        let fixture = FaultFixture()
        for name in ["a", "b", "c"] { _ = try await fixture.create(name) }
        let html = fixture.plan.add(.everything, .html())
        let page = try await fixture.list()
        #expect(page.status == 502 && page.headers["content-type"] == "text/html")
        #expect(String(decoding: page.body, as: UTF8.self).contains("Bad Gateway"))
        fixture.plan.remove(html)
        let text = fixture.plan.add(.everything, .text(404, "404 page not found\n"))
        #expect(try await fixture.list().body == Array("404 page not found\n".utf8))
        fixture.plan.remove(text)
        fixture.plan.add(.everything, .expireContinueToken)
        let first = try await fixture.list(["limit": "2"])
        let token = try #require(JSONParser().parse(first.body)["metadata"]?["continue"]?.string)
        let expired = try await fixture.list(["limit": "2", "continue": token])
        let status = try JSONParser().parse(expired.body)
        #expect(expired.status == 410 && status["reason"]?.string == "Expired")
        fixture.plan.heal()
        // The token of the refusal continues with what is there now.
        let rest = try #require(status["metadata"]?["continue"]?.string)
        #expect(try await fixture.names(["continue": rest]) == ["c"])
        fixture.plan.add(.everything, .gone)
        #expect(try await fixture.list().status == 410)
    }

    @Test("Stale reads show an earlier state under its version, and refuse versions they do not know")
    func stale() async throws {
        let fixture = FaultFixture()
        try await fixture.time.run {
            for name in ["a", "b", "c"] { _ = try await fixture.create(name) }
            _ = try await fixture.transport.send(APIRequest(.delete, FaultFixture.maps + "/a"))
            let present = try #require(try await version(fixture.list()))
            fixture.plan.add(.everything, .serveStale(versionsBehind: 2))
            let old = try await fixture.list()
            #expect(try FaultFixture.names(old) == ["a", "b"])
            let shown = try version(old)
            #expect(shown == present - 2)
            let path = FaultFixture.maps + "/c"
            #expect(try await fixture.transport.send(APIRequest(.get, path)).status == 404)
            let tooNew = try await fixture.list(["resourceVersion": "\(present)"])
            #expect(tooNew.status == 504)
            // A watch from that server begins in the past and catches up.
            let events = try await fixture.watch().events
            #expect(events == ["ADDED a", "ADDED b", "ADDED c", "DELETED a"])
        }
    }

    private func version(_ response: APIResponse) throws -> Int? {
        try JSONParser().parse(response.body)["metadata"]?["resourceVersion"]?.string.flatMap { Int($0) }
    }
}
