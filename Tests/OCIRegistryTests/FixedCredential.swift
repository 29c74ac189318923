import OCIModel
import OCIRegistry

/// The same credential for everyone.
struct FixedCredential: CredentialSource {
    let value: RegistryCredential?

    init(_ value: RegistryCredential?) { self.value = value }

    func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? { value }
}
