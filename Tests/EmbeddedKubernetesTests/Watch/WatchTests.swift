import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Watches")
struct WatchTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"

    private func map(_ name: String, labels: JSONValue = [:], data: JSONValue = [:]) -> JSONValue {
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name), "labels": labels], "data": data]
    }

    private func patch(_ fixture: ClusterFixture, _ name: String, _ patch: JSONValue) async throws {
        try await fixture.send(.patch, "\(Self.maps)/\(name)", patch, type: "application/merge-patch+json")
    }

    @Test("A watch from a resource version replays what came after it, in order")
    func replay() async throws {
        let fixture = ClusterFixture()
        let first = try await fixture.send(.post, Self.maps, map("a"))
        let version = first.body.value(at: "metadata", "resourceVersion")?.string ?? ""
        try await fixture.send(.post, Self.maps, map("b"))
        try await patch(fixture, "a", ["data": ["k": "v"]])
        try await fixture.send(.delete, "\(Self.maps)/b")
        let events = try await fixture.events("\(Self.maps)?resourceVersion=\(version)", count: 3)
        #expect(events.map { "\($0.type) \($0.objectName)" } == ["ADDED b", "MODIFIED a", "DELETED b"])
        let versions = events.compactMap { $0.value(at: "object", "metadata", "resourceVersion")?.string }.compactMap {
            Int($0)
        }
        #expect(versions == versions.sorted() && Set(versions).count == 3)
    }

    @Test("A watch-list sends the state, then the bookmark that ends it, then changes")
    func initialEvents() async throws {
        let fixture = ClusterFixture()
        try await fixture.send(.post, Self.maps, map("a"))
        let path = "\(Self.maps)?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        let events = try await fixture.events(path, count: 2)
        #expect(events.map(\.type) == ["ADDED", "BOOKMARK"])
        #expect(events[1].value(at: "object", "metadata", "annotations", "k8s.io/initial-events-end") == "true")
        let list = try await fixture.send(.get, Self.maps)
        #expect(
            events[1].value(at: "object", "metadata", "resourceVersion")
                == list.body.value(at: "metadata", "resourceVersion")
        )
    }

    @Test("Objects that begin or cease to match a selector appear as added and deleted")
    func transitions() async throws {
        let fixture = ClusterFixture()
        let first = try await fixture.send(.post, Self.maps, map("a", labels: ["app": "web"]))
        let version = first.body.value(at: "metadata", "resourceVersion")?.string ?? ""
        try await patch(fixture, "a", ["data": ["k": "1"]])
        try await patch(fixture, "a", ["metadata": ["labels": ["app": "other"]]])
        try await patch(fixture, "a", ["data": ["k": "2"]])
        try await patch(fixture, "a", ["metadata": ["labels": ["app": "web"]]])
        let events = try await fixture.events("\(Self.maps)?labelSelector=app=web&resourceVersion=\(version)", count: 3)
        #expect(events.map(\.type) == ["MODIFIED", "DELETED", "ADDED"])
        #expect(events[1].value(at: "object", "metadata", "labels") == ["app": "web"])
    }

    @Test("A resource version that is too old is 410 in a watch's stream, and as a status for a page that is gone")
    func expired() async throws {
        let fixture = ClusterFixture()
        for name in ["a", "b", "c"] { try await fixture.send(.post, Self.maps, map(name)) }
        let page = try await fixture.send(.get, "\(Self.maps)?limit=1")
        let token = page.body.value(at: "metadata", "continue")?.string ?? ""
        try await fixture.send(.post, Self.maps, map("d"))
        await fixture.cluster.compactHistory()
        let events = try await fixture.events("\(Self.maps)?resourceVersion=1", count: 1)
        #expect(events.first?.type == "ERROR")
        #expect(events.first?.value(at: "object", "code") == 410 && events.first?["object"]?.reason == "Expired")
        let next = try await fixture.send(.get, "\(Self.maps)?limit=1&continue=\(token)")
        #expect(next.status == 410 && next.body.reason == "Expired")
        let inconsistent = next.body.value(at: "metadata", "continue")?.string ?? ""
        let rest = try await fixture.send(.get, "\(Self.maps)?limit=5&continue=\(inconsistent)")
        #expect(
            rest.status == 200
                && rest.body["items"]?.array?.compactMap { $0.value(at: "metadata", "name")?.string } == [
                    "b", "c", "d",
                ]
        )
    }

    @Test("The ring forgets the oldest changes when it is full")
    func ring() async throws {
        let fixture = ClusterFixture { $0.historyCapacity = 4 }
        for index in 0..<12 { try await fixture.send(.post, Self.maps, map("m\(index)")) }
        let events = try await fixture.events("\(Self.maps)?resourceVersion=5", count: 1)
        #expect(events.first?.type == "ERROR")
        let list = try await fixture.send(.get, Self.maps)
        let latest = Int(list.body.value(at: "metadata", "resourceVersion")?.string ?? "") ?? 0
        #expect(
            try await fixture.events("\(Self.maps)?resourceVersion=\(latest - 2)", count: 2).map(\.type) == [
                "ADDED", "ADDED",
            ]
        )
    }

    @Test("Pages show one moment, whatever changes between them")
    func pages() async throws {
        let fixture = ClusterFixture()
        for name in ["a", "b", "c", "d", "e"] { try await fixture.send(.post, Self.maps, map(name)) }
        var names: [String] = []
        var token = ""
        var versions: Set<String> = []
        repeat {
            let page = try await fixture.send(
                .get,
                "\(Self.maps)?limit=2" + (token.isEmpty ? "" : "&continue=\(token)")
            )
            #expect(page.status == 200)
            names += page.body["items"]?.array?.compactMap { $0.value(at: "metadata", "name")?.string } ?? []
            versions.insert(page.body.value(at: "metadata", "resourceVersion")?.string ?? "")
            if token.isEmpty { #expect(page.body.value(at: "metadata", "remainingItemCount") == 3) }
            token = page.body.value(at: "metadata", "continue")?.string ?? ""
            try await fixture.send(.delete, "\(Self.maps)/\(names.last ?? "")")
            try await fixture.send(.post, Self.maps, map("z\(names.count)"))
        } while !token.isEmpty
        #expect(names == ["a", "b", "c", "d", "e"])
        #expect(versions.count == 1)
    }

    @Test(
        "A watch without sendInitialEvents that starts anywhere ends the state with a bookmark too, if it takes bookmarks",
        arguments: ["", "&resourceVersion=0"]
    )
    func legacy(_ version: String) async throws {
        let fixture = ClusterFixture()
        try await fixture.send(.post, Self.maps, map("a"))
        let events = try await fixture.events("\(Self.maps)?allowWatchBookmarks=true\(version)", count: 2)
        #expect(events.map(\.type) == ["ADDED", "BOOKMARK"])
        #expect(events[1].value(at: "object", "metadata", "annotations", "k8s.io/initial-events-end") == "true")
        let old = ClusterFixture {
            $0.allowsWatchList = false
            $0.bookmarkInterval = .milliseconds(5)
        }
        let plain = try await old.events("\(Self.maps)?allowWatchBookmarks=true\(version)", count: 1)
        #expect(plain.first?.value(at: "object", "metadata", "annotations") == nil)
    }

    @Test("timeoutSeconds ends a watch, unless it is 0; bookmarks come at their interval")
    func timers() async throws {
        let fixture = ClusterFixture { $0.bookmarkInterval = .milliseconds(5) }
        let path = "\(Self.maps)?allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=0"
        #expect(try await fixture.events(path, count: 2).map(\.type) == ["BOOKMARK", "BOOKMARK"])
        // Over before it began.
        let ended = try await fixture.transport.send(
            APIRequest(.get, Self.maps, query: [.init("watch", "true"), .init("timeoutSeconds", "-1")])
        )
        #expect(ended.status == 200 && ended.body.isEmpty)
        #expect(await fixture.cluster.openWatches == 0)
    }

    @Test("A watch that cannot keep up is ended")
    func slow() async throws {
        let fixture = ClusterFixture { $0.watchQueueCapacity = 2 }
        let request = APIRequest(.get, Self.maps, query: [.init("watch", "true")])
        let count = try await fixture.transport.stream(request) { stream -> Int in
            for index in 0..<10 { try await fixture.send(.post, Self.maps, map("m\(index)")) }
            var count = 0
            for try await _ in stream.body { count += 1 }
            return count
        }
        #expect(count == 2)
        #expect(await fixture.cluster.openWatches == 0)
    }

    @Test("A watch ends when its reader leaves or is cancelled, and when the server closes its watches")
    func leaving() async throws {
        let fixture = ClusterFixture()
        try await fixture.send(.post, Self.maps, map("a"))
        _ = try await fixture.events(Self.maps, count: 1)
        #expect(await fixture.cluster.openWatches == 0)
        let (opened, signal) = AsyncStream<Void>.makeStream()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let request = APIRequest(.get, Self.maps, query: [.init("watch", "true")])
                try await fixture.transport.stream(request) { stream in
                    for try await _ in stream.body { signal.finish() }
                }
            }
            for await _ in opened {}
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.waitForAll() }
        }
        #expect(await fixture.cluster.openWatches == 0)
    }

    @Test(
        "List options are checked as the API server checks them",
        arguments: [
            "resourceVersionMatch=Exact", "sendInitialEvents=true", "watch=true&sendInitialEvents=true",
            "watch=true&resourceVersionMatch=Exact&resourceVersion=1", "resourceVersionMatch=Never&resourceVersion=1",
        ]
    )
    func options(_ query: String) async throws {
        let answer = try await ClusterFixture().send(.get, "\(Self.maps)?\(query)")
        #expect(answer.status == 422 && answer.body.reason == "Invalid")
    }

    @Test("A resource version from the future is waited for, then refused")
    func future() async throws {
        let answer = try await ClusterFixture().send(
            .get,
            "\(Self.maps)?resourceVersion=99999&resourceVersionMatch=NotOlderThan"
        )
        #expect(answer.status == 504 && answer.headers["retry-after"] == "1")
        #expect(answer.body.value(at: "details", "causes")?.array?.first?["reason"] == "ResourceVersionTooLarge")
        #expect(try await ClusterFixture().send(.get, "\(Self.maps)?resourceVersion=abc").status == 400)
    }
}
