internal import OCIModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Asks token services for tokens (distribution, "Token Authentication Specification" and "OAuth2 Token Authentication").
///
/// Services differ in what they know. Which form is tried first, and which then, is what Docker's and containerd's clients
/// do (distribution, `registry/client/auth/session.go`; containerd, `core/remotes/docker/authorizer.go`):
///
/// | credential | first | where the answer is | then |
/// |---|---|---|---|
/// | none | GET | | |
/// | user and password | GET with Basic | 404, 405 | POST, `grant_type=password` |
/// | identity token | POST, `grant_type=refresh_token` | 400, 401, 404, 405 | GET with Basic and no user |
struct TokenService: Sendable {
    /// What a token is asked for with.
    private enum Form {
        case get(Authorization?)
        case post([(String, String)])

        var isPost: Bool {
            if case .post = self { return true }
            return false
        }
    }

    let http: any HTTPExchange
    let traffic: RegistryTraffic
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
    ) async throws(RegistryError) -> TokenAnswer {
        let forms = Self.forms(credential)
        let response = try await ask(realm, forms.first, service, request, deadline)
        if response.status == 200 { return try read(response, forms.first, realm, request) }
        let first = refusal(response, realm, credential, request)
        guard let second = forms.second, forms.statuses.contains(response.status) else { throw first }
        let other = try await ask(realm, second, service, request, deadline)
        if other.status == 200 { return try read(other, second, realm, request) }
        // Of two refusals the one that is about the credential tells more.
        throw [404, 405].contains(response.status) ? refusal(other, realm, credential, request) : first
    }

    private static func forms(_ credential: RegistryCredential?) -> (first: Form, second: Form?, statuses: Set<Int>) {
        switch credential {
        case .basic(let username, let password):
            (
                .get(.basic(username: username, password: password)),
                .post([("grant_type", "password"), ("username", username), ("password", password)]), [404, 405]
            )
        case .identityToken(let token):
            (
                .post([("grant_type", "refresh_token"), ("refresh_token", token)]),
                .get(.basic(username: "", password: token)), [400, 401, 404, 405]
            )
        case .accessToken, nil: (.get(nil), nil, [])
        }
    }

    private func ask(
        _ realm: OutboundURL,
        _ form: Form,
        _ service: String?,
        _ request: RegistryRequest,
        _ deadline: Deadline
    ) async throws(RegistryError) -> OutboundResponse {
        let outbound: OutboundRequest
        do throws(OutboundError) {
            outbound = try makeRequest(realm, form, service, request)
        } catch {
            throw RegistryError(error, asking: request)
        }
        let sending = RegistryTraffic.Sending(
            outbound: outbound,
            limit: .bytes(configuration.limits.tokenBytes),
            timeout: configuration.requestTimeout,
            deadline: deadline,
            request: request
        )
        return try await traffic.send(sending, over: http, date: now)
    }

    private func makeRequest(
        _ realm: OutboundURL,
        _ form: Form,
        _ service: String?,
        _ request: RegistryRequest
    ) throws(OutboundError) -> OutboundRequest {
        var items = [("scope", request.scope)]
        if let service { items.insert(("service", service), at: 0) }
        switch form {
        case .post(let grant):
            return OutboundRequest(
                .post,
                realm,
                headers: ["content-type": "application/x-www-form-urlencoded"],
                body: Array(Self.encode(items + grant + [("client_id", "vigil")]).utf8)
            )
        case .get(let authorization):
            let query = [realm.query, Self.encode(items)].compactMap { $0 }.filter { !$0.isEmpty }
            let url = try OutboundURL(
                scheme: realm.scheme,
                authority: realm.authority,
                path: realm.path,
                query: query.joined(separator: "&")
            )
            var outbound = OutboundRequest(.get, url)
            outbound.headers["authorization"] = authorization?.headerValue
            return outbound
        }
    }

    private static func encode(_ items: [(String, String)]) -> String {
        items.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    }

    private func read(
        _ response: OutboundResponse,
        _ form: Form,
        _ realm: OutboundURL,
        _ request: RegistryRequest
    ) throws(RegistryError) -> TokenAnswer {
        let answer = TokenAnswer(
            response,
            isOAuth: form.isPost,
            maximumBytes: configuration.limits.tokenBytes,
            now: now()
        )
        if let answer { return answer }
        throw RegistryError(
            .malformed,
            "\(request.sentence): the token service \(realm.authority) answered without a usable token",
            asking: request
        )
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
