import OutboundHTTP

/// The files that the certificates of a configuration were read from, and are read from again as they change.
public struct CertificateFiles: Sendable, Hashable {
    /// The authorities that may vouch for the server.
    public var certificateAuthority: String?
    /// The client certificate.
    public var clientCertificate: String?
    /// The key of the client certificate.
    public var clientKey: String?

    /// Creates an empty set.
    public init() {}

    /// Whether there are none.
    public var isEmpty: Bool { self == CertificateFiles() }

    static let maximumBytes = 1 << 20

    /// What the files say now; what comes from no file stays as `known` has it.
    ///
    /// A certificate and its key are replaced one after the other: they are taken when two readings agree.
    func read(_ known: CertificateMaterial) throws(ClusterConfigurationError) -> CertificateMaterial {
        var reading = try readOnce(known)
        for _ in 0..<3 {
            let second = try readOnce(known)
            if second == reading { return reading }
            reading = second
        }
        throw ClusterConfigurationError(.unreadable, "the certificate files change while they are read")
    }

    private func readOnce(_ known: CertificateMaterial) throws(ClusterConfigurationError) -> CertificateMaterial {
        var material = known
        if let path = certificateAuthority {
            material.authority = try KubeconfigResolver.file(path, "the certificate authority")
        }
        if var identity = known.identity {
            if let path = clientCertificate {
                identity.certificateChainPEM = try KubeconfigResolver.file(path, "the client certificate")
            }
            if let path = clientKey { identity.privateKeyPEM = try KubeconfigResolver.file(path, "the client key") }
            material.identity = identity
        }
        return material
    }
}

/// The certificates of both sides of a connection.
struct CertificateMaterial: Sendable, Hashable {
    /// The authorities that may vouch for the server, PEM; `nil` for the system's.
    var authority: [UInt8]?
    /// The client certificate and its key.
    var identity: TLSSettings.ClientIdentity?
}
