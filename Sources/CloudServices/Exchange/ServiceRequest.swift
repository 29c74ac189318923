internal import JSONModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// One exchange with a service of a cloud, and what its failures are called.
struct ServiceRequest: Sendable {
    /// What is asked, as the beginning of a sentence: `the identity service login.microsoftonline.com`.
    let name: String
    let request: OutboundRequest
    /// The largest accepted answer.
    let limit: BodyLimit
    /// How long one exchange may take.
    static let timeout = Duration.seconds(10)

    /// The root of a host, over TLS.
    static func url(host: String) throws(CloudError) -> OutboundURL {
        try url { () throws(OutboundError) in try OutboundURL(scheme: .https, authority: host, path: "/") }
    }

    /// Where a request goes; settings that make no URL are told.
    static func url(_ make: () throws(OutboundError) -> OutboundURL) throws(CloudError) -> OutboundURL {
        do throws(OutboundError) {
            return try make()
        } catch {
            throw CloudError(.misconfigured, error.message)
        }
    }

    /// Sends it once.
    ///
    /// - Returns: the answer, whatever its status.
    /// - Throws: `CloudError`: there is no answer.
    func answer(over http: any HTTPExchange) async throws(CloudError) -> OutboundResponse {
        var request = request
        request.timeout = request.timeout ?? Self.timeout
        do throws(OutboundError) {
            return try await http.send(request, limit: limit)
        } catch {
            let code: CloudError.Code =
                switch error.code {
                case .cancelled: .cancelled
                case .tooLarge, .malformed: .malformed
                case .invalidRequest, .invalidConfiguration: .misconfigured
                default: .unreachable
                }
            throw CloudError(code, "\(name) gave no answer: \(error.message)")
        }
    }

    /// The words for an answer that is neither what was wanted nor a refusal with a meaning of its own.
    func failure(_ response: OutboundResponse, _ words: String, now: Date) -> CloudError {
        let after = response.headers.values("retry-after").first.flatMap { RetryAfter.parse($0, now: now) }
        let code: CloudError.Code =
            switch response.status {
            case 429: .throttled
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            case 500...599: .serverError
            default: .malformed
            }
        let detail = words.isEmpty ? "" : ": \(words)"
        return CloudError(code, "\(name) answered \(response.status)\(detail)", retryAfter: after)
    }

    /// The words for an answer of a service that says why in its body, with what to do when it refused.
    ///
    /// - Parameters:
    ///   - response: the answer.
    ///   - reasons: where the service's words are in its body, most general first.
    ///   - refusals: the statuses with which it says that the identity has no right.
    ///   - advice: what to do then.
    ///   - now: the time, for pauses that are dates.
    /// - Returns: the error.
    func failure(
        _ response: OutboundResponse,
        reasons: [(JSONValue) -> JSONValue?],
        refusals: ClosedRange<Int>,
        advice: String,
        now: Date
    ) -> CloudError {
        let body = ServiceBody.object(response.body)
        let words = reasons.compactMap { reason in body.flatMap(reason)?.string }.joined(separator: ": ")
        let failure = failure(response, URLRedaction.printable(words, limit: 300), now: now)
        guard refusals.contains(response.status) else { return failure }
        return CloudError(.unauthorized, "\(failure.message); \(advice)")
    }
}

/// Reads the bodies of services, which hold little.
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

    /// Seconds since 1970, with or without fractions.
    static func seconds(_ value: JSONValue?) -> Double? {
        let seconds: Double? =
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        return seconds.flatMap { $0 > 0 && $0 < 1e11 ? $0 : nil }
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
