public import OCIModel
public import OCIRegistry
internal import WorkSharing

/// The credentials for Google's registries that an identity of Google gives: its access token, as the password of
/// `oauth2accesstoken` (Artifact Registry, "Configure authentication to Artifact Registry for Docker").
///
/// Asked only for registries within Google's domains, and where no other credential is known. A refusal is an error, so
/// that it is told: it does not become an anonymous request.
public struct GoogleRegistryCredentials: CredentialSource {
    private enum Account: Hashable, Sendable { case only }

    private let identity: GoogleIdentity
    private let surroundings: CloudSurroundings
    private let base: any CredentialSource
    private let tokens: ExpiringValues<Account, GoogleToken, CloudError>

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - identity: who asks.
    ///   - surroundings: the way to Google.
    ///   - base: credentials that go first.
    public init(_ identity: GoogleIdentity, _ surroundings: CloudSurroundings, after base: any CredentialSource) {
        self.identity = identity
        self.surroundings = surroundings
        self.base = base
        tokens = ExpiringValues(capacity: 1, now: surroundings.now)
    }

    /// The credential for a repository; see `CredentialSource`.
    public func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? {
        if let given = try await base.credential(for: repository) { return given }
        guard Self.isGoogles(repository.registry) else { return nil }
        do throws(CloudError) {
            let token = try await tokens.value(.only, cancelled: .cancelled) { () async throws(CloudError) in
                let token = try await surroundings.attempt { () async throws(CloudError) in
                    try await identity.token(surroundings)
                }
                return .init(token, until: surroundings.renewal(before: token.expires))
            }
            return .basic(username: "oauth2accesstoken", password: token.text)
        } catch {
            throw RegistryError(error, for: repository)
        }
    }

    /// Whether a host is a registry of Google: `NAME.pkg.dev`, `gcr.io` or `NAME.gcr.io`, over TLS.
    ///
    /// Images name registries, and so whoever writes a pod could have a token sent to a machine of his own: nothing else
    /// counts.
    static func isGoogles(_ host: String) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        switch labels.count {
        case 2: return host == "gcr.io"
        case 3:
            let isName = labels[0].utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7a, UInt8(ascii: "-"): true
                default: false
                }
            }
            return isName && !labels[0].isEmpty && [["pkg", "dev"], ["gcr", "io"]].contains(Array(labels[1...]))
        default: return false
        }
    }
}
