import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Finds what is served at a path.
///
/// GET and HEAD only: nothing is ever changed through this server, and no request body is looked at.
struct EndpointResponder: HTTPResponder {
    private let endpoints: [String: Endpoint]
    private let notFound: String

    /// Of two endpoints with one path the first holds.
    init(_ endpoints: [Endpoint]) {
        self.endpoints = Dictionary(endpoints.map { ($0.path, $0) }) { first, _ in first }
        let paths = endpoints.map(\.path).filter { !$0.dropFirst().contains("/") }
        notFound = "nothing is served at this path; there are \(paths.joined(separator: ", "))\n"
    }

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        guard let endpoint = endpoints[request.uri.path] else {
            return response(Endpoint.Answer(status: .notFound, body: Array(notFound.utf8)), to: request)
        }
        guard request.method == .get || request.method == .head else {
            let text = "\(endpoint.path) is read with GET or HEAD\n"
            var refusal = response(Endpoint.Answer(status: .methodNotAllowed, body: Array(text.utf8)), to: request)
            refusal.headers[.allow] = "GET, HEAD"
            return refusal
        }
        let query = Endpoint.Query(
            parameters: request.uri.queryParameters.map { (String($0.key), String($0.value)) },
            accept: request.headers[.accept],
            ifNoneMatch: request.headers[.ifNoneMatch]
        )
        return response(await endpoint.answer(query), to: request)
    }

    private func response(_ answer: Endpoint.Answer, to request: Request) -> Response {
        var headers = answer.headers
        headers[.contentType] = answer.contentType
        headers[.cacheControl] = "no-cache"
        headers[.xContentTypeOptions] = "nosniff"
        if request.method == .head {
            headers[.contentLength] = String(answer.body.count)
            return Response(status: answer.status, headers: headers)
        }
        return Response(
            status: answer.status,
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }
}
