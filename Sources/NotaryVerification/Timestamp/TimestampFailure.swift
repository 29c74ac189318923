import SigningFormats

/// Why a timestamp token proves nothing.
struct TimestampFailure: Error, Sendable, Hashable {
    /// The rule that is broken.
    enum Rule: String, Sendable, Hashable, CaseIterable {
        /// The token cannot be read.
        case format
        /// A critical extension of unknown meaning.
        case criticalExtension
        /// The hash of the imprint may not be used.
        case imprintHash
        /// The imprint is that of something else.
        case imprint
        /// The time lies in the future.
        case future
        /// The signer is not of version 1, with its certificate named by issuer and serial number.
        case signerVersion
        /// There are no signed attributes.
        case attributes
        /// The digest or the signature is made with an algorithm that may not be used.
        case algorithm
        /// The signed content type is missing or another.
        case contentType
        /// The signed digest is not that of the content.
        case messageDigest
        /// The attribute that names the signing certificate is missing, or uses SHA-1.
        case signingCertificate
        /// The token does not hold the signing certificate.
        case certificateMissing
        /// The signing certificate is not the one that the signed attribute names by its hash.
        case certificateHash
        /// The signature does not hold.
        case signature
        /// No path leads from the signing certificate to a root of a trust store.
        case stranger
        /// Too many paths to try.
        case pathAttempts
        /// A certificate of the chain breaks a rule for its place.
        case chain
        /// A certificate of the chain was not valid at the time of the timestamp, or when its signer says it signed.
        case validity
    }

    let rule: Rule
    /// A clause that continues "the timestamp ".
    let message: String

    init(_ rule: Rule, _ message: String) {
        self.rule = rule
        self.message = DisplayText.printable(message)
    }
}
