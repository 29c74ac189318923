internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The exchange of a service account's token for keys (AWS Security Token Service API Reference,
/// "AssumeRoleWithWebIdentity").
extension AmazonRole {
    /// The version of the API.
    static let apiVersion = "2011-06-15"

    /// Where the token service of a region answers.
    static func host(_ region: AmazonRegion) -> String { "sts.\(region.name).\(region.domain)" }

    /// Asks for keys once; nothing is signed, since the token proves who asks.
    ///
    /// The file is read each time: the kubelet replaces it.
    func keys(in region: AmazonRegion, _ surroundings: CloudSurroundings) async throws(CloudError) -> AmazonKeys {
        let token = try surroundings.token(in: tokenFile)
        let host = Self.host(region)
        let request = ServiceRequest(
            name: "the token service \(host)",
            request: OutboundRequest(
                .post,
                try ServiceRequest.url(host: host),
                headers: ["content-type": "application/x-www-form-urlencoded"],
                body: FormBody.encode([
                    ("Action", "AssumeRoleWithWebIdentity"),
                    ("Version", Self.apiVersion),
                    ("RoleArn", arn),
                    ("RoleSessionName", sessionName),
                    ("WebIdentityToken", token),
                ])
            ),
            limit: .kibibytes(64)
        )
        let response = try await request.answer(over: surroundings.http)
        let texts = ElementTexts(response.body)
        guard response.status == 200 else { throw refusal(response, texts, request, now: surroundings.now()) }
        guard let keys = AmazonKeys(tokenService: texts, now: surroundings.now()) else {
            throw CloudError(.malformed, "\(request.name) answered without usable keys")
        }
        return keys
    }

    /// The words of a refusal, and what to do about the usual causes.
    private func refusal(
        _ response: OutboundResponse,
        _ texts: ElementTexts?,
        _ request: ServiceRequest,
        now: Date
    ) -> CloudError {
        let code = texts?["ErrorResponse/Error/Code"] ?? ""
        var words = [code, texts?["ErrorResponse/Error/Message"] ?? ""].filter { !$0.isEmpty }
            .joined(separator: ": ")
        words = URLRedaction.printable(words, limit: 300)
        let failure = request.failure(response, words, now: now)
        switch code {
        case "AccessDenied":
            return failure.meaning(
                .unauthorized,
                "the trust policy of \(arn) must name the cluster's issuer, the subject "
                    + "system:serviceaccount:NAMESPACE:NAME and the audience sts.amazonaws.com"
            )
        case "ExpiredTokenException", "InvalidIdentityToken", "IDPRejectedClaim":
            return failure.meaning(
                .unauthorized,
                "the account needs an OIDC provider for the cluster's issuer, and both clocks must be right"
            )
        case "IDPCommunicationError": return failure.meaning(.serverError)
        case "Throttling", "ThrottlingException", "RequestLimitExceeded": return failure.meaning(.throttled)
        case "RegionDisabledException": return failure.meaning(.forbidden, "activate the token service in this region")
        case "ValidationError": return failure.meaning(.misconfigured)
        default: return failure.code == .malformed ? failure.meaning(.unauthorized) : failure
        }
    }
}

extension AmazonKeys {
    /// Reads what the token service answers; `nil` without usable keys, and for those that have lapsed.
    init?(tokenService texts: ElementTexts?, now: Date) {
        let path = "AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials"
        guard let expires = ServiceDate.parse(texts?["\(path)/Expiration"]), expires > now,
            let token = texts?["\(path)/SessionToken"]
        else { return nil }
        self.init(
            accessKeyID: texts?["\(path)/AccessKeyId"],
            secretAccessKey: texts?["\(path)/SecretAccessKey"],
            sessionToken: token,
            expires: expires
        )
    }
}
