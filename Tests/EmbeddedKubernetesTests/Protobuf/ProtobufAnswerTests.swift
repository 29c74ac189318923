import JSONModel
import KubernetesAPI
import Testing

@testable import EmbeddedKubernetes

@Suite("Answers in protobuf")
struct ProtobufAnswerTests {
    private static let pods = "/api/v1/namespaces/default/pods"
    private static let binary = ["accept": "application/vnd.kubernetes.protobuf, application/json"]

    private static let pod: JSONValue = [
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "web", "labels": ["app": "web"]],
        "spec": [
            "containers": [
                [
                    "name": "web", "image": "registry.example/web:v1",
                    "ports": [["containerPort": 80, "protocol": "TCP"]],
                    "resources": ["limits": ["cpu": "500m"]],
                    "readinessProbe": ["httpGet": ["path": "/", "port": "http"], "periodSeconds": 5],
                ]
            ],
            "volumes": [["name": "a", "configMap": ["name": "settings", "optional": true]]],
        ],
    ]

    private func fixture(_ change: (inout ClusterConfiguration) -> Void = { _ in }) async throws -> ClusterFixture {
        let fixture = ClusterFixture(change)
        _ = try await fixture.transport.send(
            APIRequest(
                .post,
                Self.pods,
                headers: ["content-type": "application/json"],
                body: JSONSerializer().bytes(Self.pod)
            )
        )
        return fixture
    }

    private func get(_ path: String, _ fixture: ClusterFixture, _ headers: [String: String]) async throws -> APIResponse
    {
        try await fixture.transport.send(APIRequest(.get, path, headers: headers))
    }

    /// Without what only one of the two forms has: managed fields are not read back.
    private func bare(_ object: JSONValue) -> JSONValue {
        var object = APIObject(object)
        object.setMetadata("managedFields", nil)
        return object.value
    }

    @Test("a pod is the object that it is in JSON")
    func single() async throws {
        let fixture = try await fixture()
        let json = try await get(Self.pods + "/web", fixture, [:])
        let binary = try await get(Self.pods + "/web", fixture, Self.binary)
        #expect(binary.status == 200 && binary.headers["content-type"] == "application/vnd.kubernetes.protobuf")
        #expect(bare(try KubernetesProtobuf.decode(binary.body)) == bare(try JSONParser().parse(json.body)))
    }

    @Test("a watch consists of frames, each an event; a list and a refusal are protobuf too")
    func watch() async throws {
        let fixture = try await fixture()
        var request = APIRequest(
            .get,
            Self.pods,
            query: [.init("watch", "true"), .init("resourceVersion", "0")],
            headers: Self.binary
        )
        let first = try await fixture.transport.stream(request) { stream in
            #expect(stream.headers["content-type"] == "application/vnd.kubernetes.protobuf;stream=watch")
            for try await piece in stream.body { return piece }
            return []
        }
        #expect(first.prefix(4).reduce(0) { $0 << 8 | Int($1) } == first.count - 4)
        #expect(first.dropFirst(4).starts(with: [0x0A, 5] + Array("ADDED".utf8)))
        request.query = []
        let list = try await fixture.transport.send(request)
        #expect(list.body.starts(with: [0x6B, 0x38, 0x73, 0x00]))
        let missing = try await get(Self.pods + "/absent", fixture, Self.binary)
        #expect(missing.status == 404 && missing.headers["content-type"] == "application/vnd.kubernetes.protobuf")
        #expect(String(decoding: missing.body, as: UTF8.self).contains("pods \"absent\" not found"))
    }

    @Test(
        "JSON is answered to who prefers it, wants a table, asks for another kind, and where protobuf is not spoken",
        arguments: [
            (pods, "application/json, application/vnd.kubernetes.protobuf", true),
            (pods, "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io, application/json", true),
            ("/api/v1/namespaces/default/configmaps", "application/vnd.kubernetes.protobuf, application/json", true),
            (pods, "application/vnd.kubernetes.protobuf, application/json", false),
        ]
    )
    func json(_ path: String, _ accept: String, speaksProtobuf: Bool) async throws {
        let fixture = try await fixture { $0.speaksProtobuf = speaksProtobuf }
        let answer = try await get(path, fixture, ["accept": accept])
        #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
        #expect((try? JSONParser().parse(answer.body)) != nil)
    }

    @Test("what cannot be written is said, and not left out")
    func unknownMember() async throws {
        let event = WatchHub.line("ADDED", ["kind": "Pod", "spec": ["containers": [["invented": 1]]]])
        let frame = AnswerEncoding.protobuf.encode(line: event)
        #expect(String(decoding: frame, as: UTF8.self).contains("no protobuf field for spec.containers[0].invented"))
        #expect(AnswerEncoding.protobuf.encode(line: Array("{garbage".utf8)) == Array("{garbage".utf8))
        #expect(AnswerEncoding.json.encode(line: event) == event)
    }
}
