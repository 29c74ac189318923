import OCIRegistry
import OutboundHTTP

/// How the registries of a run are asked.
struct RegistryOptions: Sendable {
    /// Registries that are asked over plain HTTP.
    var plainHTTPHosts: Set<String> = []
    /// Whether every registry is.
    var usesPlainHTTPEverywhere = false
    /// Further certificate authorities, PEM.
    var authoritiesPEM: [UInt8]?
    /// Who is asking.
    var credentials: any CredentialSource = AnonymousCredentials()
    /// Which requests go through a proxy.
    var proxies = ProxySettings.none
    /// How long one image may take.
    var timeout: Duration = .seconds(30)
}
