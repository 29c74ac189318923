import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import Synchronization
import Testing

@testable import KubernetesClient

/// Against the cluster that `VIGIL_TEST_KUBECONFIG` names, else the stand-in in this process.
@Suite("Objects without a type", .timeLimit(.minutes(5)))
struct DynamicResourceClientTests {
    private let configMap = GroupVersionKind(group: "", version: "v1", kind: "ConfigMap")

    /// Runs `body` with a client and a namespace of its own.
    private func withNamespace(_ body: (APIClient, ResourceDiscovery, String) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let path = environment["VIGIL_TEST_KUBECONFIG"], !path.isEmpty else {
            return try await inNamespace(EmbeddedCluster().transport(userAgent: "tests"), body)
        }
        let configuration = try KubernetesClient.ClusterConfiguration.load(kubeconfig: path, environment: environment)
        let transport = try HTTPAPITransport(configuration)
        do {
            try await inNamespace(transport, body)
        } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }

    private func inNamespace(
        _ transport: any APITransport,
        _ body: (APIClient, ResourceDiscovery, String) async throws -> Void
    ) async throws {
        let client = APIClient(transport: transport, userAgent: "client-tests/1")
        let discovery = ResourceDiscovery(client)
        let namespaces = client.dynamic(
            try await discovery.resource(of: GroupVersionKind(group: "", version: "v1", kind: "Namespace")).type
        )
        let name = "client-\(UInt32.random(in: .min ... .max))"
        _ = try await namespaces.create(UnstructuredObject(namespaces.resource, name: name))
        do {
            try await body(client, discovery, name)
        } catch {
            try? await namespaces.delete(name)
            throw error
        }
        try await namespaces.delete(name)
    }

