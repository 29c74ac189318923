import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing

@Suite("Resource client")
struct ResourceClientTests {
    private func client(_ transport: FakeTransport) -> ResourceClient<Gadget> {
        APIClient(transport: transport, userAgent: "example/1.0", clock: JumpingClock()).resource()
    }

    private func body(_ request: APIRequest) throws -> JSONValue { try JSONParser().parse(request.body ?? []) }

    private func query(_ request: APIRequest) -> [String] { request.query.map { "\($0.name)=\($0.value)" } }

    private let gadget = Gadget(metadata: ObjectMeta(name: "a", namespace: "shop"), spec: .init(size: 3))

    @Test("reads an object by its path")
    func get() async throws {
        let transport = FakeTransport([.answer(200, Gadget.json("a", size: "4"))])
        let object = try await client(transport).get("a", namespace: "shop")
        #expect(object.spec.size == 4)
        #expect(transport.requests.first?.path == "/apis/example.com/v1/namespaces/shop/gadgets/a")
    }

    @Test("an answer that is no such object is an error that says where")
    func malformed() async {
        let transport = FakeTransport([.answer(200, Gadget.json("a", size: "[]"))])
        let error = await #expect(throws: APIError.self) { try await client(transport).get("a", namespace: "shop") }
        #expect(error?.code == .malformedResponse)
        #expect(error?.message.contains("spec.size is no Int") == true)
    }

