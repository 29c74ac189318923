internal import JSONModel
internal import Synchronization

/// A stand-in for the services of Google Cloud that Vigil asks: the metadata server, the token service and the one that
/// gives tokens of service accounts.
///
/// It is made from Google's documentation, which each part names. It refuses every request that is not exactly what the
/// documentation shows, keeps what was asked, and shares no code with what it tests.
public final class EmbeddedGoogle: EmbeddedCloud {
    struct State: Sendable {
        var settings: GoogleSettings
        var seconds: Int64
        var tokens: [String: Int64] = [:]
        var issued = 0
        var log = CloudLog()
    }

    private let state: Mutex<State>

    /// Creates the services.
    ///
    /// - Parameters:
    ///   - settings: what they are like.
    ///   - seconds: the present, in seconds since 1970; ``advance(by:)`` moves it.
    public init(_ settings: GoogleSettings = GoogleSettings(), seconds: Int64) {
        state = Mutex(State(settings: settings, seconds: seconds))
    }

    // MARK: What a test does

    /// Changes the settings.
    public func update(_ change: (inout GoogleSettings) -> Void) { state.withLock { change(&$0.settings) } }

    /// Lets time pass.
    public func advance(by seconds: Int64) { state.withLock { $0.seconds += seconds } }

    /// Answers the next `count` requests to `host` with `answer`.
    public func fail(_ host: String, count: Int = 1, with answer: CloudAnswer) {
        state.withLock { $0.log.fail(host, "/", count: count, with: answer) }
    }

    /// Ends every ``fail(_:count:with:)``.
    public func heal() { state.withLock { $0.log.heal() } }

    /// What was asked, oldest first.
    public var requests: [CloudRequest] { state.withLock(\.log.requests) }

    /// Every token that was issued: what must not show up anywhere.
    public var tokens: Set<String> { state.withLock { Set($0.tokens.keys) } }

    // MARK: What the services do

    /// The answer to a request.
    public func answer(_ request: CloudRequest) -> CloudAnswer {
        state.withLock { state in state.log.note(request) ?? state.answer(request) }
    }

    /// Both services that are asked over TLS.
    public func move(to authority: String) {
        update { settings in
            settings.tokenHost = authority
            settings.accountsHost = authority
        }
    }
}