    @Test("every verb works on a resource that was discovered")
    func verbs() async throws {
        try await withNamespace { client, discovery, namespace in
            let resource = try await discovery.resource(of: configMap)
            #expect(resource.type.isNamespaced && resource.verbs.contains("watch"))
            let maps = client.dynamic(resource.type)
            var map = UnstructuredObject(resource.type, name: "a", namespace: namespace)
            map["data", "k"] = "1"
            let created = try await maps.create(map)
            #expect(created.kind == "ConfigMap" && created.uid?.isEmpty == false)

            var changed = try await maps.get("a", namespace: namespace)
            changed["data", "k"] = "2"
            let replaced = try await maps.replace(changed)
            #expect(replaced["data", "k"] == "2" && replaced.resourceVersion != created.resourceVersion)
            let stale = await #expect(throws: APIError.self) {
                var old = created
                old["data", "k"] = "3"
                _ = try await maps.replace(old)
            }
            #expect(stale?.code == .conflict)
            let taken = await #expect(throws: APIError.self) { _ = try await maps.create(map) }
            #expect(taken?.code == .alreadyExists)

            let merged = try await maps.patch("a", namespace: namespace, .merge(["data": ["k": nil, "l": "x"]]))
            #expect(merged["data"] == ["l": "x"])
            let operations: [JSONValue] = [["op": "add", "path": "/data/m", "value": "y"]]
            let added = try await maps.patch("a", namespace: namespace, .json(operations))
            #expect(added["data"] == ["l": "x", "m": "y"])
            let strategic = try await maps.patch("a", namespace: namespace, .strategic(["data": ["m": nil]]))
            #expect(strategic["data"] == ["l": "x"])

            let list = try await maps.list(ObjectSelection(namespace: namespace, fieldSelector: "metadata.name=a"))
            #expect(list.items.map(\.key.name) == ["a"] && list.items.first?.kind == "ConfigMap")

            let precondition = await #expect(throws: APIError.self) {
                try await maps.delete("a", namespace: namespace, options: DeleteOptions(uid: "another"))
            }
            #expect(precondition?.code == .conflict)
            try await maps.delete("a", namespace: namespace, options: DeleteOptions(uid: created.uid))
            let gone = await #expect(throws: APIError.self) { _ = try await maps.get("a", namespace: namespace) }
            #expect(gone?.code == .notFound)
        }
    }

    @Test("an apply creates, and fields of another manager are taken over only by force; a dry run changes nothing")
    func apply() async throws {
        try await withNamespace { client, discovery, namespace in
            let maps = client.dynamic(try await discovery.resource(of: configMap).type)
            var map = UnstructuredObject(maps.resource, name: "applied", namespace: namespace)
            map["data", "k"] = "1"
            _ = try await maps.apply(map, options: WriteOptions(isDryRun: true))
            let absent = await #expect(throws: APIError.self) {
                _ = try await maps.get("applied", namespace: namespace)
            }
            #expect(absent?.code == .notFound)
            _ = try await maps.apply(map, options: WriteOptions(fieldManager: "first"))
            map["data", "k"] = "2"
            let again = try await maps.apply(map, options: WriteOptions(fieldManager: "first"))
            #expect(again["data", "k"] == "2")
            map["data", "k"] = "3"
            let second = WriteOptions(fieldManager: "second")
            let refused = await #expect(throws: APIError.self) {
                _ = try await maps.apply(map, force: false, options: second)
            }
            #expect(refused?.code == .conflict && refused?.message.contains("first") == true, "\(refused as Any)")
            #expect(try await maps.apply(map, options: second)["data", "k"] == "3")
        }
    }

    @Test("metadata alone can be read")
    func metadataOnly() async throws {
        try await withNamespace { client, discovery, namespace in
            let resource = try await discovery.resource(of: configMap).type
            var map = UnstructuredObject(resource, name: "a", namespace: namespace)
            map["data", "k"] = "1"
            _ = try await client.dynamic(resource).create(map)
            let partial = client.dynamic(resource, .metadata)
            let one = try await partial.get("a", namespace: namespace)
            #expect(one.kind == "PartialObjectMetadata" && one.key.name == "a" && one["data"] == nil)
            let all = try await partial.list(ObjectSelection(namespace: namespace))
            #expect(all.items.contains { $0.key.name == "a" } && all.items.allSatisfy { $0["data"] == nil })
        }
    }

    @Test("a watch shows what happens to objects, whole or their metadata alone", arguments: [true, false])
    func watch(isWhole: Bool) async throws {
        try await withNamespace { client, discovery, namespace in
            let resource = try await discovery.resource(of: configMap).type
            let maps = client.dynamic(resource)
            let selection = ObjectSelection(namespace: namespace)
            let start = try await maps.list(selection).resourceVersion
            var map = UnstructuredObject(resource, name: "a", namespace: namespace)
            map["data", "k"] = "1"
            _ = try await maps.create(map)
            _ = try await maps.patch("a", namespace: namespace, .merge(["data": ["k": "2"]]))
            try await maps.delete("a", namespace: namespace)
            let seen = Mutex<[String]>([])
            let watched = client.dynamic(resource, isWhole ? .whole : .metadata)
            try await watched.watch(selection, options: WatchOptions(resourceVersion: start, timeoutSeconds: 60)) {
                notification in
                // Other objects of a namespace's beginning may come in between.
                guard let (event, object) = Self.event(notification), object.key.name == "a" else { return .proceed }
                let value = object["data", "k"]?.string ?? "-"
                seen.withLock { $0.append("\(event) \(object.kind) \(value)") }
                return event == "deleted" ? .stop : .proceed
            }
            let kind = isWhole ? "ConfigMap" : "PartialObjectMetadata"
            let values = isWhole ? ["1", "2", "2"] : ["-", "-", "-"]
            #expect(
                seen.withLock(\.self)
                    == ["added", "modified", "deleted"].enumerated().map { "\($1) \(kind) \(values[$0])" }
            )
        }
    }

    private static func event(_ notification: WatchNotification<UnstructuredObject>) -> (String, UnstructuredObject)? {
        switch notification {
        case .added(let object): ("added", object)
        case .modified(let object): ("modified", object)
        case .deleted(let object): ("deleted", object)
        case .bookmark, .failed, .unreadable: nil
        }
    }

    @Test("an object in a stream that is none, or of another kind, is told apart; the end of the stream is the watch's")
    func watchOddities() async throws {
        let lines = [
            "{\"type\":\"ADDED\",\"object\":\(Gadget.json("a"))}",
            "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Other\",\"metadata\":{\"name\":\"b\"}}}",
            "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"PartialObjectMetadata\",\"metadata\":{\"name\":\"c\"}}}",
            "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"d\"}}}",
            "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"e\"},\"kind\":\"Other\"}}",
        ]
        let transport = FakeTransport([.answer(200, lines.joined(separator: "\n") + "\n")])
        let client = APIClient(transport: transport, userAgent: "example/1").dynamic(Gadget.resource)
        let seen = Mutex<[String]>([])
        try await client.watch { notification in
            let line =
                switch notification {
                case .unreadable(let metadata, _, _): "unreadable \(metadata.name)"
                default: Self.event(notification).map { "\($0.0) \($0.1.kind) \($0.1.key.name)" } ?? "else"
                }
            seen.withLock { $0.append(line) }
            return .proceed
        }
        let kind = Gadget.resource.kind
        #expect(
            seen.withLock(\.self) == [
                "added \(kind) a", "unreadable ", "unreadable ", "added \(kind) d", "unreadable e",
            ]
        )
        #expect(transport.requests[0].headers["accept"]?.contains("PartialObjectMetadata") == false)
    }

    @Test("a list goes on page by page, and begins anew when the server forgot it")
    func pages() async throws {
        let page = { (names: [String], next: String?) in Gadget.list(names.map { Gadget.json($0) }, next: next) }
        let transport = FakeTransport([
            .answer(200, page(["a"], "t")), .answer(410, Gadget.status(410, "Expired")),
            .answer(200, page(["a", "b"], nil)),
            .answer(200, "{\"items\":[1]}"), .answer(200, "{}"), .answer(200, "[]"),
        ])
        let client = APIClient(transport: transport, userAgent: "example/1").dynamic(Gadget.resource)
        let list = try await client.list(pageSize: 1)
        #expect(list.items.map(\.key.name) == ["a", "b"] && list.resourceVersion == "10")
        #expect(transport.requests[1].query.contains(APIRequest.QueryItem("continue", "t")))
        #expect(transport.requests[2].query.isEmpty)
        for _ in 0..<3 {
            let error = await #expect(throws: APIError.self) { try await client.list() }
            #expect(error?.code == .malformedResponse)
        }
    }

    @Test("options of writes and deletions are said to the server")
    func options() async throws {
        let transport = FakeTransport([.answer(201, Gadget.json("a")), .answer(200, "{}"), .answer(200, "{}")])
        let client = APIClient(transport: transport, userAgent: "example/1").dynamic(Gadget.resource)
        _ = try await client.create(
            UnstructuredObject(Gadget.resource, name: "a", namespace: "shop"),
            options: WriteOptions(fieldManager: "me", isDryRun: true, fieldValidation: .strict)
        )
        let query = transport.requests[0].query.map { "\($0.name)=\($0.value)" }
        #expect(query == ["fieldManager=me", "dryRun=All", "fieldValidation=Strict"])
        let deletion = DeleteOptions(
            resourceVersion: "7",
            propagation: "Foreground",
            gracePeriodSeconds: 0,
            isDryRun: true
        )
        try await client.delete("a", namespace: "shop", options: deletion)
        let expected: JSONValue = [
            "kind": "DeleteOptions", "apiVersion": "v1", "preconditions": ["resourceVersion": "7"],
            "propagationPolicy": "Foreground", "gracePeriodSeconds": 0, "dryRun": ["All"],
        ]
        #expect(try JSONParser().parse(transport.requests[1].body ?? []) == expected)
        try await client.deleteAll(ObjectSelection(namespace: "shop", labelSelector: "a=b"))
        #expect(transport.requests[2].path == "/apis/example.com/v1/namespaces/shop/gadgets")
        #expect(transport.requests[2].query == [APIRequest.QueryItem("labelSelector", "a=b")])
    }
}