    @Test("a list is read page by page, with the selectors on every page")
    func pages() async throws {
        let transport = FakeTransport([
            .answer(200, Gadget.list([Gadget.json("a")], next: "one")),
            .answer(200, Gadget.list([Gadget.json("b")], next: "two")),
            .answer(200, Gadget.list([Gadget.json("c")])),
        ])
        let list = try await client(transport).list(
            ObjectSelection(namespace: "shop", labelSelector: "app=web", fieldSelector: "metadata.name!=x"),
            pageSize: 1
        )
        #expect(list.items.map(\.metadata.name) == ["a", "b", "c"])
        #expect(list.resourceVersion == "10")
        let selectors = ["labelSelector=app=web", "fieldSelector=metadata.name!=x", "limit=1"]
        #expect(
            transport.requests.map(query) == [selectors, selectors + ["continue=one"], selectors + ["continue=two"]]
        )
    }

    @Test("an expired continue token leads to one list in one piece, without doubles")
    func expiredContinue() async throws {
        let transport = FakeTransport([
            .answer(200, Gadget.list([Gadget.json("a")], next: "one")),
            .answer(410, Gadget.status(410, "Expired")),
            .answer(200, Gadget.list([Gadget.json("a"), Gadget.json("b")], version: "20")),
        ])
        let list = try await client(transport).list(pageSize: 1)
        #expect(list.items.map(\.metadata.name) == ["a", "b"] && list.resourceVersion == "20")
        #expect(query(transport.requests[2]).isEmpty)
    }

    @Test("a server that gives the same continue token again is not asked for ever")
    func repeatedToken() async throws {
        let page = FakeTransport.Answer.answer(200, Gadget.list([Gadget.json("a")], next: "one"))
        let transport = FakeTransport([page, page, page])
        let error = await #expect(throws: APIError.self) { try await client(transport).list(pageSize: 1) }
        #expect(error?.code == .malformedResponse && transport.requests.count == 2)
    }

    @Test("an item that cannot be read fails the whole list, and a page names it")
    func unreadableItem() async throws {
        let text = Gadget.list([Gadget.json("a"), Gadget.json("odd", size: "null"), Gadget.json("c")])
        let page = try await client(FakeTransport([.answer(200, text)])).page(of: ObjectSelection())
        #expect(page.items.count == 2)
        #expect(page.unreadable.map(\.key) == [ObjectKey(namespace: "shop", name: "odd")])
        let error = await #expect(throws: APIError.self) {
            try await client(FakeTransport([.answer(200, text)])).list()
        }
        #expect(error?.message.contains("shop/odd") == true)
    }

    @Test("something without items is no list; null items are an empty one")
    func noList() async throws {
        await #expect(throws: APIError.self) {
            try await client(FakeTransport([.answer(200, Gadget.json("a"))])).list()
        }
        let empty = FakeTransport([.answer(200, #"{"metadata":{"resourceVersion":"5"},"items":null}"#)])
        #expect(try await client(empty).list().items.isEmpty)
    }

    @Test("creating posts to the collection, with kind, version and field manager")
    func create() async throws {
        let transport = FakeTransport([.answer(201, Gadget.json("a", size: "3"))])
        _ = try await client(transport).create(gadget)
        let request = try #require(transport.requests.first)
        #expect(request.method == .post && request.path == "/apis/example.com/v1/namespaces/shop/gadgets")
        #expect(query(request) == ["fieldManager=example"])
        let body = try body(request)
        #expect(body["kind"] == "Gadget" && body["apiVersion"] == "example.com/v1")
        #expect(body.value(at: "spec", "size") == 3)
    }

    @Test("replacing puts the object or its status")
    func replace() async throws {
        let transport = FakeTransport([.answer(200, Gadget.json("a")), .answer(200, Gadget.json("a"))])
        _ = try await client(transport).replace(gadget)
        _ = try await client(transport).replaceStatus(gadget)
        #expect(transport.requests.map(\.method) == [.put, .put])
        #expect(transport.requests[1].path == "/apis/example.com/v1/namespaces/shop/gadgets/a/status")
    }

    @Test("patches carry their media type; an apply names its manager and may force")
    func patch() async throws {
        let transport = FakeTransport(Array(repeating: .answer(200, Gadget.json("a")), count: 3))
        let client = client(transport)
        _ = try await client.patch("a", namespace: "shop", .merge(["spec": ["size": 5]]))
        _ = try await client.patch("a", namespace: "shop", .json([["op": "remove", "path": "/spec"]]))
        _ = try await client.patch(
            "a",
            namespace: "shop",
            .apply(["spec": ["size": 5]], fieldManager: "me", force: true),
            subresource: "status"
        )
        #expect(
            transport.requests.map { $0.headers["content-type"] } == [
                "application/merge-patch+json", "application/json-patch+json", "application/apply-patch+yaml",
            ]
        )
        #expect(query(transport.requests[0]) == ["fieldManager=example"])
        #expect(query(transport.requests[2]) == ["fieldManager=me", "force=true"])
        #expect(transport.requests[2].path.hasSuffix("/gadgets/a/status"))
    }

    @Test("deleting sends its preconditions")
    func delete() async throws {
        let transport = FakeTransport([.answer(200, "{}"), .answer(409, Gadget.status(409, "Conflict"))])
        try await client(transport).delete("a", namespace: "shop", uid: "u", propagation: "Background")
        let body = try body(try #require(transport.requests.first))
        #expect(body.value(at: "preconditions", "uid") == "u" && body["propagationPolicy"] == "Background")
        let error = await #expect(throws: APIError.self) {
            try await client(transport).delete("a", namespace: "shop", uid: "other")
        }
        #expect(error?.code == .conflict)
    }

    @Test("a watch tells its lines in order until it is stopped, and a refusal is an error")
    func watch() async throws {
        let lines = ["a", "b", "c"].map { "{\"type\":\"ADDED\",\"object\":\(Gadget.json($0))}\n" }.joined()
        let transport = FakeTransport([.answer(200, lines), .answer(403, Gadget.status(403, "Forbidden"))])
        let client = client(transport)
        let seen = Mutex<[String]>([])
        try await client.watch(options: WatchOptions(resourceVersion: "7", timeoutSeconds: 300)) { notification in
            guard case .added(let object) = notification else { return .proceed }
            return seen.withLock { names in
                names.append(object.metadata.name)
                return names.count == 2 ? .stop : .proceed
            }
        }
        #expect(seen.withLock { $0 } == ["a", "b"])
        #expect(
            query(transport.requests[0]) == [
                "watch=true", "allowWatchBookmarks=true", "resourceVersion=7", "timeoutSeconds=300",
            ]
        )
        let error = await #expect(throws: APIError.self) {
            try await client.watch(opened: { Issue.record("opened") }) { _ in .proceed }
        }
        #expect(error?.code == .forbidden)
    }

    @Test("a line beyond the limit ends the watch with an error")
    func longLine() async {
        let transport = FakeTransport([.answer(200, "{\"type\":\"ADDED\",\"object\":\(Gadget.json("a"))}\n")])
        let error = await #expect(throws: APIError.self) {
            try await client(transport).watch(options: WatchOptions(maximumLineBytes: 20)) { _ in .proceed }
        }
        #expect(error?.code == .malformedResponse)
    }
}
