import CloudServices
import OCIRegistry

/// Who this process is to the clouds whose registries it reads, where no other credential is known.
///
/// The identities are those that the environment describes. That of the machine is used by nobody without being asked to:
/// others on it may be meant by it.
struct CloudIdentities: Sendable {
    /// The identity of Azure, or why the environment describes half of one.
    var azure: Result<AzureIdentity, CloudError>?
    /// The identity of AWS, or why the environment describes half of one.
    var amazon: Result<AmazonIdentity, CloudError>?
    /// The identity of Google.
    var google: GoogleIdentity?

    /// Nobody.
    init() {}

    /// Whom `environment` describes.
    ///
    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - usesAzureManagedIdentity: whether Azure's metadata service is asked where the variables name no workload.
    ///   - usesGoogleMetadataServer: whether Google's metadata server is asked where the variables name nobody.
    init(
        environment: [String: String],
        usesAzureManagedIdentity: Bool = false,
        usesGoogleMetadataServer: Bool = false
    ) {
        do throws(CloudError) {
            let identity = try AzureIdentity(environment: environment)
            let isWorkload = if case .workload = identity { true } else { false }
            if isWorkload || usesAzureManagedIdentity { azure = .success(identity) }
        } catch {
            azure = .failure(error)
        }
        do throws(CloudError) {
            amazon = try AmazonIdentity(environment: environment).map { .success($0) }
        } catch {
            amazon = .failure(error)
        }
        google = GoogleIdentity(environment: environment, usesMetadataServer: usesGoogleMetadataServer)
    }

    /// Whether a service on the machine's own link is asked, for which there is no proxy.
    var needsLink: Bool {
        if case .success(.pod) = amazon { return true }
        if case .success(.managed) = azure { return true }
        return google == .metadataServer
    }

    /// `given`, and after them what the identities are given.
    func credentials(after given: any CredentialSource, _ surroundings: CloudSurroundings) -> any CredentialSource {
        var source = given
        if let azure { source = AzureRegistryCredentials(azure, surroundings, after: source) }
        if let amazon { source = AmazonRegistryCredentials(amazon, surroundings, after: source) }
        if let google { source = GoogleRegistryCredentials(google, surroundings, after: source) }
        return source
    }
}
