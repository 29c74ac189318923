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
    /// The clients' name in records and for faults; empty: their `User-Agent`.
    let client: String
    /// What its server has under way.
    let served: ServedAnswers

    func respond(to request: Request, context: Context) async throws -> Response {
        guard let method = APIRequest.Method(rawValue: request.method.rawValue) else {
            return Self.response(
                EmbeddedCluster.response(.methodNotAllowed(request.uri.path)),
                keepsAlive: true
            )
        }
        let (headers, lines) = Self.header(request.headers)
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
        var apiRequest = APIRequest(
            method,
            request.uri.path,
            query: Self.query(request.uri.query),
            headers: headers,
            body: bytes.isEmpty ? nil : bytes
        )
        apiRequest.headerLines = lines
        let caller = Caller(
            userAgent: headers["user-agent"] ?? "",
            client: client,
            user: await Self.user(of: context.channel)
        )
        do {
            switch try await exchange(apiRequest, from: caller, over: context.channel) {
            case .complete(let response): return Self.response(response, keepsAlive: true)
            case .streamed(let answer): return stream(answer, hasBody ? nil : request.body)
            }
        } catch let error as TransportError {
            // The client sees its connection close without an answer.
            context.channel.close(promise: nil)
            throw error
        }
    }

    /// The cluster's answer; a client that goes away while a fault holds its request is given up.
    private func exchange(
        _ request: APIRequest,
        from caller: Caller,
        over channel: any Channel
    ) async throws -> Delivery {
        guard cluster.configuration.faults != nil else { return try await cluster.exchange(request, from: caller) }
        // A client that closes its end has gone: it must not count as one that has only finished speaking.
        try? await channel.setOption(.allowRemoteHalfClosure, value: false).get()
        let closed = Signal()
        let turn = closed.turn
        channel.closeFuture.whenComplete { _ in closed.send() }
        return try await withThrowingTaskGroup(of: Delivery.self) { group in
            group.addTask { try await cluster.exchange(request, from: caller) }
            group.addTask {
                try await closed.wait(after: turn)
                throw TransportError.connectionReset
            }
            group.addTask {
                try await served.waitForStop()
                throw TransportError.connectionReset
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    /// Whom the client's certificate names, where it showed one.
    private static func user(of channel: any Channel) async -> ClusterUser? {
        let found = try? await channel.nioSSL_peerCertificate().get()
        guard let certificate = found ?? nil, let der = try? certificate.toDERBytes() else { return nil }
        return ClusterUser(certificate: der)
    }

    /// The header, with repeated fields joined except where each line is a value of its own.
    private static func header(_ fields: HTTPFields) -> ([String: String], [APIRequest.HeaderLine]) {
        var headers: [String: String] = [:]
        var lines: [APIRequest.HeaderLine] = []
        for field in fields {
            let name = field.name.canonicalName
            if name.hasPrefix(Impersonation.fieldPrefix) {
                lines.append(APIRequest.HeaderLine(name, field.value))
            } else {
                headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
            }
        }
        return (headers, lines)
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

    /// A body as it arrives, each piece flushed; it ends with its watch's timeout, and when the client goes away.
    private func stream(_ answer: StreamedAnswer, _ requestBody: RequestBody?) -> Response {
        let cluster = cluster
        let served = served
        served.add(answer.stream)
        let body = ResponseBody { writer in
            defer { served.remove(answer.stream) }
            do {
                if let requestBody {
                    try await requestBody.consumeWithInboundCloseHandler { inbound in
                        for try await _ in inbound {}
                        try await Self.write(answer, cluster, to: &writer)
                    } onInboundClosed: {
                        answer.stream.end(.endOfFile)
                    }
                } else {
                    try await Self.write(answer, cluster, to: &writer)
                }
                try await writer.finish(nil)
            } catch {
                await cluster.close(answer)
                throw error
            }
            await cluster.close(answer)
        }
        var fields = Self.fields(answer.headers)
        fields[.contentLength] = nil
        return Response(status: HTTPResponse.Status(code: answer.status), headers: fields, body: body)
    }

    private static func write(
        _ answer: StreamedAnswer,
        _ cluster: EmbeddedCluster,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let session = answer.session { group.addTask { await cluster.keepTime(of: session) } }
            defer { group.cancelAll() }
            guard cluster.configuration.faults == nil else {
                for try await piece in answer.body { try await writer.write(ByteBuffer(bytes: piece)) }
                return
            }
            var events = answer.body.source.makeAsyncIterator()
            while let batch = await events.nextBatch() {
                var buffer = ByteBuffer()
                buffer.reserveCapacity(batch.reduce(0) { $0 + $1.count })
                for event in batch { buffer.writeBytes(events.encoding.encode(line: event)) }
                try await writer.write(buffer)
            }
        }
    }
}
