internal import NIOSSL

/// What an ``EmbeddedAPIServer`` serves TLS with.
public struct ServerTLS: Sendable {
    /// The server's certificate and those above it, PEM.
    public var certificateChain: String
    /// The certificate's key, PEM.
    public var privateKey: String
    /// Who signs the certificates that clients may show, PEM; `nil`: none is asked for.
    ///
    /// A certificate of anybody else fails the handshake, where kube-apiserver answers 401.
    public var clientAuthorities: String?

    /// Creates it from PEM texts.
    public init(certificateChain: String, privateKey: String, clientAuthorities: String? = nil) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.clientAuthorities = clientAuthorities
    }

    /// The same for NIOSSL.
    ///
    /// - Throws: when one of the texts is no PEM of the right kind.
    func configuration() throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificateChain.utf8))
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem))
        )
        if let clientAuthorities {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(clientAuthorities.utf8)))
            configuration.certificateVerification = .optionalVerification
        }
        return configuration
    }
}
