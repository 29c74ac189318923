/// How an ``EmbeddedRegistry`` behaves.
public struct EmbeddedRegistryConfiguration: Sendable {
    /// How callers are authenticated.
    public enum Authentication: Sendable {
        /// Everyone may do everything.
        case none
        /// One user may do everything, others nothing.
        case basic(username: String, password: String)
        /// Tokens of the registry's own service at `/token`, or of another.
        case bearer(TokenIssuer)
    }

    /// How tokens are issued and asked for.
    public struct TokenIssuer: Sendable {
        /// The `service` of the challenge.
        public var service = "embedded-registry"
        /// The realm of the challenge; `nil` for this server's own `/token`.
        public var realm: String?
        /// Who gets tokens; `nil` when everyone does.
        public var user: (name: String, password: String)?
        /// A refresh token that is accepted in place of the user, by POST.
        public var identityToken: String?
        /// Whether each answer to a refresh token holds another one, which alone is accepted from then on.
        public var rotatesIdentityTokens = false
        /// Whether GET gives tokens.
        public var answersGet = true
        /// What POST is answered with where that form is not known; `nil` where it is.
        public var refusesPostWith: Int?
        /// `expires_in` of a token, in seconds.
        public var lifetime = 300

        /// Creates an issuer that gives tokens to everyone.
        public init() {}
    }

    /// A server certificate.
    public struct TLSIdentity: Sendable {
        /// The certificate chain, PEM.
        public var certificateChainPEM: String
        /// The private key, PEM.
        public var privateKeyPEM: String
        /// The authority that must have issued the certificate of every caller, PEM; `nil` to ask for none.
        public var clientAuthorityPEM: String?

        /// Creates an identity.
        public init(certificateChainPEM: String, privateKeyPEM: String, clientAuthorityPEM: String? = nil) {
            self.certificateChainPEM = certificateChainPEM
            self.privateKeyPEM = privateKeyPEM
            self.clientAuthorityPEM = clientAuthorityPEM
        }
    }

    /// How callers are authenticated.
    ///
    /// Default: not at all.
    public var authentication: Authentication = .none
    /// The certificate to speak TLS with; `nil` for plain HTTP.
    public var tls: TLSIdentity?
    /// Whether there is a referrers API; without it, `/referrers/` is an unknown path.
    public var hasReferrers = true
    /// How many referrers a page holds; `nil` for all of them.
    public var referrersPageSize: Int?
    /// Whether the referrers API applies `artifactType` itself.
    public var filtersReferrers = true
    /// Whether answers that may change have an `ETag`, and `If-None-Match` is understood.
    public var knowsEntityTags = true
    /// How many manifests may be fetched by GET, as Docker Hub counts them; HEAD is free.
    ///
    /// The answers say how many are left, and the next one is refused with 429. `nil` for any number.
    public var pullQuota: Int?
    /// The port; 0 for any that is free.
    public var port = 0
    /// How long each request waits for its answer, as it would for the way to a registry far off and back.
    public var latency = Duration.zero

    /// The default behaviour.
    public init() {}
}
