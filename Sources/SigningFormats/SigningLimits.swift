/// Every bound that the signature formats obey, in one place.
///
/// They are checked before anything is allocated for the data.
///
/// The figures are those of the Notary reference implementation or below them; none can be raised by a document.
public enum SigningLimits {
    // MARK: Envelopes

    /// The largest signature envelope, in bytes.
    ///
    /// A real one with three RSA-4096 certificates has less than 16 KiB.
    public static let envelopeBytes = 1 << 20
    /// The largest protected header, in bytes, after base64 decoding.
    public static let protectedHeaderBytes = 64 << 10
    /// The largest payload, in bytes, after base64 decoding.
    public static let payloadBytes = 64 << 10
    /// The largest signature value, in bytes.
    ///
    /// The longest allowed algorithm (PS512 with RSA 4096) makes 512.
    public static let signatureBytes = 1024
    /// The largest RFC 3161 token carried beside a signature, in bytes.
    public static let timestampTokenBytes = 64 << 10
    /// The longest text of one header value that is read as text (scheme, plugin name, agent), in UTF-8 bytes.
    public static let headerTextBytes = 4 << 10
    /// The most names one `crit` list may hold.
    public static let criticalHeaders = 64
    /// The most user annotations of a payload.
    public static let payloadAnnotations = 256
    /// The most values (scalars, arrays, objects) in one JSON document of an envelope.
    public static let jsonValues = 4096
    /// The deepest nesting of JSON.
    public static let jsonDepth = 64

    // MARK: CBOR

    /// The deepest nesting of CBOR arrays, maps and tags.
    public static let cborDepth = 16
    /// The most items in one CBOR document.
    public static let cborItems = 4096

    // MARK: Certificates

    /// The most certificates in one chain.
    public static let chainCertificates = 10
    /// The largest certificate, in bytes of DER.
    public static let certificateBytes = 64 << 10
    /// The deepest nesting of DER.
    public static let derDepth = 32
    /// The most extensions of one certificate.
    public static let certificateExtensions = 32
    /// The most RDNs of one name, and the most attributes in all of them.
    public static let nameAttributes = 32
    /// The longest text of a distinguished name, in UTF-8 bytes.
    public static let nameBytes = 4 << 10
    /// The most extended key usages of one certificate.
    public static let extendedKeyUsages = 32
    /// The most bits of one number of an object identifier, the first two of which count as one.
    ///
    /// Policies, which are not taken apart, may have longer ones.
    public static let objectIdentifierBits = 31
    /// The largest RSA modulus of an issuing certificate, in bits.
    ///
    /// It bounds the cost of one verification.
    public static let rsaModulusBits = 8192
    /// The smallest RSA modulus of an issuing certificate, in bits.
    public static let rsaMinimumModulusBits = 2048

    // MARK: Revocation

    /// The largest OCSP response, in bytes.
    public static let ocspResponseBytes = 20 << 10
    /// The most answers in one OCSP response.
    public static let ocspAnswers = 64
    /// The most certificates that an OCSP response brings along.
    public static let ocspCertificates = 4
    /// The largest revocation list, in bytes.
    public static let revocationListBytes = 32 << 20
    /// The most extensions of a revocation list, of one of its entries, or of an OCSP response.
    public static let revocationExtensions = 32
    /// The most entries of one revocation list that are about one certificate.
    public static let revocationEntriesPerCertificate = 16
    /// The most places that one extension of a certificate or list names to ask for revocation.
    public static let revocationPointers = 8
    /// The longest URL of such a place, in bytes.
    public static let revocationURLBytes = 2048

    // MARK: Timestamps

    /// The most certificates in one RFC 3161 token.
    ///
    /// A real one carries two to four.
    public static let timestampCertificates = 32
    /// The most signers of one RFC 3161 token.
    public static let timestampSigners = 4
    /// The most signed attributes of one signer.
    public static let timestampAttributes = 32
    /// The most values of one signed attribute, and the most certificate identifiers in one.
    public static let timestampAttributeValues = 16
    /// The most extensions of the information in one RFC 3161 token.
    public static let timestampExtensions = 16
    /// The longest accuracy that a token may state, in seconds: a year.
    public static let timestampAccuracySeconds = 366 * 86_400
    /// The most certificate signatures that are verified while a path from a time-stamping certificate to a root is
    /// looked for.
    public static let timestampPathAttempts = 64

    // MARK: Trust stores and policies

    /// The largest file of certificates, in bytes.
    public static let certificateFileBytes = 4 << 20
    /// The most certificates in one trust store.
    public static let storeCertificates = 1024
    /// The largest policy document, in bytes.
    public static let policyBytes = 1 << 20
}
