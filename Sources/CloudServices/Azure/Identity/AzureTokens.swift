internal import WorkSharing

/// The tokens of one identity: one for each resource, asked for once at a time, and used until shortly before it lapses.
public final class AzureTokens: Sendable {
    /// Who asks.
    public let identity: AzureIdentity
    let surroundings: CloudSurroundings
    private let tokens: ExpiringValues<AzureResource, AzureToken, CloudError>

    /// Creates the tokens; none is asked for yet.
    public init(_ identity: AzureIdentity, _ surroundings: CloudSurroundings) {
        self.identity = identity
        self.surroundings = surroundings
        tokens = ExpiringValues(capacity: 16, now: surroundings.now)
    }

    /// A token for a resource.
    ///
    /// - Throws: ``CloudError``: why there is none.
    func token(for resource: AzureResource) async throws(CloudError) -> AzureToken {
        try await tokens.value(resource, cancelled: .cancelled) { () async throws(CloudError) in
            let token = try await fetch(resource)
            return .init(token, until: surroundings.renewal(before: token.expires))
        }
    }

    /// A service refused a token: it is not used again.
    func reject(_ token: AzureToken, for resource: AzureResource) {
        tokens.drop(resource) { $0 == token }
    }

    private func fetch(_ resource: AzureResource) async throws(CloudError) -> AzureToken {
        try await surroundings.attempt { () async throws(CloudError) -> AzureToken in
            switch identity {
            case .workload(let identity):
                try await identity.token(for: resource, surroundings)
            case .managed(let identity):
                try await identity.token(for: resource, surroundings)
            }
        }
    }
}
