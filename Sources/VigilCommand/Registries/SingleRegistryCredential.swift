import OCIModel
import OCIRegistry

/// A user name and password that one registry is told, and no other.
struct SingleRegistryCredential: CredentialSource {
    let registry: String
    let username: String
    let password: String

    func credential(for repository: RepositoryName) async throws(RegistryError) -> RegistryCredential? {
        repository.registry == registry ? .basic(username: username, password: password) : nil
    }
}
