import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI

/// A cluster with a definition of widgets, and short ways to talk to it.
struct ClusterFixture: Sendable {
    let cluster: EmbeddedCluster
    let transport: InProcessAPITransport

    static let widgets = "/apis/example.dev/v1/namespaces/default/widgets"

    init(_ change: (inout ClusterConfiguration) -> Void = { _ in }) {
        var configuration = ClusterConfiguration(now: { Date(timeIntervalSince1970: 1_795_000_000) })
        configuration.futureVersionWait = .zero
        change(&configuration)
        cluster = EmbeddedCluster(configuration: configuration)
        transport = cluster.transport(userAgent: "tests/1.0")
    }

    private init(_ other: ClusterFixture, _ transport: InProcessAPITransport) {
        cluster = other.cluster
        self.transport = transport
    }

    /// The same cluster, for somebody else.
    func acting(as user: ClusterUser) -> ClusterFixture {
        ClusterFixture(self, cluster.transport(userAgent: "tests/1.0", as: user))
    }

    /// A definition of `widgets.example.dev` whose `spec` has the given properties.
    static func definition(
        spec: JSONValue = ["size": ["type": "integer"], "color": ["type": "string"]],
        rules: JSONValue = [],
        extra: JSONValue = [:]
    ) -> JSONValue {
        var version: [String: JSONValue] = [
            "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
            "schema": [
                "openAPIV3Schema": [
                    "type": "object",
                    "properties": [
                        "spec": ["type": "object", "properties": spec, "x-kubernetes-validations": rules],
                        "status": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                    ],
                ]
            ],
        ]
        version.merge(extra.object ?? [:]) { _, new in new }
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "widgets.example.dev"],
            "spec": [
                "group": "example.dev", "scope": "Namespaced", "names": ["kind": "Widget", "plural": "widgets"],
                "versions": [.object(version)],
            ],
        ]
    }

    static func widget(_ name: String, spec: JSONValue = ["size": 1], metadata: JSONValue = [:]) -> JSONValue {
        var members = metadata.object ?? [:]
        members["name"] = .string(name)
        return ["apiVersion": "example.dev/v1", "kind": "Widget", "metadata": .object(members), "spec": spec]
    }

    @discardableResult
    func send(
        _ method: APIRequest.Method,
        _ path: String,
        _ body: JSONValue? = nil,
        type: String = "application/json",
        accept: String = "application/json",
        headers: [String: String] = [:],
        lines: [APIRequest.HeaderLine] = []
    ) async throws -> (status: Int, body: JSONValue, headers: [String: String]) {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return APIRequest.QueryItem(pair[0], pair.count > 1 ? pair[1] : "")
        }
        var request = APIRequest(
            method,
            parts[0],
            query: query,
            headers: ["accept": accept, "content-type": type].merging(headers) { _, own in own },
            body: body.map { JSONSerializer().bytes($0) }
        )
        request.headerLines = lines
        let response = try await transport.send(request)
        let value = (try? JSONParser().parse(response.body)) ?? .string(String(decoding: response.body, as: UTF8.self))
        return (response.status, value, response.headers)
    }

    func define(_ definition: JSONValue = ClusterFixture.definition()) async throws -> (status: Int, body: JSONValue) {
        let answer = try await send(.post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
        return (answer.status, answer.body)
    }

    /// The first events of a watch.
    func events(_ path: String, count: Int) async throws -> [JSONValue] {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { item in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return APIRequest.QueryItem(pair[0], pair.count > 1 ? pair[1] : "")
        }
        return try await transport.stream(APIRequest(.get, parts[0], query: query + [.init("watch", "true")])) {
            stream in
            var events: [JSONValue] = []
            if events.count == count { return events }
            for try await line in stream.body {
                events.append(try JSONParser().parse(line.dropLast()))
                if events.count == count { break }
            }
            return events
        }
    }
}

extension JSONValue {
    /// The messages of a failure's causes, by field.
    var causes: [String: String] {
        let causes = value(at: "details", "causes")?.array ?? []
        return Dictionary(causes.map { ($0["field"]?.string ?? "", $0["message"]?.string ?? "") }) { first, _ in first }
    }
    var reason: String { self["reason"]?.string ?? "" }
    var message: String { self["message"]?.string ?? "" }
    var type: String { self["type"]?.string ?? "" }
    var objectName: String { value(at: "object", "metadata", "name")?.string ?? "" }
}
