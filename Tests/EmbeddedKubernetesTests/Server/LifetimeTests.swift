import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import Testing

@Suite("How long objects live")
struct LifetimeTests {
    private let events = "/api/v1/namespaces/default/events"
    private let pods = "/api/v1/namespaces/default/pods"

    private func event(_ name: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Event", "metadata": ["name": .string(name)],
            "involvedObject": ["kind": "Pod", "namespace": "default", "name": "p"], "reason": "R", "message": "m",
            "type": "Normal",
        ]
    }

    @Test("an Event goes an hour after its last write, and watches see it go")
    func events() async throws {
        let date = MovableDate()
        let fixture = ClusterFixture { $0.now = { date.now } }
        #expect(try await fixture.send(.post, events, event("old")).status == 201)
        #expect(try await fixture.send(.post, events, event("renewed")).status == 201)
        date.advance(by: 1800)
        let patch = try await fixture.send(
            .patch,
            "\(events)/renewed",
            ["count": 2],
            type: "application/merge-patch+json"
        )
        #expect(patch.status == 200)
        let version = patch.body.value(at: "metadata", "resourceVersion")?.string ?? ""
        date.advance(by: 1799)
        #expect(try await fixture.send(.get, events).body["items"]?.array?.count == 2)
        date.advance(by: 1)
        let left = try await fixture.send(.get, events).body["items"]?.array ?? []
        #expect(left.map { $0.value(at: "metadata", "name") } == ["renewed"])
        #expect(try await fixture.send(.get, "\(events)/old").status == 404)
        let seen = try await fixture.events("\(events)?resourceVersion=\(version)", count: 1)
        #expect(seen.first?.type == "DELETED" && seen.first?.objectName == "old")
        date.advance(by: 1800)
        #expect(try await fixture.send(.get, events).body["items"]?.array?.isEmpty == true)
    }

    @Test("a lifetime of one's own is kept to")
    func ownLifetime() async throws {
        let date = MovableDate()
        let fixture = ClusterFixture {
            $0.now = { date.now }
            $0.eventLifetime = .seconds(5)
        }
        #expect(try await fixture.send(.post, events, event("e")).status == 201)
        date.advance(by: 5)
        #expect(try await fixture.send(.get, "\(events)/e").status == 404)
    }

    @Test("a pod on a node stays while it ends, where that is asked for")
    func gracefulPods() async throws {
        let fixture = ClusterFixture { $0.deletesPodsGracefully = true }
        func make(_ name: String, node: JSONValue?) async throws {
            var spec: [String: JSONValue] = ["terminationGracePeriodSeconds": 20]
            spec["nodeName"] = node
            let made = try await fixture.send(.post, pods, ClusterFixture.pod(name, spec: .object(spec)))
            #expect(made.status == 201)
        }
        try await make("placed", node: "n1")
        try await make("pending", node: nil)
        #expect(try await fixture.send(.delete, "\(pods)/pending").status == 200)
        #expect(try await fixture.send(.get, "\(pods)/pending").status == 404)
        let marked = try await fixture.send(.delete, "\(pods)/placed")
        #expect(marked.body.value(at: "metadata", "deletionGracePeriodSeconds") == 20)
        #expect(marked.body.value(at: "metadata", "deletionTimestamp") == "2026-11-18T11:07:00Z")
        let sooner = try await fixture.send(.delete, "\(pods)/placed", ["gracePeriodSeconds": 5])
        #expect(sooner.body.value(at: "metadata", "deletionTimestamp") == "2026-11-18T11:06:45Z")
        let longer = try await fixture.send(.delete, "\(pods)/placed", ["gracePeriodSeconds": 60])
        #expect(longer.body.value(at: "metadata", "deletionGracePeriodSeconds") == 5)
        #expect(try await fixture.send(.get, "\(pods)/placed").status == 200)
        #expect(try await fixture.send(.delete, "\(pods)/placed", ["gracePeriodSeconds": 0]).status == 200)
        #expect(try await fixture.send(.get, "\(pods)/placed").status == 404)
    }

    @Test("a namespace that cannot go says what holds it")
    func namespaceConditions() async throws {
        let fixture = ClusterFixture()
        let namespace: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"]]
        #expect(try await fixture.send(.post, "/api/v1/namespaces", namespace).status == 201)
        let maps = "/api/v1/namespaces/shop/configmaps"
        var held = ClusterFixture.configMap("held")
        held = .object(
            (held.object ?? [:]).merging(
                ["metadata": ["name": "held", "finalizers": ["example.dev/hold"]]]
            ) { _, new in new }
        )
        #expect(try await fixture.send(.post, maps, held).status == 201)
        #expect(try await fixture.send(.post, maps, ClusterFixture.configMap("free")).status == 201)
        #expect(try await fixture.send(.delete, "/api/v1/namespaces/shop").status == 200)
        let left = try await fixture.send(.get, "/api/v1/namespaces/shop").body
        let conditions = left.value(at: "status", "conditions")?.array ?? []
        func message(_ type: JSONValue) -> JSONValue? { conditions.first { $0["type"] == type }?["message"] }
        #expect(left.value(at: "status", "phase") == "Terminating" && conditions.count == 5)
        #expect(
            message("NamespaceContentRemaining")
                == "Some resources are remaining: configmaps. has 1 resource instances"
        )
        #expect(
            message("NamespaceFinalizersRemaining")
                == "Some content in the namespace has finalizers remaining: example.dev/hold in 1 resource instances"
        )
        let refused = try await fixture.send(.post, maps, ClusterFixture.configMap("new"))
        #expect(refused.status == 403 && refused.body.causes["metadata.namespace"]?.contains("terminated") == true)
        let released = try await fixture.send(
            .patch,
            "\(maps)/held",
            ["metadata": ["finalizers": .null]],
            type: "application/merge-patch+json"
        )
        #expect(released.status == 200)
        #expect(try await fixture.send(.get, "/api/v1/namespaces/shop").status == 404)
    }
}
