internal import JSONModel
internal import OutboundHTTP

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Keys of the agent on the node (AWS SDKs and Tools Reference Guide, "Container credential provider").
extension AmazonPodIdentity {
    /// Asks for keys once.
    ///
    /// The file is read each time: the kubelet replaces it.
    func keys(_ surroundings: CloudSurroundings) async throws(CloudError) -> AmazonKeys {
        let request = ServiceRequest(
            name: "the agent of EKS Pod Identity",
            request: OutboundRequest(
                .get,
                endpoint,
                headers: ["authorization": try surroundings.token(in: tokenFile), "accept": "application/json"],
                timeout: .seconds(3)
            ),
            limit: .kibibytes(64)
        )
        let response = try await request.answer(over: surroundings.direct)
        guard response.status == 200 else {
            throw request.failure(
                response,
                reasons: [{ $0["code"] }, { $0["message"] }],
                refusals: 400...403,
                advice: "associate the service account with a role (aws eks create-pod-identity-association)",
                now: surroundings.now()
            )
        }
        guard let keys = AmazonKeys(agent: response.body, now: surroundings.now()) else {
            throw CloudError(.malformed, "\(request.name) answered without usable keys")
        }
        return keys
    }
}

extension AmazonKeys {
    /// Reads what the agent answers; `nil` without usable keys, and for those that have lapsed.
    init?(agent answer: [UInt8], now: Date) {
        let body = ServiceBody.object(answer)
        guard let expires = ServiceDate.parse(body?["Expiration"]?.string), expires > now,
            let token = body?["Token"]?.string
        else { return nil }
        self.init(
            accessKeyID: body?["AccessKeyId"]?.string,
            secretAccessKey: body?["SecretAccessKey"]?.string,
            sessionToken: token,
            expires: expires
        )
    }
}
