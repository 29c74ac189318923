internal import OutboundHTTP

/// The metadata server of a machine of Google, or of GKE in its place (Compute Engine, "View and query VM metadata";
/// GKE, "About Workload Identity Federation for GKE").
enum GoogleMetadataServer {
    /// Where it answers, on every machine: an address of the link, asked for nothing else than this.
    static let origin = "http://169.254.169.254"

    /// Asks for a token of the default service account once.
    ///
    /// The server names itself in its answers; what does not is something else, and its token is not used.
    static func token(_ surroundings: CloudSurroundings) async throws(CloudError) -> GoogleToken {
        let url = try ServiceRequest.url { () throws(OutboundError) in
            try OutboundURL("\(origin)/computeMetadata/v1/instance/service-accounts/default/token")
        }
        let request = ServiceRequest(
            name: "the metadata server",
            request: OutboundRequest(.get, url, headers: ["metadata-flavor": "Google"], timeout: .seconds(3)),
            limit: .kibibytes(64)
        )
        let response = try await request.answer(over: surroundings.direct)
        let now = surroundings.now()
        guard response.status == 200 else {
            let failure = request.failure(response, "", now: now)
            switch response.status {
            case 404:
                throw CloudError(.unauthorized, "\(failure.message): there is no service account; assign one")
            case 400...403:
                throw CloudError(
                    .unauthorized,
                    "\(failure.message); let the Kubernetes service account act as one of Google's, or grant it the role "
                        + "itself"
                )
            default: throw failure
            }
        }
        guard response.headers.values("metadata-flavor") == ["Google"] else {
            throw CloudError(
                .malformed,
                "\(request.name) answered \(response.status) without Metadata-Flavor: Google, and so is none of Google's; "
                    + "its answer is not used"
            )
        }
        return try GoogleToken(response.body, from: request.name, now: now)
    }
}
