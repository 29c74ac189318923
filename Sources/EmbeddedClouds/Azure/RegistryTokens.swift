internal import JSONModel

/// The token service of a container registry.
///
/// Sources: github.com/Azure/acr, docs/AAD-OAuth.md ("Calling POST /oauth2/exchange to get an ACR refresh token",
/// "Calling POST /oauth2/token to get an ACR access token"). The refresh token's `exp` is real, its signature is none.
extension EmbeddedAzure.State {
    mutating func serveRegistry(_ request: CloudRequest) -> CloudAnswer {
        guard request.method == "POST", request.headers["content-type"] == "application/x-www-form-urlencoded",
            let form = FormFields.read(String(decoding: request.body, as: UTF8.self)),
            form["service"] == settings.registryHost
        else { return refusal(400, "the request is not one of the documentation's") }
        switch request.target {
        case "/oauth2/exchange": return exchange(request, form)
        case "/oauth2/token": return token(form)
        default: return refusal(404, "nothing is served at this path")
        }
    }

    private mutating func exchange(_ request: CloudRequest, _ form: [String: String]) -> CloudAnswer {
        guard hasOnly(["content-type", "accept"], request), form["grant_type"] == "access_token",
            Set(form.keys).subtracting(["tenant"]) == ["grant_type", "service", "access_token"],
            form["tenant"] ?? settings.tenant == settings.tenant
        else { return refusal(400, "the form is not the documentation's") }
        guard let given = form["access_token"], let token = tokens[given], token.expires > seconds,
            token.resource == settings.registryResource
        else { return refusal(401, "authentication required") }
        let life: Int64 = 3 * 3600
        let name = issue("refresh:\(settings.registryHost)", kind: "acr", life: life)
        return CloudAnswer(200, json: #"{"refresh_token":"\#(name)"}"#)
    }

    private mutating func token(_ form: [String: String]) -> CloudAnswer {
        guard form["grant_type"] == "refresh_token", let scope = form["scope"], let given = form["refresh_token"],
            Set(form.keys).subtracting(["client_id"]) == ["grant_type", "service", "scope", "refresh_token"]
        else { return refusal(400, "the form is not the documentation's") }
        guard let token = tokens[given], token.expires > seconds, token.resource == "refresh:\(settings.registryHost)"
        else { return refusal(401, "authentication required") }
        // Without AcrPull a token is issued all the same, which is good for nothing.
        let access = issue(settings.mayPull ? scope : "nothing", kind: "pull", life: 3600)
        return CloudAnswer(200, json: #"{"access_token":"\#(access)"}"#)
    }

    private func refusal(_ status: Int, _ text: String) -> CloudAnswer {
        CloudAnswer(status, json: #"{"errors":[{"code":"UNAUTHORIZED","message":"\#(text)"}]}"#)
    }
}
