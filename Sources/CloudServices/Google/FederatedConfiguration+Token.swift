internal import JSONModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The exchange of a token of the cluster for one of Google (Security Token Service API, "Method: token"), and of that for
/// one of a service account (IAM Service Account Credentials API, "Method: generateAccessToken").
extension FederatedConfiguration {
    /// What tokens are for: the roles of the principal say the rest.
    static let scope = "https://www.googleapis.com/auth/cloud-platform"

    /// Asks for a token once.
    func token(_ surroundings: CloudSurroundings) async throws(CloudError) -> GoogleToken {
        let federated = try await exchange(subjectToken(surroundings), surroundings)
        guard let impersonation else { return federated }
        return try await impersonate(impersonation, as: federated, surroundings)
    }

    private func subjectToken(_ surroundings: CloudSurroundings) throws(CloudError) -> String {
        guard let field = source.field else { return try surroundings.token(in: source.file) }
        let bytes: [UInt8]
        do {
            bytes = try surroundings.readFile(source.file, CloudSurroundings.maximumTokenBytes)
        } catch {
            throw CloudError(.misconfigured, "the service account's token cannot be read: \(error)")
        }
        guard let token = ServiceBody.token(ServiceBody.object(bytes)?[field]) else {
            throw CloudError(.misconfigured, "\(source.file) holds no token in the member \(field)")
        }
        return token
    }

    private func exchange(
        _ subject: String,
        _ surroundings: CloudSurroundings
    ) async throws(CloudError) -> GoogleToken {
        let url = try ServiceRequest.url { () throws(OutboundError) in
            try OutboundURL(Self.tokenURL)
        }
        let request = ServiceRequest(
            name: "the token service \(url.host)",
            request: OutboundRequest(
                .post,
                url,
                headers: ["content-type": "application/x-www-form-urlencoded", "accept": "application/json"],
                body: FormBody.encode([
                    ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                    ("audience", audience),
                    ("scope", Self.scope),
                    ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                    ("subject_token_type", subjectTokenType),
                    ("subject_token", subject),
                ])
            ),
            limit: .kibibytes(64)
        )
        let response = try await request.answer(over: surroundings.http)
        guard response.status == 200 else {
            throw request.failure(
                response,
                reasons: [{ $0["error"] }, { $0["error_description"] }],
                refusals: 400...403,
                advice: "compare the provider's issuer, its audiences and its attribute condition with the service "
                    + "account's token",
                now: surroundings.now()
            )
        }
        return try GoogleToken(response.body, from: request.name, now: surroundings.now())
    }

    private func impersonate(
        _ url: OutboundURL,
        as federated: GoogleToken,
        _ surroundings: CloudSurroundings
    ) async throws(CloudError) -> GoogleToken {
        let body: JSONValue = ["scope": [.string(Self.scope)], "lifetime": .string("\(lifetime)s")]
        let request = ServiceRequest(
            name: "the service \(url.host)",
            request: OutboundRequest(
                .post,
                url,
                headers: [
                    "authorization": "Bearer \(federated.text)", "content-type": "application/json",
                    "accept": "application/json",
                ],
                body: JSONSerializer().bytes(body)
            ),
            limit: .kibibytes(64)
        )
        let response = try await request.answer(over: surroundings.http)
        guard response.status == 200 else {
            throw request.failure(
                response,
                reasons: [{ $0["error"]?["status"] }, { $0["error"]?["message"] }],
                refusals: 400...404,
                advice: "grant the principal roles/iam.workloadIdentityUser on the service account",
                now: surroundings.now()
            )
        }
        guard let token = GoogleToken(impersonated: response.body, now: surroundings.now()) else {
            throw CloudError(.malformed, "\(request.name) answered without a usable token")
        }
        return token
    }
}

extension GoogleToken {
    /// Reads the answer about a service account's token; `nil` without a usable one, and for one that has lapsed.
    init?(impersonated answer: [UInt8], now: Date) {
        let object = ServiceBody.object(answer)
        guard let text = ServiceBody.token(object?["accessToken"]),
            let expires = ServiceDate.parse(object?["expireTime"]?.string), expires > now
        else { return nil }
        self.init(text: text, expires: min(expires, now.addingTimeInterval(Double(Self.maximumLife))))
    }
}
