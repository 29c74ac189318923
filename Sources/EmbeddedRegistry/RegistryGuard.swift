internal import JSONModel

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Decides who may do what, and issues tokens.
struct RegistryGuard: Sendable {
    let authentication: EmbeddedRegistryConfiguration.Authentication
    /// `scheme://host:port` of this server.
    var origin = ""
    private var tokens: [String: Set<String>] = [:]
    private var issued = 0
    /// The refresh token that is accepted, where it is another than the first.
    private var successor: String?

    init(_ authentication: EmbeddedRegistryConfiguration.Authentication) {
        self.authentication = authentication
    }

    /// Forgets every token.
    mutating func revoke() { tokens = [:] }

    /// The refusal of a request; `nil` when it may go on.
    func refusal(of request: RecordedRequest, _ repository: String?) -> RegistryAnswer? {
        let isReading = request.method == "GET" || request.method == "HEAD"
        let scope = repository.map { "repository:\($0):\(isReading ? "pull" : "push")" }
        let authorization = request.headers["authorization"]
        switch authentication {
        case .none:
            return nil
        case .basic(let username, let password):
            if authorization == Self.basic(username, password) { return nil }
            return challenge("Basic realm=\"embedded\"", wasRefused: authorization != nil)
        case .bearer(let issuer):
            if let text = authorization, text.hasPrefix("Bearer "), let scopes = tokens[String(text.dropFirst(7))],
                scope.map(scopes.contains) ?? true
            {
                return nil
            }
            var words = "Bearer realm=\"\(issuer.realm ?? origin + "/token")\",service=\"\(issuer.service)\""
            if let repository { words += ",scope=\"repository:\(repository):\(isReading ? "pull" : "pull,push")\"" }
            return challenge(words, wasRefused: authorization != nil)
        }
    }

    /// Answers a request for a token.
    mutating func issue(_ request: RecordedRequest) -> RegistryAnswer {
        guard case .bearer(let issuer) = authentication else { return .error(404, "NOT_FOUND", "no token service") }
        var items = request.query
        if request.method == "POST" {
            if let status = issuer.refusesPostWith { return .error(status, "UNSUPPORTED", "no such form") }
            items = FormText.items(String(decoding: request.body, as: UTF8.self))
        } else if !issuer.answersGet {
            return .error(405, "UNSUPPORTED", "method not allowed")
        }
        guard isKnown(request, items, issuer) else { return .error(401, "UNAUTHORIZED", "authentication required") }
        guard items["service"] == issuer.service else { return .error(400, "UNSUPPORTED", "unknown service") }
        issued += 1
        let token = "embedded-token-\(issued)"
        var scopes: Set<String> = []
        for scope in (items["scope"] ?? "").split(separator: " ") {
            let parts = scope.split(separator: ":")
            guard parts.count == 3 else { continue }
            for action in parts[2].split(separator: ",") { scopes.insert("\(parts[0]):\(parts[1]):\(action)") }
        }
        tokens[token] = scopes
        var members: [String: JSONValue] = ["expires_in": .integer(Int64(issuer.lifetime))]
        members[request.method == "POST" ? "access_token" : "token"] = .string(token)
        if request.method == "POST", issuer.rotatesIdentityTokens {
            successor = "refresh-\(issued)"
            members["refresh_token"] = successor.map { .string($0) }
        }
        return .json(200, .object(members))
    }

    /// Whether a request for a token proves who sends it, in exactly the form that belongs to the proof: by GET in the
    /// header, by POST in the form and nowhere else.
    private func isKnown(
        _ request: RecordedRequest,
        _ items: [String: String],
        _ issuer: EmbeddedRegistryConfiguration.TokenIssuer
    ) -> Bool {
        let authorization = request.headers["authorization"]
        guard request.method == "POST" else {
            guard request.method == "GET", request.body.isEmpty else { return false }
            if issuer.refusesPostWith != nil, let token = issuer.identityToken, authorization == Self.basic("", token) {
                return true
            }
            guard let user = issuer.user else { return true }
            return authorization == Self.basic(user.name, user.password)
        }
        guard authorization == nil, request.query.isEmpty, items["client_id"] != nil,
            request.headers["content-type"] == "application/x-www-form-urlencoded"
        else { return false }
        switch items["grant_type"] {
        case "refresh_token":
            return issuer.identityToken != nil && items["refresh_token"] == (successor ?? issuer.identityToken)
        case "password":
            guard let user = issuer.user else { return false }
            return items["username"] == user.name && items["password"] == user.password
        default: return false
        }
    }

    private func challenge(_ words: String, wasRefused: Bool) -> RegistryAnswer {
        var answer = RegistryAnswer.error(401, "UNAUTHORIZED", wasRefused ? "access denied" : "authentication required")
        answer.setHeader("www-authenticate", words)
        return answer
    }

    private static func basic(_ username: String, _ password: String) -> String {
        "Basic \(Data("\(username):\(password)".utf8).base64EncodedString())"
    }
}
