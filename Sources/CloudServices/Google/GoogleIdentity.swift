/// Who this program is to Google Cloud.
public enum GoogleIdentity: Sendable, Hashable {
    /// A principal that a workload identity pool knows by the tokens of the cluster, as a configuration in a file says
    /// (`external_account`).
    case federated(configuration: String)
    /// The service account that the metadata server vouches for: that of the pod on GKE with Workload Identity Federation,
    /// else that of the machine.
    case metadataServer

    /// The identity that the environment describes; `nil` where it describes none.
    ///
    /// - Parameters:
    ///   - environment: `GOOGLE_APPLICATION_CREDENTIALS`, a path, which goes first.
    ///   - usesMetadataServer: whether the metadata server is asked otherwise.
    public init?(environment: [String: String], usesMetadataServer: Bool = false) {
        if let path = environment["GOOGLE_APPLICATION_CREDENTIALS"], !path.isEmpty {
            self = .federated(configuration: path)
        } else if usesMetadataServer {
            self = .metadataServer
        } else {
            return nil
        }
    }

    /// Asks for an access token once.
    func token(_ surroundings: CloudSurroundings) async throws(CloudError) -> GoogleToken {
        switch self {
        case .federated(let path):
            try await FederatedConfiguration(in: path, surroundings).token(surroundings)
        case .metadataServer: try await GoogleMetadataServer.token(surroundings)
        }
    }
}
