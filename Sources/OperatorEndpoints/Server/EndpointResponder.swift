import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Finds what is served at a path, and answers those who may read it.
///
/// GET and HEAD only: nothing is ever changed through this server, and no request body is looked at.
struct EndpointResponder: HTTPResponder {
    private let endpoints: [String: Endpoint]
    private let access: (any EndpointAccess)?
    private let bodyBytes: Int
    private let notFound: String

    /// Of two endpoints with one path the first holds.
    ///
    /// - Parameters:
    ///   - endpoints: what is served.
    ///   - access: who decides about what is not open; `nil` lets everybody read everything.
    ///   - bodyBytes: the longest body that is waited for, and thrown away.
    init(_ endpoints: [Endpoint], access: (any EndpointAccess)?, bodyBytes: Int) {
        self.endpoints = Dictionary(endpoints.map { ($0.path, $0) }) { first, _ in first }
        self.access = access
        self.bodyBytes = bodyBytes
        let paths = endpoints.map(\.path).filter { !$0.dropFirst().contains("/") }
        notFound = "nothing is served at this path; there are \(paths.joined(separator: ", "))\n"
    }

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        guard hasShortBody(request) else {
            let text = "no body is looked at here, and none beyond \(bodyBytes) bytes is waited for\n"
            return last(Endpoint.Answer(status: .contentTooLarge, body: Array(text.utf8)), on: context.channel)
        }
        guard let endpoint = endpoints[request.uri.path] else {
            return response(Endpoint.Answer(status: .notFound, body: Array(notFound.utf8)), to: request)
        }
        guard request.method == .get || request.method == .head else {
            let text = "\(endpoint.path) is read with GET or HEAD\n"
            var refusal = response(Endpoint.Answer(status: .methodNotAllowed, body: Array(text.utf8)), to: request)
            refusal.headers[.allow] = "GET, HEAD"
            return refusal
        }
        // What is there is no secret, and a path that is none costs no question: only what is served is kept.
        if !endpoint.isOpen, let access,
            let refusal = await Endpoint.Answer.refusal(
                to: request.headers,
                path: endpoint.right ?? endpoint.path,
                by: access
            )
        {
            return response(refusal, to: request)
        }
        let query = Endpoint.Query(
            parameters: request.uri.queryParameters.map { (String($0.key), String($0.value)) },
            accept: request.headers[.accept],
            ifNoneMatch: request.headers[.ifNoneMatch]
        )
        return response(await endpoint.answer(query), to: request)
    }

    private func hasShortBody(_ request: Request) -> Bool {
        guard request.headers[.transferEncoding] == nil else { return false }
        guard let length = request.headers[.contentLength] else { return true }
        return Int(length).map { $0 <= bodyBytes } ?? false
    }

    private func response(_ answer: Endpoint.Answer, to request: Request) -> Response {
        let headers = headers(of: answer)
        if request.method == .head {
            return Response(status: answer.status, headers: headers)
        }
        return Response(
            status: answer.status,
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }

    /// An answer after which the connection ends.
    private func last(_ answer: Endpoint.Answer, on channel: any Channel) -> Response {
        var headers = headers(of: answer)
        headers[.connection] = "close"
        let body = ByteBuffer(bytes: answer.body)
        return Response(
            status: answer.status,
            headers: headers,
            body: .init(contentLength: body.readableBytes) { writer in
                try await writer.write(body)
                try await writer.finish(nil)
                channel.close(promise: nil)
            }
        )
    }

    private func headers(of answer: Endpoint.Answer) -> HTTPFields {
        var headers = answer.headers
        headers[.contentType] = answer.contentType
        // What one may read another may not, so no cache between them keeps it.
        headers[.cacheControl] = access == nil ? "no-cache" : "private, no-cache"
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentLength] = String(answer.body.count)
        return headers
    }
}

/// What a request came in on.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
