import JSONModel
import KubernetesAPI
import KubernetesClient
import Synchronization

/// A transport that shows of collections of the whole cluster only what belongs to one test: the namespace `own`, those
/// whose names begin with it and a hyphen, what is in them, and cluster objects that are named so.
///
/// So controllers that see every namespace can share a cluster with other tests, with people, and with an operator.
struct OwnNamespacesTransport: APITransport {
    let base: any APITransport
    let own: String

    func send(_ request: APIRequest) async throws -> APIResponse {
        let response = try await base.send(request)
        guard Self.isWholeCollection(request), response.status == 200 else { return response }
        return APIResponse(status: 200, headers: response.headers, body: try ownItems(response.body))
    }

    func stream<Result: Sendable>(
        _ request: APIRequest,
        _ body: @Sendable (APIResponseStream) async throws -> Result
    ) async throws -> Result {
        try await base.stream(request) { stream in
            guard Self.isWholeCollection(request), stream.status == 200 else { return try await body(stream) }
            let isWatch = request.query.contains { $0.name == "watch" }
            return try await body(
                APIResponseStream(
                    status: 200,
                    headers: stream.headers,
                    body: isWatch ? ownEvents(stream.body) : try await ownList(stream.body)
                )
            )
        }
    }

    /// Whether a request reads a collection, and not that of one namespace.
    private static func isWholeCollection(_ request: APIRequest) -> Bool {
        // `/api/v1/pods` or `/apis/GROUP/VERSION/RESOURCE`.
        let parts = request.path.split(separator: "/")
        return request.method == .get && parts.count == (parts.first == "api" ? 3 : 4)
    }

    private func isOwn(_ object: JSONValue?) -> Bool {
        // Neither bookmarks nor errors have a name.
        guard
            let name = object?.value(at: "metadata", "namespace")?.string
                ?? object?.value(at: "metadata", "name")?.string
        else { return true }
        return name == own || name.hasPrefix("\(own)-")
    }

    private func ownItems(_ bytes: [UInt8]) throws -> [UInt8] {
        guard case .object(var list) = try JSONParser().parse(bytes), let items = list["items"]?.array else {
            return bytes
        }
        list["items"] = .array(items.filter(isOwn))
        return JSONSerializer().bytes(.object(list))
    }

    private func ownList(
        _ body: some AsyncSequence<[UInt8], any Error> & Sendable
    ) async throws -> any AsyncSequence<[UInt8], any Error> & Sendable {
        var bytes: [UInt8] = []
        for try await chunk in body { bytes += chunk }
        let (stream, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        continuation.yield(try ownItems(bytes))
        continuation.finish()
        return stream
    }

    private func ownEvents(
        _ body: some AsyncSequence<[UInt8], any Error> & Sendable
    ) -> any AsyncSequence<[UInt8], any Error> & Sendable {
        let cutter = LineCutter()
        return body.map { (chunk) throws -> [UInt8] in
            try cutter.lines(chunk).filter { isOwn(try JSONParser().parse($0)["object"]) }.flatMap { $0 + [0x0A] }
        }
    }

    /// Cuts one watch into lines.
    private final class LineCutter: Sendable {
        private let decoder = Mutex(WatchDecoder())

        func lines(_ chunk: [UInt8]) throws -> [[UInt8]] { try decoder.withLock { try $0.decode(chunk) } }
    }
}
