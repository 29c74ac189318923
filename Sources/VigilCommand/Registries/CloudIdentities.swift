import CloudServices
import OCIRegistry

/// Who this process is to the clouds whose registries it reads, where no other credential is known.
///
/// The identities are those that the environment describes. That of the machine is used by nobody without being asked to:
/// others on it may be meant by it.
struct CloudIdentities: Sendable {
    /// The workload identity of Azure.
    var azure: AzureIdentity?
    /// The identity of AWS, or why the environment describes half of one.
    var amazon: Result<AmazonIdentity, CloudError>?
    /// The identity of Google.
    var google: GoogleIdentity?

    /// Nobody.
    init() {}

    /// Whom `environment` describes.
    ///
    /// Half an identity of Azure is none here; whoever reads a vault with it is told.
    ///
    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - usesGoogleMetadataServer: whether Google's metadata server is asked where the variables name nobody.
    init(environment: [String: String], usesGoogleMetadataServer: Bool = false) {
        if let identity = try? AzureIdentity(environment: environment), case .workload = identity { azure = identity }
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
        return google == .metadataServer
    }

    /// `given`, and after them what the identities are given.
    func credentials(after given: any CredentialSource, _ surroundings: CloudSurroundings) -> any CredentialSource {
        var source = given
        if let azure { source = AzureRegistryCredentials(AzureTokens(azure, surroundings), after: source) }
        if let amazon { source = AmazonRegistryCredentials(amazon, surroundings, after: source) }
        if let google { source = GoogleRegistryCredentials(google, surroundings, after: source) }
        return source
    }
}
