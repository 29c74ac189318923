import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import TestTiming

/// A cluster in virtual time with a fault plan, and short ways to talk to it.
struct FaultFixture: Sendable {
    let time: VirtualTime
    let plan: FaultPlan
    let cluster: EmbeddedCluster
    let transport: InProcessAPITransport

    static let maps = "/api/v1/namespaces/default/configmaps"

    init(seed: UInt64 = 1, limits: InProcessAPITransport.Limits = .init()) {
        time = VirtualTime(limit: .seconds(7200))
        plan = FaultPlan(seed: seed)
        cluster = EmbeddedCluster(configuration: .virtual(time.clock, faults: plan))
        transport = cluster.transport(userAgent: "tests/1.0", limits: limits)
    }

    func create(_ name: String, data: String = "1", in transport: InProcessAPITransport? = nil) async throws
        -> APIResponse
    {
        let body: JSONValue = [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": ["a": .string(data)],
        ]
        return try await (transport ?? self.transport).send(
            APIRequest(
                .post,
                Self.maps,
                headers: ["content-type": "application/json"],
                body: JSONSerializer().bytes(body)
            )
        )
    }

    func list(_ query: [String: String] = [:]) async throws -> APIResponse {
        try await transport.send(APIRequest(.get, Self.maps, query: query.map { .init($0.key, $0.value) }))
    }

    func names(_ query: [String: String] = [:]) async throws -> [String] {
        try Self.names(try await list(query))
    }

    static func names(_ response: APIResponse) throws -> [String] {
        let items = try JSONParser().parse(response.body)["items"]?.array ?? []
        return items.compactMap { $0["metadata"]?["name"]?.string }
    }

    /// What a watch told until it ended.
    struct Watched: Sendable {
        var pieces: [[UInt8]] = []
        var error: TransportError?

        var text: String { String(decoding: pieces.flatMap { $0 }, as: UTF8.self) }
        /// The lines as `TYPE name`.
        var events: [String] {
            text.split(separator: "\n").map { line in
                guard let event = try? JSONParser().parse(Array(line.utf8)) else { return "garbage" }
                let object = event["object"]
                let name = object?["metadata"]?["name"]?.string ?? object?["reason"]?.string ?? ""
                return (event["type"]?.string ?? "?") + (name.isEmpty ? "" : " \(name)")
            }
        }
    }

    /// Watches for some seconds; `perform` runs beside it, from its first second on.
    func watch(
        seconds: Int = 10,
        bookmarks: Bool = false,
        perform: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> Watched {
        try await withThrowingTaskGroup(of: Watched?.self) { group in
            group.addTask { await read(seconds: seconds, bookmarks: bookmarks) }
            group.addTask {
                try await time.clock.sleep(for: .seconds(1))
                try await perform()
                return nil
            }
            var watched = Watched()
            for try await part in group { if let part { watched = part } }
            return watched
        }
    }

    private func read(seconds: Int, bookmarks: Bool) async -> Watched {
        let pieces = PieceLog()
        var watched = Watched()
        let query = ["watch": "true", "timeoutSeconds": "\(seconds)", "allowWatchBookmarks": "\(bookmarks)"]
        do {
            let request = APIRequest(.get, Self.maps, query: query.map { .init($0.key, $0.value) })
            try await transport.stream(request) { answer in
                for try await piece in answer.body { pieces.append(piece) }
            }
        } catch {
            watched.error = error as? TransportError
        }
        watched.pieces = pieces.all
        return watched
    }
}
