import NIOCore
import NIOSSL
import Synchronization

/// The certificate that the server shows, which can be replaced while it serves.
///
/// Connections that are open keep what they were opened with; each new one gets what holds then.
public final class ServingCertificate: Sendable {
    /// A certificate chain and its key, read and found to belong together.
    public struct Pair: Sendable {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey

        /// When the first of the certificates ends, in seconds since 1970.
        public let notAfter: Int64

        /// Reads a pair.
        ///
        /// - Parameters:
        ///   - certificatePEM: the server's certificate, and after it those that lead to its authority.
        ///   - keyPEM: the certificate's private key.
        /// - Throws: ``ServingCertificateError`` that says what is wrong; nothing of the key is in it.
        public init(certificatePEM: [UInt8], keyPEM: [UInt8]) throws(ServingCertificateError) {
            guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificatePEM),
                let end = chain.map({ Int64($0.notValidAfter) }).min()
            else {
                throw ServingCertificateError(part: .certificate, "holds no certificates in PEM")
            }
            guard let key = try? NIOSSLPrivateKey(bytes: keyPEM, format: .pem) else {
                throw ServingCertificateError(part: .key, "holds no private key in PEM, or one with a password")
            }
            self.chain = chain
            self.key = key
            notAfter = end
            guard (try? NIOSSLContext(configuration: Self.configuration(chain, key))) != nil else {
                throw ServingCertificateError(part: .key, "is not the key of the certificate")
            }
        }

        fileprivate static func configuration(
            _ chain: [NIOSSLCertificate],
            _ key: NIOSSLPrivateKey
        ) -> TLSConfiguration {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv12
            // Of TLS 1.2 only what keeps a recorded conversation secret when the key leaks later (RFC 9325 §4.2).
            configuration.cipherSuiteValues = [
                .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
                .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            ]
            configuration.applicationProtocols = ["http/1.1"]
            return configuration
        }
    }

    private let pair: Mutex<Pair>

    /// Begins with `pair`.
    public init(_ pair: Pair) { self.pair = Mutex(pair) }

    /// What new connections get.
    public var current: Pair { pair.withLock(\.self) }

    /// Shows `pair` on every connection from now on.
    public func replace(by pair: Pair) { self.pair.withLock { $0 = pair } }

    /// The configuration of a server that shows what is current at each handshake.
    var configuration: TLSConfiguration {
        let first = current
        var configuration = Pair.configuration(first.chain, first.key)
        configuration.sslContextCallback = { _, promise in
            let now = self.current
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = now.chain.map { .certificate($0) }
            override.privateKey = .privateKey(now.key)
            promise.succeed(override)
        }
        return configuration
    }
}

/// Why a certificate and a key cannot be served with.
public struct ServingCertificateError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Part: Sendable, Hashable {
        /// The file with the certificates.
        case certificate
        /// The file with the key.
        case key
    }

    /// Which of the two.
    public let part: Part
    /// The end of a sentence that begins with the name of the file.
    public let message: String

    init(part: Part, _ message: String) {
        self.part = part
        self.message = message
    }
}
