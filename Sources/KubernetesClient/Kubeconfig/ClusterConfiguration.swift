public import OutboundHTTP

/// How to reach one cluster, and as whom.
///
/// It holds secrets: its description names the server, where the configuration came from and the kind of credential,
/// and nothing more.
public struct ClusterConfiguration: Sendable, CustomStringConvertible {
    /// What a request is authenticated with, beside a client certificate.
    public enum Credential: Sendable, Hashable, CustomStringConvertible {
        /// Nothing.
        case none
        /// A bearer token.
        case token(String)
        /// A file with a bearer token, read again as it ages.
        case tokenFile(path: String)
        /// User name and password.
        case basic(username: String, password: String)
        /// Whatever a program gives: a token, a client certificate, or both.
        case exec(ExecCredentialPlugin)

        /// The kind of credential; no secrets.
        public var description: String {
            switch self {
            case .none: "no credentials"
            case .token: "a token"
            case .tokenFile(let path): "the token in \(path)"
            case .basic: "user name and password"
            case .exec(let plugin): "what \(plugin) gives"
            }
        }
    }

    /// The server, with a path prefix if it has one, and neither query nor fragment.
    public var server: OutboundURL
    /// Certificates of the authorities that may vouch for the server, PEM; `nil` for the system's.
    public var certificateAuthority: [UInt8]?
    /// The client certificate and key, PEM.
    public var identity: TLSSettings.ClientIdentity?
    /// The files that ``certificateAuthority`` and ``identity`` were read from, where they came from files.
    public var certificateFiles: CertificateFiles
    /// What requests are authenticated with.
    public var credential: Credential
    /// Whether the server's certificate is accepted unseen.
    public var isInsecure: Bool
    /// The name looked for in the server's certificate, if not that of the URL.
    public var tlsServerName: String?
    /// Which proxy is used.
    public var proxies: ProxySettings
    /// Header fields that say whom to act as.
    public var impersonation: HeaderFields
    /// The namespace meant when none is named.
    public var namespace: String
    /// Where this came from, such as `context "kind" in /home/me/.kube/config`.
    public var source: String

    /// Creates a configuration for a server, without credentials.
    public init(server: OutboundURL, source: String) {
        self.server = server
        self.source = source
        certificateAuthority = nil
        identity = nil
        certificateFiles = CertificateFiles()
        credential = .none
        isInsecure = false
        tlsServerName = nil
        proxies = .none
        impersonation = HeaderFields()
        namespace = "default"
    }

    /// The server, where this came from, and the kind of credential; no secrets.
    public var description: String {
        var kinds: [String] = []
        if identity != nil { kinds.append("a client certificate") }
        if credential != .none || identity == nil { kinds.append("\(credential)") }
        let with = kinds.joined(separator: " and ")
        return "\(server) (\(source), with \(with)\(isInsecure ? ", certificate not verified" : ""))"
    }
}
