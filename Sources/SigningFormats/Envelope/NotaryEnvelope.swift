public import FoundationEssentials

/// What a Notary signature envelope says, whether it came as JWS or as COSE.
///
/// Well-formed, and otherwise a mere claim.
public struct NotaryEnvelope: Sendable, Hashable {
    /// A protected header that the Notary Project does not define.
    public struct ExtendedAttribute: Sendable, Hashable {
        /// Its name.
        public let label: HeaderLabel
        /// Whether a verifier that cannot process it must refuse the signature.
        public let isCritical: Bool
    }

    /// The media type of the payload; no other is accepted.
    public static let payloadMediaType = "application/vnd.cncf.notary.payload.v1+json"

    /// The algorithm the header names.
    ///
    /// It counts only once the key has confirmed it.
    public internal(set) var algorithm: SignatureAlgorithm
    /// The signing scheme.
    public internal(set) var scheme: SigningScheme
    /// When the signer claims to have signed; present exactly for scheme `notary.x509`.
    public internal(set) var signingTime: Date?
    /// When a signing authority says it signed; present exactly for scheme `notary.x509.signingAuthority`.
    public internal(set) var authenticSigningTime: Date?
    /// From when on the signature shall not count; after the signing time.
    public internal(set) var expiry: Date?
    /// The verification plugin that the signature demands.
    public internal(set) var verificationPlugin: String?
    /// The lowest version of that plugin (SemVer).
    public internal(set) var verificationPluginMinVersion: String?
    /// All other protected headers.
    public internal(set) var extendedAttributes: [ExtendedAttribute]
    /// The media type of the payload: always ``payloadMediaType``.
    public internal(set) var contentType: String
    /// The payload as signed.
    public internal(set) var payload: [UInt8]
    /// The bytes the signature is made over.
    public internal(set) var signingInput: [UInt8]
    /// The signature value.
    ///
    /// An RFC 3161 timestamp is made over exactly these bytes.
    public internal(set) var signature: [UInt8]
    /// The certificates in DER, leaf first, as received.
    public internal(set) var certificates: [[UInt8]]
    /// The RFC 3161 TimeStampToken in DER, if there is one.
    ///
    /// Unsigned.
    public internal(set) var timestampToken: [UInt8]?
    /// The name of the signing program.
    ///
    /// Unsigned.
    public internal(set) var signingAgent: String?

    /// The time that the envelope claims, by whichever header its scheme uses.
    public var claimedTime: Date? { authenticSigningTime ?? signingTime }
}
