internal import JSONModel
internal import OutboundHTTP

/// A token of the machine's metadata service (Managed identities for Azure resources, "How to use managed identities on
/// a virtual machine to acquire an access token").
extension ManagedIdentity {
    /// Where the metadata service answers, on every machine: an address of the link, asked for nothing else than this.
    static let origin = "http://169.254.169.254"

    /// Asks for a token once.
    ///
    /// Statuses 404 and 410 mean that the service is being updated.
    func token(for resource: AzureResource, _ surroundings: CloudSurroundings) async throws(CloudError) -> AzureToken {
        var query = "api-version=2018-02-01&resource=\(PercentEncoding.encode(resource.identifier))"
        if let clientID { query += "&client_id=\(PercentEncoding.encode(clientID))" }
        let url = try ServiceRequest.url { () throws(OutboundError) in
            try OutboundURL("\(Self.origin)/metadata/identity/oauth2/token?\(query)")
        }
        let request = ServiceRequest(
            name: "the metadata service of this machine",
            request: OutboundRequest(.get, url, headers: ["metadata": "true"], timeout: .seconds(3)),
            limit: .kibibytes(64)
        )
        let response: OutboundResponse
        do throws(CloudError) {
            response = try await request.answer(over: surroundings.direct)
        } catch {
            guard error.code == .unreachable else { throw error }
            // Elsewhere than on Azure nobody answers at that address; asking again only takes time.
            throw CloudError(
                .unauthorized,
                "there is no identity to ask Azure with: AZURE_FEDERATED_TOKEN_FILE is not set, and \(error.message)"
            )
        }
        let now = surroundings.now()
        guard response.status == 200 else {
            let body = ServiceBody.object(response.body)
            let told = body?["error_description"]?.string ?? body?["error"]?.string ?? ""
            let failure = request.failure(response, URLRedaction.printable(told, limit: 300), now: now)
            switch response.status {
            case 404, 410: throw CloudError(.serverError, failure.message, retryAfter: failure.retryAfter)
            case 400...403: throw CloudError(.unauthorized, failure.message)
            default: throw failure
            }
        }
        return try AzureToken(response.body, from: request.name, now: now)
    }
}
