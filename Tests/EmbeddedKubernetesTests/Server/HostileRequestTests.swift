import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import TestTiming
import Testing

@Suite("Hostile requests")
struct HostileRequestTests {
    private static let words: [JSONValue] = [
        .null, true, -1, .integer(.max), .integer(.min), .number(1e300), "", "\u{0}", "a", [], [:], [[]],
        [["a": .null]], ["name": 1],
        ["a": ["b": ["c": [1, "x", .null]]]], "2026-11-20T00:00:00.000000Z", "metadata",
        ["op": "add", "path": "/spec"],
    ]
    private static let types = [
        "application/json", "application/merge-patch+json", "application/json-patch+json",
        "application/apply-patch+yaml",
        "application/strategic-merge-patch+json", "application/vnd.kubernetes.protobuf", "text/plain", "",
    ]

    private func mutate(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        if Int.random(in: 0..<6, using: &random) == 0 { return Self.words.randomElement(using: &random) ?? .null }
        switch value {
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for name in members.keys.sorted() {
                guard let member = members[name] else { continue }
                let isDropped = Int.random(in: 0..<12, using: &random) == 0
                if !isDropped { result[name] = mutate(member, &random) }
            }
            return .object(result)
        case .array(let elements): return .array(elements.map { mutate($0, &random) })
        default: return value
        }
    }

    private static let seeds: [JSONValue] = [
        ClusterFixture.definition(rules: [["rule": "self.size > 1 || self.color.matches('^a+$')", "message": "m"]]),
        ClusterFixture.widget("w", spec: ["size": 3, "color": "aa"]),
        [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": "p", "labels": ["a": "b"], "ownerReferences": [["uid": "u"]], "finalizers": ["a/b"]],
            "spec": ["containers": [["name": "c", "image": "i:1", "resources": ["limits": ["cpu": "1"]]]]],
            "status": ["containerStatuses": [["name": "c"]]],
        ],
        [
            "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e"],
            "involvedObject": ["kind": "Pod", "namespace": "default"], "series": ["count": 2],
        ],
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": "l"],
            "spec": ["renewTime": "2026-11-20T00:00:00.000000Z"],
        ],
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]],
        [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s"], "data": ["k": "dg=="],
            "stringData": ["a": "b"],
        ],
        [
            ["op": "replace", "path": "/spec/size", "value": 2],
            ["op": "test", "path": "/metadata/name", "value": "w"],
        ],
        ["propagationPolicy": "Foreground", "preconditions": ["uid": "x"], "gracePeriodSeconds": 0],
    ]
    private static let paths = [
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/apis/example.dev/v1/namespaces/default/widgets",
        "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/events",
        "/apis/coordination.k8s.io/v1/namespaces/default/leases",
        "/api/v1/namespaces", "/api/v1/namespaces/default/secrets", "/apis/events.k8s.io/v1/namespaces/default/events",
    ]

    @Test("Mutated bodies, types, names and queries get an answer, every one", arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let fixture = ClusterFixture()
        #expect(try await fixture.define(Self.seeds[0]).status == 201)
        let names = [
            "", "/w", "/p", "/l", "/widgets.example.dev", "/n/status", "/w/status", "/w/scale", "/p/eviction", "/%00",
            "/a/b/c/d/e/f",
        ]
        let queries = [
            "", "?limit=1", "?fieldSelector=a=b", "?labelSelector=((", "?resourceVersion=-1", "?limit=x",
            "?continue=abc", "?fieldManager=f&force=true", "?dryRun=All",
        ]
        for _ in 0..<400 {
            let method = [APIRequest.Method.get, .post, .put, .patch, .delete].randomElement(using: &random) ?? .get
            let path = (Self.paths.randomElement(using: &random) ?? "") + (names.randomElement(using: &random) ?? "")
            let body = mutate(Self.seeds.randomElement(using: &random) ?? .null, &random)
            let answer = try await fixture.send(
                method,
                path + (queries.randomElement(using: &random) ?? ""),
                body,
                type: Self.types.randomElement(using: &random) ?? ""
            )
            #expect((200..<600).contains(answer.status), "seed \(seed): \(method) \(path)")
        }
        #expect(try await fixture.send(.get, "/readyz").status == 200)
    }

    @Test("Bytes that are no JSON and no protobuf are refused", arguments: Self.types)
    func garbage(_ type: String) async throws {
        var random = SeededGenerator(seed: 7)
        let fixture = ClusterFixture()
        for length in 0..<200 {
            var body = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            if length % 2 == 0 { body = [0x6B, 0x38, 0x73, 0x00] + body }
            for method in [APIRequest.Method.post, .patch, .delete] {
                let path = "/api/v1/namespaces/default/configmaps" + (method == .post ? "" : "/a")
                let answer = try await fixture.transport.send(
                    APIRequest(method, path, headers: ["content-type": type], body: body)
                )
                #expect((400..<500).contains(answer.status))
            }
        }
    }

    @Test("A body over the limit is 413, and nesting is refused")
    func limits() async throws {
        let fixture = ClusterFixture()
        let path = "/api/v1/namespaces/default/configmaps"
        let large = try await fixture.transport.send(
            APIRequest(.post, path, body: [UInt8](repeating: 0x20, count: 3_145_729))
        )
        #expect(large.status == 413)
        let deep = try await fixture.transport.send(
            APIRequest(.post, path, body: [UInt8](repeating: 0x5B, count: 100_000))
        )
        #expect(deep.status == 400)
    }
}
