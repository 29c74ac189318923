internal import JSONModel
internal import OCIModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Asks token services for tokens (distribution, "Token Authentication Specification" and "OAuth2 Token Authentication").
struct TokenService: Sendable {
    let http: any HTTPExchange
    let configuration: RegistryConfiguration
    let now: @Sendable () -> Date

    /// A token of `realm` for the scope of `request`.
    ///
    /// The credential goes to the realm and nowhere else: redirects of a token service are not followed.
    func token(
        _ realm: OutboundURL,
        service: String?,
        credential: RegistryCredential?,
        for request: RegistryRequest,
        by deadline: Deadline
    ) async throws(RegistryError) -> BearerToken {
        let response: OutboundResponse
        do throws(OutboundError) {
            let outbound = try makeRequest(realm, service, credential, request, deadline)
            response = try await http.send(outbound, limit: .bytes(configuration.limits.tokenBytes))
        } catch {
            throw RegistryError(error, asking: request)
        }
        guard response.status == 200 else { throw refusal(response, realm, credential, request) }
        guard let token = read(response.body) else {
            throw RegistryError(
                .malformed,
                "\(request.sentence): the token service \(realm.authority) answered without a usable token",
                asking: request
            )
        }
        return token
    }

    private func makeRequest(
        _ realm: OutboundURL,
        _ service: String?,
        _ credential: RegistryCredential?,
        _ request: RegistryRequest,
        _ deadline: Deadline
    ) throws(OutboundError) -> OutboundRequest {
        var items = [("scope", request.scope)]
        if let service { items.insert(("service", service), at: 0) }
        let timeout = min(configuration.requestTimeout, max(deadline.remaining, .milliseconds(1)))
        if case .identityToken(let token) = credential {
            items += [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "vigil")]
            return OutboundRequest(
                .post,
                realm,
                headers: ["content-type": "application/x-www-form-urlencoded"],
                body: Array(Self.encode(items).utf8),
                timeout: timeout
            )
        }
        let query = [realm.query, Self.encode(items)].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "&")
        let url = try OutboundURL(scheme: realm.scheme, authority: realm.authority, path: realm.path, query: query)
        var outbound = OutboundRequest(.get, url, timeout: timeout)
        if case .basic(let username, let password) = credential {
            outbound.headers["authorization"] = Authorization.basic(username: username, password: password).headerValue
        }
        return outbound
    }

    private static func encode(_ items: [(String, String)]) -> String {
        items.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    }

    private func read(_ body: [UInt8]) -> BearerToken? {
        let parser = JSONParser(limits: JSONLimits(maximumBytes: configuration.limits.tokenBytes, maximumDepth: 16))
        guard let json = try? parser.parse(body) else { return nil }
        let candidates = [json["token"]?.string, json["access_token"]?.string].compactMap { $0 }.filter { !$0.isEmpty }
        guard let text = candidates.first, text.utf8.count <= 32 << 10,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        // 60 s is the lifetime the specification assumes; a tenth is left for the way and for clocks that differ.
        let lifetime = min(max(json["expires_in"]?.integer ?? 60, 0), 86_400)
        return BearerToken(text: text, expires: now().addingTimeInterval(Double(lifetime) * 0.9))
    }

    private func refusal(
        _ response: OutboundResponse,
        _ realm: OutboundURL,
        _ credential: RegistryCredential?,
        _ request: RegistryRequest
    ) -> RegistryError {
        let who = credential.map { "the credentials (\($0))" } ?? "an anonymous request"
        switch response.status {
        case 400, 401, 403:
            return RegistryError(
                response.status == 403 ? .forbidden : .unauthorized,
                "\(request.sentence): the token service \(realm.authority) refused \(who) with \(response.status)",
                asking: request
            )
        case 429, 500...599:
            return RegistryError(
                response.status == 429 ? .throttled : .serverError,
                "\(request.sentence): the token service \(realm.authority) answered \(response.status)",
                asking: request,
                retryAfter: response.headers.values("retry-after").first.flatMap { RetryAfter.parse($0, now: now()) }
            )
        default:
            return RegistryError(
                .malformed,
                "\(request.sentence): the token service \(realm.authority) answered \(response.status)",
                asking: request
            )
        }
    }
}
