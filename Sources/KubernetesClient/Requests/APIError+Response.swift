import FoundationEssentials
public import KubernetesAPI

extension APIError {
    /// How much of an answer that is no `Status` goes into a message, in bytes.
    private static let longestExcerpt = 256

    /// Reads the failure out of an answer, whatever form it has: a `Status`, or the text of a proxy.
    public init(_ response: APIResponse, to request: APIRequest) {
        // Who asks for objects in Protocol Buffers is told in them what went wrong.
        let said = response.bodyInJSON
        let status = try? JSONDecoder().decode(StatusFailure.self, from: Data(said))
        let asked = "\(request.method.rawValue) \(request.path)"
        let headerDelay = response.headers["retry-after"].flatMap { Int($0) }
        if let status, status.status == "Failure" || status.reason != nil {
            self.init(status, httpStatus: response.status, asked: asked, headerDelay: headerDelay)
            auditID = response.auditID
            return
        }
        let excerpt = Self.excerpt(said)
        // An API server has no Status for a path it does not serve at all.
        let hint =
            response.status == 404 && request.path.hasPrefix("/apis/")
            ? " (the server does not serve this resource; is its CustomResourceDefinition installed?)" : ""
        self.init(
            Self.code(for: response.status, method: request.method),
            httpStatus: response.status,
            message: "\(asked) was answered with \(response.status)" + (excerpt.isEmpty ? "" : ": \(excerpt)") + hint,
            retryAfter: headerDelay.flatMap(Self.delay)
        )
        auditID = response.auditID
    }

    /// The failure in an answer whose HTTP status says that there is none, as some proxies make them; `nil` when the
    /// answer is what it says.
    static func hidden(in response: APIResponse, asked: String) -> APIError? {
        // Only a short document that begins like a Status is worth reading twice.
        guard response.body.count <= 64 << 10, response.body.prefix(512).contains(subsequence: Array("Status".utf8)),
            let document = try? JSONDecoder().decode(TypedStatus.self, from: Data(response.body)),
            document.kind == "Status", document.apiVersion == "v1",
            let status = try? JSONDecoder().decode(StatusFailure.self, from: Data(response.body)),
            status.status == "Failure"
        else { return nil }
        var error = APIError(status, asked: asked)
        error.auditID = response.auditID
        return error
    }

    private struct TypedStatus: Decodable {
        var kind: String?
        var apiVersion: String?
    }

    /// Reads the failure out of a `Status` that arrived inside a stream.
    public init(_ status: StatusFailure, asked: String) {
        self.init(status, httpStatus: status.code ?? 500, asked: asked, headerDelay: nil)
    }

    private init(_ status: StatusFailure, httpStatus: Int, asked: String, headerDelay: Int?) {
        let reason = status.reason.flatMap { $0.isEmpty ? nil : $0 }
        let code = reason.map(Code.init(rawValue:)) ?? Self.code(for: status.code ?? httpStatus, method: .get)
        let said = Self.excerpt(Array((status.message ?? "").utf8), limit: 2048)
        self.init(
            code,
            httpStatus: httpStatus,
            message: "\(asked) was refused with \(httpStatus) \(code.rawValue)" + (said.isEmpty ? "" : ": \(said)"),
            details: status.details,
            retryAfter: (headerDelay ?? status.details?.retryAfterSeconds).flatMap(Self.delay),
            continueToken: status.metadata?.continue
        )
    }

    private static func delay(_ seconds: Int) -> Duration? {
        (0...86_400).contains(seconds) ? .seconds(seconds) : nil
    }

    private static func code(for status: Int, method: APIRequest.Method) -> Code {
        switch status {
        case 400: .badRequest
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 405: .methodNotAllowed
        case 406: .notAcceptable
        case 409: method == .post ? .alreadyExists : .conflict
        case 410: .expired
        case 413: .requestEntityTooLarge
        case 415: .unsupportedMediaType
        case 422: .invalid
        case 429: .tooManyRequests
        case 500: .internalError
        case 503: .serviceUnavailable
        case 504: .timeout
        default: .unknown
        }
    }

    /// The beginning of a text, on one line and without control characters.
    private static func excerpt(_ bytes: [UInt8], limit: Int = longestExcerpt) -> String {
        let text = String(decoding: bytes.prefix(limit), as: UTF8.self)
        let plain = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }.joined()
        let words = plain.split(separator: " ").joined(separator: " ")
        return bytes.count > limit ? words + " …" : words
    }
}

extension APIResponse {
    /// The request's entry in the server's audit log.
    var auditID: String? { headers["audit-id"].map { String($0.prefix(64)) } }

    /// The body; a `Status` in Protocol Buffers as the JSON that it would be, and what only begins like one as nothing.
    fileprivate var bodyInJSON: [UInt8] {
        guard body.starts(with: ProtobufTranscriber.magic) else { return body }
        var transcriber = ProtobufTranscriber(limit: 1 << 20)
        let isRead = body.withUnsafeBytes { (try? transcriber.transcribe(object: $0, .status)) != nil }
        return isRead ? transcriber.json : []
    }
}

extension Collection<UInt8> {
    fileprivate func contains(subsequence: [UInt8]) -> Bool {
        guard let first = subsequence.first else { return true }
        return indices.contains { self[$0] == first && self[$0...].starts(with: subsequence) }
    }
}
