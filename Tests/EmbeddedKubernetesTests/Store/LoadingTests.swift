import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Loading objects in bulk")
struct LoadingTests {
    private static let pods = "/api/v1/namespaces/default/pods"
    private static let watchList = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"

    private static func pod(_ name: String, node: String = "n1") -> [UInt8] {
        JSONSerializer().bytes([
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(name), "namespace": "default", "uid": .string("uid-\(name)"),
                "labels": ["app": .string(name)],
            ],
            "spec": ["nodeName": .string(node), "containers": [["name": "main", "image": "example/app"]]],
            "status": ["phase": "Running"],
        ])
    }

    private static func names(_ list: JSONValue) -> [String] {
        (list["items"]?.array ?? []).compactMap { $0.value(at: "metadata", "name")?.string }
    }

    @Test("They are there as they were written, each under a version of its own, and nothing records a request")
    func present() async throws {
        let fixture = ClusterFixture()
        try await fixture.cluster.load(["b", "a", "c"].map { Self.pod($0) }, resource: "pods")
        let list = try await fixture.send(.get, Self.pods).body
        #expect(Self.names(list) == ["a", "b", "c"])
        let items = list["items"]?.array ?? []
        #expect(items.allSatisfy { $0["kind"] == nil && $0["apiVersion"] == nil })
        #expect(Set(items.compactMap { $0.value(at: "metadata", "resourceVersion")?.string }).count == 3)
        let single = try await fixture.send(.get, "\(Self.pods)/b").body
        #expect(single["kind"] == "Pod" && single["apiVersion"] == "v1")
        #expect(single.value(at: "status", "phase") == "Running")
        #expect(single.value(at: "metadata", "uid") == "uid-b")
        #expect(await fixture.cluster.recordedMutations.isEmpty)
    }

    @Test("Selectors, tables and metadata see them; they can be changed and deleted")
    func used() async throws {
        let fixture = ClusterFixture()
        let texts = [Self.pod("a"), Self.pod("b", node: "n2")]
        try await fixture.cluster.load(texts, resource: "pods")
        let chosen = try await fixture.send(.get, "\(Self.pods)?labelSelector=app=b").body
        #expect(Self.names(chosen) == ["b"])
        let table = try await fixture.send(
            .get,
            Self.pods,
            accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
        ).body
        #expect(table["kind"] == "Table" && table["rows"]?.array?.count == 2)
        let patch: JSONValue = ["metadata": ["labels": ["app": "other"]]]
        let patched = try await fixture.send(.patch, "\(Self.pods)/a", patch, type: "application/merge-patch+json")
        #expect(patched.status == 200 && patched.body.value(at: "status", "phase") == "Running")
        #expect(try await fixture.send(.delete, "\(Self.pods)/b").status == 200)
        #expect(Self.names(try await fixture.send(.get, Self.pods).body) == ["a"])
    }

    @Test("A watch-list sends all of them in order, however large, then the bookmark, then what changed meanwhile")
    func watchList() async throws {
        let fixture = ClusterFixture()
        // Several times what is rendered at once.
        let names = (0..<3000).map { "pod-\(10_000 + $0)" }
        try await fixture.cluster.load(names.map { Self.pod($0) }, resource: "pods")
        let query = Self.watchList.split(separator: "&").map { item in
            let pair = item.split(separator: "=").map(String.init)
            return APIRequest.QueryItem(pair[0], pair[1])
        }
        let request = APIRequest(.get, Self.pods, query: query + [.init("watch", "true")])
        let events = try await fixture.transport.stream(request) { stream in
            var events: [JSONValue] = []
            for try await line in stream.body {
                events.append(try JSONParser().parse(line.dropLast()))
                if events.count == 1 { try await fixture.send(.delete, "\(Self.pods)/\(names[2999])") }
                if events.count == 3003 { break }
            }
            return events
        }
        #expect(events.prefix(3000).map(\.objectName) == names)
        #expect(events.prefix(3000).allSatisfy { $0.type == "ADDED" && $0.value(at: "object", "kind") == "Pod" })
        #expect(events.dropFirst(3000).map(\.type) == ["BOOKMARK", "MODIFIED", "DELETED"])
        #expect(events.last?.objectName == names[2999])
    }

    @Test("A watch from before cannot skip them: it is told to start over")
    func earlierWatch() async throws {
        let fixture = ClusterFixture()
        let before = try await fixture.send(.get, Self.pods).body.value(at: "metadata", "resourceVersion")?.string ?? ""
        try await fixture.cluster.load([Self.pod("a"), Self.pod("b")], resource: "pods")
        let events = try await fixture.events("\(Self.pods)?resourceVersion=\(before)", count: 1)
        #expect(events.first?.type == "ERROR" && events.first?.value(at: "object", "code") == 410)
    }

    @Test("What is no object, has no name or belongs to no resource is refused, and nothing of it is loaded")
    func refused() async throws {
        let fixture = ClusterFixture()
        for bad in ["", "[]", "{\"metadata\":{}}", "{\"metadata\":{\"name\":7}}"] {
            await #expect(throws: LoadingError.self) {
                try await fixture.cluster.load([Self.pod("a"), Array(bad.utf8)], resource: "pods")
            }
        }
        await #expect(throws: LoadingError.self) {
            try await fixture.cluster.load([Self.pod("a")], resource: "gadgets", group: "example.dev")
        }
        #expect(Self.names(try await fixture.send(.get, Self.pods).body).isEmpty)
    }
}
