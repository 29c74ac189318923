/// The identity service and the machine's metadata service.
///
/// Sources: learn.microsoft.com, "Microsoft identity platform and the OAuth 2.0 client credentials flow" (third case:
/// access token request with a federated credential), "Microsoft Entra authentication and authorization error codes",
/// "How to use managed identities for Azure resources on an Azure VM to acquire an access token" (request, answer, error
/// handling). The assertion's claims are compared, its signature is not: there is no issuer to ask.
extension EmbeddedAzure.State {
    mutating func exchangeAssertion(_ request: CloudRequest) -> CloudAnswer {
        guard request.method == "POST", request.target == "/\(settings.tenant)/oauth2/v2.0/token" else {
            return refusal(400, "invalid_request", 90_002, "Tenant was not found.")
        }
        guard request.headers["content-type"] == "application/x-www-form-urlencoded",
            hasOnly(["content-type", "accept"], request),
            let form = FormFields.read(String(decoding: request.body, as: UTF8.self)),
            Set(form.keys) == ["grant_type", "client_id", "scope", "client_assertion_type", "client_assertion"],
            form["grant_type"] == "client_credentials",
            form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        else { return refusal(400, "invalid_request", 900_144, "The request body must contain other parameters.") }
        guard form["client_id"] == settings.clientID else {
            return refusal(400, "unauthorized_client", 700_016, "Application was not found in the directory.")
        }
        if let refused = judge(assertion: form["client_assertion"] ?? "") { return refused }
        let resources = [settings.vaultResource, settings.registryResource]
        guard let resource = resources.first(where: { "\($0)/.default" == form["scope"] }) else {
            return refusal(
                400,
                "invalid_scope",
                70_011,
                "The provided value for the input parameter 'scope' is not valid."
            )
        }
        let token = issue(resource, kind: "aad", life: settings.tokenLife)
        let life = settings.tokenLife
        return CloudAnswer(
            200,
            json: """
                {"token_type":"Bearer","expires_in":\(life),"ext_expires_in":\(life),"access_token":"\(token)"}
                """
        )
    }

    private func judge(assertion: String) -> CloudAnswer? {
        guard let claims = TokenClaims(assertion) else {
            return refusal(401, "invalid_client", 50_027, "JWT token is invalid or malformed.")
        }
        let text = "No matching federated identity record found for presented"
        guard claims.issuer == settings.issuer else {
            return refusal(401, "invalid_client", 700_211, "\(text) issuer.")
        }
        guard claims.audience == "api://AzureADTokenExchange" else {
            return refusal(401, "invalid_client", 700_212, "\(text) assertion audience.")
        }
        guard claims.subject == settings.subject else {
            return refusal(401, "invalid_client", 700_213, "\(text) assertion subject.")
        }
        guard let expires = claims.expires, expires > seconds else {
            return refusal(401, "invalid_client", 700_024, "Client assertion is not within its valid time range.")
        }
        return nil
    }

    private func refusal(_ status: Int, _ error: String, _ code: Int, _ text: String) -> CloudAnswer {
        CloudAnswer(
            status,
            json: """
                {"error":"\(error)","error_description":"AADSTS\(code): \(text) Trace ID: \
                99999999-0000-0000-0000-000000000000 Correlation ID: 88888888-0000-0000-0000-000000000000 Timestamp: \
                2026-06-01 00:00:00Z","error_codes":[\(code)],"timestamp":"2026-06-01 00:00:00Z","trace_id":\
                "99999999-0000-0000-0000-000000000000","correlation_id":"88888888-0000-0000-0000-000000000000",\
                "error_uri":"https://login.microsoftonline.com/error?code=\(code)"}
                """
        )
    }

    // MARK: The metadata service

    mutating func identifyMachine(_ request: CloudRequest) -> CloudAnswer {
        guard request.method == "GET", request.path == "/metadata/identity/oauth2/token", request.body.isEmpty,
            request.headers["metadata"] == "true", hasOnly(["metadata"], request)
        else { return machineRefusal("invalid_request", "Required metadata header not specified") }
        guard var query = request.query, query.removeValue(forKey: "api-version") == "2018-02-01",
            let resource = query.removeValue(forKey: "resource"),
            [settings.vaultResource, settings.registryResource].contains(resource)
        else { return machineRefusal("invalid_resource", "The resource principal was not found.") }
        let client = query.removeValue(forKey: "client_id")
        guard query.isEmpty, settings.hasManagedIdentity, client ?? settings.clientID == settings.clientID else {
            return machineRefusal("invalid_request", "Identity not found")
        }
        let life: Int64 = 86_399
        let token = issue(resource, kind: "imds", life: life)
        return CloudAnswer(
            200,
            json: """
                {"access_token":"\(token)","client_id":"\(settings.clientID)","expires_in":"\(life)","expires_on":\
                "\(seconds + life)","ext_expires_in":"\(life)","not_before":"\(seconds)","resource":"\(resource)",\
                "token_type":"Bearer"}
                """
        )
    }

    private func machineRefusal(_ error: String, _ text: String) -> CloudAnswer {
        CloudAnswer(400, json: #"{"error":"\#(error)","error_description":"\#(text)"}"#)
    }
}
