import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import TestTiming
import Testing

@Suite("Outages of a whole cluster, and what is recorded")
struct OutageTests {
    @Test("A restart breaks every connection; history is kept or lost")
    func restart() async throws {
        for keepsHistory in [true, false] {
            let fixture = FaultFixture()
            try await fixture.time.run {
                let first = try await fixture.watch(seconds: 60) {
                    _ = try await fixture.create("a")
                    await fixture.cluster.restart(keepsHistory: keepsHistory)
                }
                #expect(first.error?.code == .connectionLost)
                #expect(try await fixture.names() == ["a"])
                let resumed = try await fixture.transport.send(
                    APIRequest(
                        .get,
                        FaultFixture.maps,
                        query: [
                            .init("watch", "true"), .init("resourceVersion", "5"), .init("timeoutSeconds", "1"),
                        ]
                    )
                )
                let text = String(decoding: resumed.body, as: UTF8.self)
                #expect(text.contains(keepsHistory ? "ADDED" : "too old resource version"))
            }
        }
    }

    @Test("A wipe leaves the first namespaces, under new versions or counting on")
    func wipe() async throws {
        let fixture = FaultFixture()
        _ = try await fixture.create("a")
        let before = try #require(try await version(fixture))
        await fixture.cluster.wipe()
        #expect(try await fixture.names().isEmpty)
        let afterwards = try #require(try await version(fixture))
        #expect(afterwards > before)
        await fixture.cluster.wipe(keepsCounting: false)
        let anew = try #require(try await version(fixture))
        #expect(anew <= before)
        #expect(try await fixture.create("a").status == 201)
    }

    private func version(_ fixture: FaultFixture) async throws -> Int? {
        try JSONParser().parse(try await fixture.list().body)["metadata"]?["resourceVersion"]?.string.flatMap {
            Int($0)
        }
    }

    @Test("A partition silences one client both ways, or its answers only")
    func partition() async throws {
        let fixture = FaultFixture(limits: .init(requestTimeout: .seconds(5)))
        let other = fixture.cluster.transport(userAgent: "tests/1.0", client: "b")
        try await fixture.time.run {
            let watched = try await fixture.watch(seconds: 60) {
                let both = fixture.plan.partition("tests")
                await #expect(throws: TransportError.self) { try await fixture.create("lost") }
                // The other client has a name of its own, although the same program.
                let kept = try await fixture.create("kept", in: other)
                #expect(kept.status == 201)
                fixture.plan.remove(both)
                let answers = fixture.plan.partition("tests", .responsesOnly)
                await #expect(throws: TransportError.self) { try await fixture.create("unheard") }
                fixture.plan.remove(answers)
            }
            #expect(watched.events == ["ADDED kept", "ADDED unheard"])
            #expect(try await fixture.names() == ["kept", "unheard"])
        }
    }

    @Test("The record tells client, object, virtual time, Lease holder and whether anything was stored")
    func record() async throws {
        let fixture = FaultFixture()
        let other = fixture.cluster.transport(userAgent: "tests/1.0", client: "b")
        try await fixture.time.run {
            let lease: JSONValue = [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": "l"],
                "spec": ["holderIdentity": "b", "leaseTransitions": 3],
            ]
            _ = try await other.send(
                APIRequest(
                    .post,
                    "/apis/coordination.k8s.io/v1/namespaces/default/leases",
                    headers: ["content-type": "application/json"],
                    body: JSONSerializer().bytes(lease)
                )
            )
            try await fixture.time.clock.sleep(for: .seconds(90))
            _ = try await fixture.create("a")
            _ = try await fixture.create("a")
        }
        let recorded = await fixture.cluster.recordedMutations
        #expect(recorded.map(\.number) == [1, 2, 3] && recorded.map(\.status) == [201, 201, 409])
        #expect(recorded.map(\.client) == ["b", "tests/1.0", "tests/1.0"])
        #expect(recorded.map(\.isCommitted) == [true, true, false])
        #expect(recorded.map(\.elapsed) == [.zero, .seconds(90), .seconds(90)])
        #expect(recorded[1].time.timeIntervalSince(recorded[0].time) == 90)
        #expect(recorded[1].request.verb == .create && recorded[1].key == "configmaps default/a")
        #expect(recorded[0].key == "leases.coordination.k8s.io default/l")
        let holding = try #require(recorded[2].leases["default/l"])
        #expect(holding.holder == "b" && holding.transitions == 3)
    }
}
