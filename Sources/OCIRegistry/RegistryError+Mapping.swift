internal import OCIModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension RegistryError {
    /// What went wrong below HTTP.
    init(_ error: OutboundError, asking request: RegistryRequest) {
        let code: Code
        var advice = ""
        switch error.code {
        case .unreachable, .proxyRefused, .connectionLost: code = .unreachable
        case .insecure: code = .insecure
        case .notTLS:
            code = .insecure
            advice = "; name it with --plain-http-registry, or under registry.plainHTTP, if that is meant"
        case .timedOut: code = .timedOut
        case .tooLarge: code = .tooLarge
        case .cancelled, .shutDown, .withheld: code = .cancelled
        case .malformed, .invalidRequest, .invalidConfiguration: code = .malformed
        }
        self.init(code, "\(request.sentence): \(error.message)\(advice)", asking: request)
    }

    /// An answer that does not bring what was asked for.
    init(_ response: OutboundResponse, asking request: RegistryRequest, now: Date) {
        let body = RegistryErrorBody(response.body)
        let code: Code
        switch response.status {
        case 401: code = .unauthorized
        case 403: code = .forbidden
        case 404: code = body.codes.contains("NAME_UNKNOWN") ? .repositoryNotFound : .notFound
        case 408: code = .timedOut
        case 429: code = .throttled
        case 500...599: code = .serverError
        case 400...499: code = .refused
        default: code = .malformed
        }
        let words = body.words.isEmpty ? "" : " \(body.words)"
        self.init(
            code,
            "\(request.sentence): the registry answered \(response.status)\(words)",
            asking: request,
            retryAfter: response.headers.values("retry-after").first.flatMap { RetryAfter.parse($0, now: now) }
        )
    }

    init(
        _ code: Code,
        _ message: String,
        asking request: RegistryRequest,
        retryAfter: Duration? = nil,
        isHeldBack: Bool = false
    ) {
        self.init(
            code,
            message,
            host: request.repository.registry,
            repository: request.repository.path,
            retryAfter: retryAfter,
            isHeldBack: isHeldBack
        )
    }
}
