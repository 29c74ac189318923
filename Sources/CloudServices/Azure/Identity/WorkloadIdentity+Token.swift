internal import JSONModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The exchange of a service account's token for an access token (Microsoft identity platform, "OAuth 2.0 client
/// credentials flow", third case: access token request with a federated credential).
extension WorkloadIdentity {
    /// Asks for a token once.
    ///
    /// The file is read each time: the kubelet replaces it.
    func token(for resource: AzureResource, _ surroundings: CloudSurroundings) async throws(CloudError) -> AzureToken {
        let assertion = try surroundings.token(in: tokenFile)
        let url = try ServiceRequest.url { () throws(OutboundError) in
            try OutboundURL(scheme: .https, authority: authority.authority, path: "/\(tenantID)/oauth2/v2.0/token")
        }
        let request = ServiceRequest(
            name: "the identity service \(authority.authority)",
            request: OutboundRequest(
                .post,
                url,
                headers: ["content-type": "application/x-www-form-urlencoded", "accept": "application/json"],
                body: FormBody.encode([
                    ("grant_type", "client_credentials"),
                    ("client_id", clientID),
                    ("scope", resource.scope),
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                    ("client_assertion", assertion),
                ])
            ),
            limit: .kibibytes(64)
        )
        let response = try await request.answer(over: surroundings.http)
        guard response.status == 200 else { throw refusal(response, request, now: surroundings.now()) }
        return try AzureToken(response.body, from: request.name, now: surroundings.now())
    }

    /// The words of a refusal: the first line of what the identity service says, and what to do about the usual causes
    /// (Microsoft Entra, "Authentication and authorization error codes").
    private func refusal(_ response: OutboundResponse, _ request: ServiceRequest, now: Date) -> CloudError {
        let body = ServiceBody.object(response.body)
        let told = body?["error_description"]?.string ?? body?["error"]?.string ?? ""
        let line = told.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let words = line.firstRange(of: "Trace ID").map { String(line[..<$0.lowerBound]) } ?? line
        var shown = URLRedaction.printable(words, limit: 300)
        while shown.last == " " { shown.removeLast() }
        let codes = body?["error_codes"]?.array?.compactMap(\.integer) ?? []
        if let remedy = codes.lazy.compactMap(Self.remedy).first { shown += "; \(remedy)" }
        let failure = request.failure(response, shown, now: now)
        guard failure.code == .malformed || failure.code == .forbidden else { return failure }
        return CloudError(.unauthorized, failure.message)
    }

    private static func remedy(for code: Int64) -> String? {
        switch code {
        case 70021, 700_213:
            "no federated credential of the application names this service account: add one with the subject "
                + "system:serviceaccount:NAMESPACE:NAME"
        case 700_211: "the application's federated credential names another issuer than this cluster's"
        case 700_212: "the application's federated credential names another audience than api://AzureADTokenExchange"
        case 700_016: "there is no such application in the tenant: check azure.workload.identity/client-id"
        case 90_002: "there is no such tenant: check azure.workload.identity/tenant-id"
        case 700_024: "the service account's token is not valid now: check the clocks"
        default: nil
        }
    }
}

extension AzureToken {
    /// Reads the answer of a token service.
    ///
    /// - Throws: ``CloudError`` with code `malformed`; it quotes nothing of the answer.
    init(_ body: [UInt8], from name: String, now: Date) throws(CloudError) {
        let object = ServiceBody.object(body)
        guard let text = ServiceBody.token(object?["access_token"]),
            object?["token_type"]?.string?.lowercased() == "bearer",
            let seconds = ServiceBody.number(object?["expires_in"]), seconds > 0
        else { throw CloudError(.malformed, "\(name) answered without a usable token") }
        self.init(text: text, expires: now.addingTimeInterval(Double(min(seconds, 86_400))))
    }
}
