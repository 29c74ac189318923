public import OCIRegistry

/// Gives registries that are asked with one credential.
public protocol CredentialedRegistries: Sendable {
    /// A registry that proves itself to `host`, and to no other, by `credential`.
    ///
    /// Asked for before each request; implementations keep what is costly.
    ///
    /// - Parameters:
    ///   - host: the registry as references write it.
    ///   - credential: what it is shown when it asks.
    /// - Returns: the registry, without a cache of content.
    func registry(at host: String, with credential: RegistryCredential) -> any ImageRegistry
}