extension EmbeddedGoogle.State {
    mutating func answer(_ request: CloudRequest) -> CloudAnswer {
        if request.host == settings.metadataHost, !request.isEncrypted { return describeMachine(request) }
        if request.host == settings.tokenHost, request.isEncrypted, request.target == "/v1/token" {
            return exchange(request)
        }
        if request.host == settings.accountsHost, request.isEncrypted { return impersonate(request) }
        return CloudAnswer(404, json: #"{"error":"nothing is served at this host and path"}"#)
    }

    /// Whether the request has exactly these header fields besides `user-agent`.
    private func hasOnly(_ names: Set<String>, _ request: CloudRequest) -> Bool {
        Set(request.headers.keys).subtracting(["user-agent"]) == names
    }

    private mutating func issue(_ kind: String) -> String {
        issued += 1
        let token = "ya29.\(kind)-EXAMPLE-\(issued)"
        tokens[token] = seconds + settings.tokenLife
        return token
    }

    // MARK: The metadata server

    /// Source: cloud.google.com, "View and query VM metadata" and "Authenticate workloads to Google Cloud APIs using service
    /// accounts": requests without `Metadata-Flavor: Google` are refused, as are those with `X-Forwarded-For`, and answers
    /// carry the field too.
    private mutating func describeMachine(_ request: CloudRequest) -> CloudAnswer {
        var fields = settings.namesItself ? ["metadata-flavor": "Google", "server": "Metadata Server for VM"] : [:]
        guard request.headers["metadata-flavor"] == "Google", hasOnly(["metadata-flavor"], request) else {
            return CloudAnswer(403, headers: fields, json: #"{"error":"Missing Metadata-Flavor:Google header."}"#)
        }
        guard request.method == "GET", request.body.isEmpty, settings.hasAccount,
            request.target == "/computeMetadata/v1/instance/service-accounts/default/token"
        else { return CloudAnswer(404, headers: fields) }
        fields["content-type"] = "application/json"
        let token = issue("metadata")
        return CloudAnswer(
            200,
            headers: fields,
            json: #"{"access_token":"\#(token)","expires_in":\#(settings.tokenLife),"token_type":"Bearer"}"#
        )
    }

    // MARK: The token service

    /// Answers an exchange of tokens (RFC 8693).
    ///
    /// Sources: cloud.google.com, "Configure Workload Identity Federation with other identity providers" (the request as a
    /// form), "Method: token" of the Security Token Service API (the answer). The claims of the token are compared, its
    /// signature is not.
    private mutating func exchange(_ request: CloudRequest) -> CloudAnswer {
        guard request.method == "POST", request.headers["content-type"] == "application/x-www-form-urlencoded",
            hasOnly(["content-type", "accept"], request),
            let form = FormFields.read(String(decoding: request.body, as: UTF8.self)),
            Set(form.keys) == [
                "grant_type", "audience", "scope", "requested_token_type", "subject_token_type", "subject_token",
            ],
            form["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange",
            form["requested_token_type"] == "urn:ietf:params:oauth:token-type:access_token",
            form["subject_token_type"] == "urn:ietf:params:oauth:token-type:jwt",
            form["scope"] == "https://www.googleapis.com/auth/cloud-platform"
        else { return refusal("invalid_request", "The request is not the documentation's.") }
        guard form["audience"] == settings.audience else {
            return refusal("invalid_target", "The target service indicated by the audience parameter is invalid.")
        }
        guard let claims = TokenClaims(form["subject_token"] ?? ""), claims.issuer == settings.issuer else {
            return refusal("invalid_grant", "The issuer in ID Token does not match the expected ones.")
        }
        guard claims.audience == "https:\(settings.audience)" else {
            return refusal("invalid_grant", "The audience in ID Token does not match the expected audience.")
        }
        guard claims.subject == settings.subject else {
            return refusal("unauthorized_client", "The given credential is rejected by the attribute condition.")
        }
        guard (claims.expires ?? 0) > seconds else {
            return refusal("invalid_grant", "ID Token issued is stale to sign-in.")
        }
        let token = issue("federated")
        return CloudAnswer(
            200,
            json: """
                {"access_token":"\(token)","issued_token_type":"urn:ietf:params:oauth:token-type:access_token",\
                "token_type":"Bearer","expires_in":\(settings.tokenLife)}
                """
        )
    }

    private func refusal(_ error: String, _ text: String) -> CloudAnswer {
        CloudAnswer(400, json: #"{"error":"\#(error)","error_description":"\#(text)"}"#)
    }

    // MARK: Tokens of service accounts

    /// Source: cloud.google.com, IAM Service Account Credentials API, "Method: projects.serviceAccounts.generateAccessToken".
    private mutating func impersonate(_ request: CloudRequest) -> CloudAnswer {
        guard request.method == "POST", hasOnly(["authorization", "content-type", "accept"], request),
            request.headers["content-type"] == "application/json",
            let body = try? JSONParser().parse(request.body),
            body == ["scope": ["https://www.googleapis.com/auth/cloud-platform"], "lifetime": "3600s"]
        else { return failure(400, "INVALID_ARGUMENT", "Request contains an invalid argument.") }
        let bearer = request.headers["authorization"] ?? ""
        guard bearer.hasPrefix("Bearer ya29.federated-"), (tokens[String(bearer.dropFirst(7))] ?? 0) > seconds else {
            return failure(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        }
        guard request.target == "/v1/projects/-/serviceAccounts/\(settings.account):generateAccessToken",
            settings.mayImpersonate
        else {
            return failure(
                403,
                "PERMISSION_DENIED",
                "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
            )
        }
        let token = issue("account")
        return CloudAnswer(
            200,
            json: #"{"accessToken":"\#(token)","expireTime":"\#(MomentText.extended(seconds + 3600))"}"#
        )
    }

    private func failure(_ code: Int, _ status: String, _ text: String) -> CloudAnswer {
        CloudAnswer(code, json: #"{"error":{"code":\#(code),"message":"\#(text)","status":"\#(status)"}}"#)
    }
}
