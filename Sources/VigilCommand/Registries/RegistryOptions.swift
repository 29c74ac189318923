import ImageTrust
import OCIRegistry
import OutboundHTTP

/// How the registries and revocation services of a run are asked.
struct RegistryOptions: Sendable {
    /// Registries that are asked over plain HTTP.
    var plainHTTPHosts: Set<String> = []
    /// Whether every registry is.
    var usesPlainHTTPEverywhere = false
    /// Further certificate authorities, PEM.
    var authoritiesPEM: [UInt8]?
    /// Registries with connections of their own.
    var connections: [RegistryConnection] = []
    /// For a registry, further hosts whose token service is given its credentials.
    var tokenServices: [String: Set<String>] = [:]
    /// Credentials of the operator of which every one that matches is tried, before those of ``credentials``.
    var keyring = RegistryKeyring()
    /// Who is asking.
    var credentials: any CredentialSource = AnonymousCredentials()
    /// Which requests go through a proxy.
    var proxies = ProxySettings.none
    /// Hosts that may be asked about revocation although they are internal.
    var revocationHosts: Set<RevocationAccess.Host> = []
    /// How long one image may take.
    var timeout: Duration = .seconds(30)
}
