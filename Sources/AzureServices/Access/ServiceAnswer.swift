internal import JSONModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// One exchange with a service of Azure, and what its failures are called.
struct ServiceRequest: Sendable {
    /// What is asked, as the beginning of a sentence: `the identity service login.microsoftonline.com`.
    let name: String
    let request: OutboundRequest
    /// The largest accepted answer.
    let limit: BodyLimit
    /// How long one exchange may take.
    static let timeout = Duration.seconds(10)

    /// Sends it once.
    ///
    /// - Returns: the answer, whatever its status.
    /// - Throws: `AzureError`: there is no answer.
    func answer(over http: any HTTPExchange) async throws(AzureError) -> OutboundResponse {
        var request = request
        request.timeout = request.timeout ?? Self.timeout
        do throws(OutboundError) {
            return try await http.send(request, limit: limit)
        } catch {
            let code: AzureError.Code =
                switch error.code {
                case .cancelled: .cancelled
                case .tooLarge, .malformed: .malformed
                case .invalidRequest, .invalidConfiguration: .misconfigured
                default: .unreachable
                }
            throw AzureError(code, "\(name) gave no answer: \(error.message)")
        }
    }

    /// The words for an answer that is neither what was wanted nor a refusal with a meaning of its own.
    func failure(_ response: OutboundResponse, _ words: String, now: Date) -> AzureError {
        let after = response.headers.values("retry-after").first.flatMap { RetryAfter.parse($0, now: now) }
        let code: AzureError.Code =
            switch response.status {
            case 429: .throttled
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            case 500...599: .serverError
            default: .malformed
            }
        let detail = words.isEmpty ? "" : ": \(words)"
        return AzureError(code, "\(name) answered \(response.status)\(detail)", retryAfter: after)
    }
}

/// Reads the bodies of Azure's services, which hold little.
enum ServiceBody {
    /// The object in a body; `nil` for anything else.
    ///
    /// What the parser finds wrong is not told: it may quote the content.
    static func object(_ bytes: [UInt8]) -> JSONValue? {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 16, maximumValues: 10_000)
        guard let value = try? JSONParser(limits: limits).parse(bytes), value.object != nil else { return nil }
        return value
    }

    /// A token, where the text can be one and fits into a header field.
    static func token(_ value: JSONValue?) -> String? {
        guard let text = value?.string, (1...32_768).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        return text
    }

    /// A number, which the services write as a number or as text.
    static func number(_ value: JSONValue?) -> Int64? { value?.integer ?? value?.string.flatMap { Int64($0) } }
}

/// Forms as they are posted (`application/x-www-form-urlencoded`).
enum FormBody {
    /// The fields in the given order.
    static func encode(_ fields: [(String, String)]) -> [UInt8] {
        Array(fields.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&").utf8)
    }
}
