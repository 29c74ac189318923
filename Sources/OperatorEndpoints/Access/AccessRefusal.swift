import HTTPTypes

extension Endpoint.Answer {
    /// What a request is answered that may not be, or `nil` for one that may (RFC 6750 §3).
    ///
    /// - Parameters:
    ///   - headers: the headers of the request.
    ///   - path: the path of the endpoint that was asked for.
    ///   - access: who decides.
    /// - Returns: 401, 403 or 503; `nil` when the request may be answered.
    static func refusal(to headers: HTTPFields, path: String, by access: any EndpointAccess) async -> Endpoint.Answer? {
        switch BearerToken(headers) {
        case .none: return unauthorized("\(path) is read with a bearer token", challenge: "Bearer realm=\"vigil\"")
        case .malformed:
            return unauthorized(
                "the header Authorization holds no bearer token, and no password that is one",
                challenge: "Bearer realm=\"vigil\", error=\"invalid_request\""
            )
        case .token(let token):
            switch await access.decision(token: token, path: path) {
            case .allowed: return nil
            case .unauthenticated:
                return unauthorized(
                    "the bearer token is not, or no longer, one that the API server knows",
                    challenge: "Bearer realm=\"vigil\", error=\"invalid_token\""
                )
            case .denied(let user):
                let text =
                    "the user \(printable(user)) may not get \(path): a ClusterRole must allow it (nonResourceURLs)"
                return Endpoint.Answer(status: .forbidden, body: Array("\(text)\n".utf8))
            case .undecided(let reason):
                return Endpoint.Answer(
                    status: .serviceUnavailable,
                    headers: [.retryAfter: "5"],
                    body: Array("whether \(path) may be read cannot be found out now: \(reason)\n".utf8)
                )
            }
        }
    }

    private static func unauthorized(_ text: String, challenge: String) -> Endpoint.Answer {
        var headers: HTTPFields = [.wwwAuthenticate: challenge]
        // A browser has no other way to ask a person for a token; it gives it as the password.
        headers.append(HTTPField(name: .wwwAuthenticate, value: "Basic realm=\"vigil\", charset=\"UTF-8\""))
        return Endpoint.Answer(status: .unauthorized, headers: headers, body: Array("\(text)\n".utf8))
    }

    /// Names of users come from certificates and identity providers.
    private static func printable(_ name: String) -> String {
        let short = name.unicodeScalars.prefix(128).map { scalar -> Character in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : Character(scalar)
        }
        return "\"\(String(short))\""
    }
}
