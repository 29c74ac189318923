public import OutboundHTTP

/// How registries are asked.
public struct RegistryConfiguration: Sendable {
    /// Registries that are asked over plain HTTP, exactly as references write them (`localhost:5000`).
    ///
    /// Credentials for such a registry cross the network readable.
    public var plainHTTPHosts: Set<String>
    /// Asks every registry over plain HTTP; for tests and closed networks.
    public var usesPlainHTTPEverywhere: Bool
    /// Where credentials come from.
    public var credentials: any CredentialSource
    /// For a registry, further hosts whose token service may be given its credentials.
    ///
    /// See ``TokenRealmPolicy``.
    public var tokenServiceHosts: [String: Set<String>]
    /// Whether a redirect may lead from a registry with a public name to an internal address, as object stores inside a
    /// cluster need.
    ///
    /// Default `false`.
    public var followsRedirectsToInternalAddresses: Bool
    /// How failures that may pass are tried again.
    public var retry: RetryPolicy
    /// How long one request may take.
    ///
    /// Default 20 s.
    public var requestTimeout: Duration
    /// How long one call of ``RegistryClient`` may take, with all its pages, redirects, tokens and retries.
    ///
    /// Default 60 s.
    public var callTimeout: Duration
    /// What is accepted.
    public var limits: RegistryLimits

    /// Creates a configuration: TLS everywhere, the given credentials, the default limits.
    public init(credentials: any CredentialSource = AnonymousCredentials()) {
        self.credentials = credentials
        plainHTTPHosts = []
        usesPlainHTTPEverywhere = false
        tokenServiceHosts = [:]
        followsRedirectsToInternalAddresses = false
        retry = RetryPolicy()
        requestTimeout = .seconds(20)
        callTimeout = .seconds(60)
        limits = RegistryLimits()
    }

    /// Where a registry is asked: the origin of its API, or `nil` for what is no registry.
    ///
    /// - Parameter registry: the registry as references write it; Docker Hub's API is on another host than its name says.
    /// - Returns: `scheme://host[:port]`.
    public func origin(of registry: String) -> String? {
        (try? RegistryEndpoint(registry: registry, configuration: self))?.base.origin
    }
}
