import FoundationEssentials
import JSONModel
import KubernetesAPI
import Synchronization

@testable import EmbeddedKubernetes

/// Sends recorded requests to a cluster, in order, with its own identities in place of the recorded ones.
final class TraceReplay: Sendable {
    private let transport: InProcessAPITransport
    /// This cluster's uid or resource version for each recorded one.
    private let identities = Mutex<(uids: [String: String], versions: [String: String])>(([:], [:]))

    init(_ cluster: EmbeddedCluster) { transport = cluster.transport(userAgent: "kubectl/v1.32.4") }

    func request(_ exchange: TraceExchange) -> APIRequest? {
        guard let method = APIRequest.Method(rawValue: exchange.method) else { return nil }
        let parts = exchange.path.split(separator: "?", maxSplits: 1).map(String.init)
        let (uids, versions) = identities.withLock { $0 }
        var query: [APIRequest.QueryItem] = []
        for item in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1).map { RequestTarget.decode($0, plusIsSpace: true) }
            var value = pair.count > 1 ? pair[1] : ""
            // The digest of a document is this cluster's own, and asking without it gives the same.
            if pair[0] == "hash", parts[0].hasPrefix("/openapi/") { continue }
            if pair[0] == "resourceVersion" { value = versions[value] ?? value }
            for (recorded, own) in uids where value.contains(recorded) { value = value.replacing(recorded, with: own) }
            query.append(APIRequest.QueryItem(pair[0], value))
        }
        var headers = exchange.headers
        headers["impersonate-user"] = TraceFixtures.impersonated(exchange)
        headers["user-agent"] = exchange.isCurl ? "curl/8.14" : "kubectl/v1.32.4"
        var body = exchange.body
        if exchange.headers["content-type"]?.contains("json") == true, let bytes = body {
            var text = String(decoding: bytes, as: UTF8.self)
            for (recorded, own) in versions {
                text = text.replacing(
                    "\"resourceVersion\":\"\(recorded)\"",
                    with: "\"resourceVersion\":\"\(own)\u{1}\""
                )
            }
            body = Array(text.replacing("\u{1}", with: "").utf8)
        }
        return APIRequest(method, parts[0], query: query, headers: headers, body: body)
    }

    /// The differences between the answer and the recorded one.
    func differences(_ exchange: TraceExchange) async throws -> [String] {
        guard let request = request(exchange) else { return ["unknown method \(exchange.method)"] }
        let response = try await transport.send(request)
        var differences: [String] = []
        if response.status != exchange.status {
            let text = String(decoding: response.body.prefix(300), as: UTF8.self)
            differences.append("status: recorded \(exchange.status), answered \(response.status) \(text)")
        }
        for name in ["warning", "content-type", "cache-control"] {
            let (recorded, own) = (exchange.responseHeaders[name], response.headers[name])
            guard recorded != own else { continue }
            // But for pods it answers in JSON whoever takes both.
            let takesJSON = exchange.headers["accept"]?.contains("application/json") == true
            if recorded == "application/vnd.kubernetes.protobuf", own == "application/json", takesJSON { continue }
            differences.append("\(name): recorded \(recorded ?? "none"), answered \(own ?? "none")")
        }
        if (exchange.responseHeaders["etag"] == nil) != (response.headers["etag"] == nil) {
            differences.append("etag: one has it, the other has not")
        }
        return differences + (try compareBodies(exchange, response))
    }

    private func compareBodies(_ exchange: TraceExchange, _ response: APIResponse) throws -> [String] {
        if exchange.responseHeaders["content-type"] == "application/vnd.kubernetes.protobuf" {
            // Kinds that only the answer uses have no description here; their status is compared.
            guard let bytes = exchange.responseBytes, let recorded = try? KubernetesProtobuf.decode(bytes) else {
                return []
            }
            var own: JSONValue
            if response.headers["content-type"] == "application/vnd.kubernetes.protobuf" {
                own = try KubernetesProtobuf.decode(response.body)
            } else {
                own = try JSONParser().parse(response.body)
                own.set(path: ["metadata", "managedFields"], nil)
            }
            // An empty message and an absent one read alike.
            own = .object((own.object ?? [:]).filter { $0.value != [:] })
            learn(recorded, own)
            return compare(recorded, own)
        }
        // A body that the recording left out: it is that of an earlier exchange, or the large description of what is built in.
        guard let text = exchange.responseText else { return [] }
        guard let recorded = try? JSONParser().parse(Array(text.utf8)) else {
            let own = String(decoding: response.body, as: UTF8.self)
            return text == own ? [] : ["body: recorded \(text.prefix(200)), answered \(own.prefix(200))"]
        }
        let own = try JSONParser().parse(response.body)
        learn(recorded, own)
        return compare(select(recorded, exchange), select(own, exchange))
    }

    /// The part of a document that is compared.
    private func select(_ value: JSONValue, _ exchange: TraceExchange) -> JSONValue {
        if exchange.path.hasPrefix("/version") {
            return ["gitVersion": value["gitVersion"] ?? .null, "minor": value["minor"] ?? .null]
        }
        if exchange.path.hasPrefix("/openapi/v3/") {
            let schema = value.value(at: "components", "schemas", "dev.example.v1alpha1.ImageCheck")
            let properties = schema?["properties"]
            return [
                "spec": properties?["spec"] ?? .null, "status": properties?["status"] ?? .null,
                "description": schema?["description"] ?? .null, "required": schema?["required"] ?? .null,
                "kinds": schema?["x-kubernetes-group-version-kind"] ?? .null,
            ]
        }
        if exchange.path.hasPrefix("/openapi/v3") {
            return .array((value["paths"]?.object ?? [:]).keys.sorted().map(JSONValue.string))
        }
        return value
    }

    func compare(_ recorded: JSONValue, _ own: JSONValue) -> [String] {
        var comparison = TraceComparison()
        let isDefinition = recorded["kind"]?.string?.hasPrefix("CustomResourceDefinition") == true
        comparison.compare(recorded, own, at: isDefinition ? "CRD" : "")
        return comparison.differences
    }

    /// Notes which of this cluster's identities stand for the recorded ones.
    func learn(_ recorded: JSONValue, _ own: JSONValue) {
        switch (recorded, own) {
        case (.object(let left), .object(let right)):
            identities.withLock { known in
                if let recorded = left["uid"]?.string, let own = right["uid"]?.string { known.uids[recorded] = own }
                if let recorded = left["resourceVersion"]?.string, let own = right["resourceVersion"]?.string {
                    known.versions[recorded] = own
                }
            }
            for (name, value) in left { if let other = right[name] { learn(value, other) } }
        case (.array(let left), .array(let right)):
            for (first, second) in zip(left, right) { learn(first, second) }
        default: return
        }
    }

    /// A watch without the frames about objects that were there before the recording began.
    func withoutHistory(_ exchange: TraceExchange) throws -> TraceExchange {
        let uids = identities.withLock { $0.uids }
        var exchange = exchange
        let frames = (exchange.responseText ?? "").split(separator: "\n").filter { line in
            let frame = try? JSONParser().parse(Array(line.utf8))
            return frame?["object"]?["metadata"]?["uid"]?.string.map { uids[$0] != nil } ?? true
        }
        exchange.responseText = frames.joined(separator: "\n")
        return exchange
    }

    /// Opens a watch and hands on its frames, until cancelled.
    func follow(_ exchange: TraceExchange, _ receive: @Sendable (String) -> Void) async throws {
        guard let request = request(exchange) else { return }
        try await transport.stream(request) { stream in
            for try await line in stream.body { receive(String(decoding: line, as: UTF8.self)) }
        }
    }

    /// Opens a recorded watch, says so, and compares as many events as were recorded.
    func watch(_ exchange: TraceExchange, opened: @Sendable () -> Void) async throws -> [String] {
        guard let request = request(exchange) else { return ["unknown method"] }
        let recorded = try (exchange.responseText ?? "").split(separator: "\n").map {
            try JSONParser().parse(Array($0.utf8))
        }
        let own = try await transport.stream(request) { stream -> [JSONValue] in
            opened()
            var events: [JSONValue] = []
            for try await line in stream.body {
                events.append(try JSONParser().parse(line.dropLast()))
                if events.count == recorded.count { break }
            }
            return events
        }
        for (first, second) in zip(recorded, own) { learn(first, second) }
        return compare(.array(recorded), .array(own))
    }
}
