public import OCIModel

/// A place where credentials for registries come from.
public protocol CredentialSource: Sendable {
    /// The credential for a repository; `nil` to ask anonymously.
    ///
    /// Asked for when a registry demands credentials, each time a token is needed; implementations cache.
    ///
    /// - Throws: ``RegistryError`` with code `credentialsUnavailable` when there is a credential that cannot be had.
    func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential?
}

/// No credentials for anyone.
public struct AnonymousCredentials: CredentialSource {
    /// Creates the source.
    public init() {}

    /// Always `nil`.
    public func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? { nil }
}
