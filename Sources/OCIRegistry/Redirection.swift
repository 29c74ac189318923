internal import OutboundHTTP

/// Decides which redirects of a registry are followed.
///
/// At most `limit`; never from TLS to plain HTTP; never from a registry with a public name to an internal address (the
/// registry could otherwise make this process ask services that trust their network); from no registry to a link-local
/// address that is not its own, where clouds keep their metadata services, whatever the configuration says. A name that
/// resolves to an internal address is not recognised.
struct Redirection: Sendable {
    struct Refusal: Error {
        let code: RegistryError.Code
        let cause: String
    }

    private let endpoint: RegistryEndpoint
    private let allowsInternal: Bool
    private var remaining: Int
    private(set) var url: OutboundURL

    init(endpoint: RegistryEndpoint, url: OutboundURL, limit: Int, allowsInternal: Bool) {
        self.endpoint = endpoint
        self.url = url
        remaining = limit
        self.allowsInternal = allowsInternal
    }

    /// Moves on to the target of a redirect.
    mutating func follow(_ location: String?) throws(Refusal) {
        guard let location else {
            throw Refusal(code: .malformed, cause: "\(url.authority) redirects without saying where to")
        }
        guard let target = try? url.resolving(location) else {
            throw Refusal(code: .malformed, cause: "\(url.authority) redirects to something that is no usable URL")
        }
        guard remaining > 0 else {
            throw Refusal(code: .malformed, cause: "\(endpoint.registry) redirects too often")
        }
        if url.scheme == .https, target.scheme == .http {
            throw Refusal(
                code: .insecure,
                cause: "\(url.authority) redirects from TLS to plain HTTP at \(target.authority)"
            )
        }
        let isNeighbour = target.address?.mayBeMetadataService == true && target.host != endpoint.base.host
        if isNeighbour || (target.isInternal && !endpoint.base.isInternal && !allowsInternal) {
            throw Refusal(
                code: .insecure,
                cause: "\(url.authority) redirects to the internal address \(target.authority), which is not followed"
            )
        }
        remaining -= 1
        url = target
    }
}
