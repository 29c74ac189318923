internal import OutboundHTTP

/// Decides what a token service, named by a registry's challenge, is asked and told.
///
/// A challenge may name any host (go-containerregistry's open reports, Ratify's CVE-2025-27403), so:
/// - the service must be reached over TLS, unless the registry itself is asked over plain HTTP;
/// - it must not be at an internal address, unless the registry is, and at a link-local one only if that is the
///   registry's own;
/// - it gets the registry's credentials only when it has the registry's own host (on whatever port), is the
///   registry's known token service (`docker.io` and `auth.docker.io`, `registry.gitlab.com` and `gitlab.com`), or the
///   configuration names it. Any other service is asked anonymously.
enum TokenRealmPolicy {
    struct Refusal: Error {
        let code: RegistryError.Code
        let cause: String
    }

    /// The longest URL of a token service, in bytes: it is kept with every token.
    static let maximumRealmBytes = 2048

    private static let knownServices = [
        "registry-1.docker.io": "auth.docker.io",
        "registry.gitlab.com": "gitlab.com",
    ]

    /// The URL of the service, when it may be asked at all.
    static func realm(_ text: String, of endpoint: RegistryEndpoint) throws(Refusal) -> OutboundURL {
        guard text.utf8.count <= maximumRealmBytes, let url = try? OutboundURL(text) else {
            throw Refusal(code: .malformed, cause: "its challenge names no usable token service")
        }
        if url.scheme == .http, endpoint.base.scheme == .https {
            throw Refusal(
                code: .insecure,
                cause: "its challenge names the token service \(url.authority) over plain HTTP"
            )
        }
        let isNeighbour = url.address?.mayBeMetadataService == true && url.host != endpoint.base.host
        if isNeighbour || (url.isInternal && !endpoint.base.isInternal) {
            throw Refusal(
                code: .insecure,
                cause: "its challenge names a token service at the internal address \(url.authority)"
            )
        }
        return url
    }

    /// Whether the service may be given the registry's credentials.
    static func mayReceiveCredentials(
        _ realm: OutboundURL,
        of endpoint: RegistryEndpoint,
        configuration: RegistryConfiguration
    ) -> Bool {
        realm.host == endpoint.base.host
            || (knownServices[endpoint.base.host] == realm.host && realm.scheme == .https)
            || configuration.tokenServiceHosts[endpoint.registry]?.contains(realm.host) == true
    }
}
