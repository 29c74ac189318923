internal import HTTPTypes
internal import Hummingbird
internal import JSONModel
internal import KubernetesAPI
internal import NIOCore
internal import NIOSSL

/// Turns HTTP requests into ``EmbeddedCluster`` requests and its answers into HTTP responses.
struct APIResponder: HTTPResponder {
    /// A request's context that knows its connection.
    struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: Source) {
            coreContext = CoreRequestContextStorage(source: source)
            channel = source.channel
        }
    }

    let cluster: EmbeddedCluster

    func respond(to request: Request, context: Context) async throws -> Response {
        guard let method = APIRequest.Method(rawValue: request.method.rawValue) else {
            return Self.response(
                EmbeddedCluster.response(.methodNotAllowed(request.uri.path)),
                keepsAlive: true
            )
        }
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
        }
        let limit = cluster.configuration.maximumBodySize
        // The bodiless request of a watch keeps its empty body, for the close of the connection to be seen behind it.
        let hasBody = headers["content-length"] ?? "0" != "0" || headers["transfer-encoding"] != nil
        var body = ByteBuffer()
        do {
            if hasBody { body = try await request.body.collect(upTo: limit) }
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            return Self.response(EmbeddedCluster.response(.tooLargeBody(limit: limit)), keepsAlive: false)
        }
        let bytes = Array(body.readableBytesView)
        let apiRequest = APIRequest(
            method,
            request.uri.path,
            query: Self.query(request.uri.query),
            headers: headers,
            body: bytes.isEmpty ? nil : bytes
        )
        let user = await Self.user(of: context.channel)
        switch try await cluster.respond(to: apiRequest, userAgent: headers["user-agent"] ?? "", as: user) {
        case .complete(let response): return Self.response(response, keepsAlive: true)
        case .watch(let session, let headers):
            return watch(session, headers, hasBody ? nil : request.body)
        }
    }

    /// Whom the client's certificate names, where it showed one.
    private static func user(of channel: any Channel) async -> ClusterUser? {
        let found = try? await channel.nioSSL_peerCertificate().get()
        guard let certificate = found ?? nil, let der = try? certificate.toDERBytes() else { return nil }
        return ClusterUser(certificate: der)
    }

    private static func query(_ text: String?) -> [APIRequest.QueryItem] {
        (text ?? "").split(separator: "&", maxSplits: 256).map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? RequestTarget.decode(parts[1], plusIsSpace: true) : ""
            return APIRequest.QueryItem(RequestTarget.decode(parts.first ?? "", plusIsSpace: true), value)
        }
    }

    private static func fields(_ headers: [String: String]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }

    private static func response(_ response: APIResponse, keepsAlive: Bool) -> Response {
        var fields = fields(response.headers)
        if !keepsAlive { fields[.connection] = "close" }
        return Response(
            status: HTTPResponse.Status(code: response.status),
            headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
        )
    }

    /// A watch's events as chunks, each flushed; it ends with its timeout, and when the client goes away.
    private func watch(_ session: WatchSession, _ headers: [String: String], _ requestBody: RequestBody?) -> Response {
        let cluster = cluster
        let body = ResponseBody { writer in
            do {
                if let requestBody {
                    try await requestBody.consumeWithInboundCloseHandler { inbound in
                        for try await _ in inbound {}
                        try await Self.write(session, cluster, to: &writer)
                    } onInboundClosed: {
                        session.events.queue.finish()
                    }
                } else {
                    try await Self.write(session, cluster, to: &writer)
                }
                try await writer.finish(nil)
            } catch {
                await cluster.endWatch(session.id)
                throw error
            }
            await cluster.endWatch(session.id)
        }
        return Response(status: .ok, headers: Self.fields(headers), body: body)
    }

    private static func write(
        _ session: WatchSession,
        _ cluster: EmbeddedCluster,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await cluster.keepTime(of: session) }
            defer { group.cancelAll() }
            var events = session.events.makeAsyncIterator()
            while let batch = await events.nextBatch() {
                var buffer = ByteBuffer()
                buffer.reserveCapacity(batch.reduce(0) { $0 + $1.count })
                for event in batch { buffer.writeBytes(event) }
                try await writer.write(buffer)
            }
        }
    }
}
