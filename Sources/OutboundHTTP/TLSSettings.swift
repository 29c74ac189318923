/// Whom `https` connections trust, and who they say they are.
public struct TLSSettings: Sendable, Hashable {
    /// The certificate authorities that may vouch for a server.
    public enum Roots: Sendable, Hashable {
        /// Those of the system.
        case system
        /// Those of the system, and the certificates of this PEM text.
        case systemAnd(pem: [UInt8])
        /// The certificates of this PEM text alone.
        case only(pem: [UInt8])
    }

    /// A certificate this client identifies itself with.
    public struct ClientIdentity: Sendable, Hashable, CustomStringConvertible {
        /// The certificate and its intermediates, PEM, leaf first.
        public var certificateChainPEM: [UInt8]
        /// The private key, PEM, not encrypted.
        public var privateKeyPEM: [UInt8]

        /// Creates an identity.
        public init(certificateChainPEM: [UInt8], privateKeyPEM: [UInt8]) {
            self.certificateChainPEM = certificateChainPEM
            self.privateKeyPEM = privateKeyPEM
        }

        /// Says that there is an identity; the key is never printed.
        public var description: String { "ClientIdentity(private key withheld)" }
    }

    /// The trusted authorities.
    ///
    /// Default: the system's.
    public var roots: Roots
    /// The identity shown to servers that ask for one.
    public var identity: ClientIdentity?
    /// Accepts any certificate of any server.
    ///
    /// What such a connection says is not evidence of anything.
    public var withoutVerificationUnsafe: Bool
    /// For a host of a URL, the name that is sent to the server (SNI) and looked for in its certificate instead, as a
    /// kubeconfig's `tls-server-name`.
    ///
    /// Keys are whole hosts in lower case, values DNS names.
    public var serverNames: [String: String]

    /// Creates settings.
    public init(
        roots: Roots = .system,
        identity: ClientIdentity? = nil,
        withoutVerificationUnsafe: Bool = false,
        serverNames: [String: String] = [:]
    ) {
        self.roots = roots
        self.identity = identity
        self.withoutVerificationUnsafe = withoutVerificationUnsafe
        self.serverNames = serverNames
    }
}
