import SigningFormats
public import TrustModel

/// The certificates of a trust store (trust store specification, "Trust Store").
public enum TrustStoreCertificates {
    /// Reads a file of certificates, PEM or DER, and checks that each may stand in a store of `kind`.
    ///
    /// - Returns: the certificates in DER, in the order of the file.
    /// - Throws: ``NotaryPolicyError`` with `certificateMalformed`, `certificateNotAnchor` or `certificateNotRoot`.
    public static func parse(
        _ fileBytes: [UInt8],
        kind: TrustStore.Kind = .ca,
        field: String = "trustStore"
    ) throws(NotaryPolicyError) -> [[UInt8]] {
        let certificates: [X509Certificate]
        do throws(SigningFormatError) {
            certificates = try CertificateFile.certificates(fileBytes)
        } catch {
            throw NotaryPolicyError(.certificateMalformed, field: field, error.message)
        }
        for certificate in certificates { try check(certificate, kind: kind, field: field) }
        return certificates.map(\.der)
    }

    /// Whether a certificate may stand in a store: a CA or a self-signed certificate; for time stamping a root.
    static func check(
        _ certificate: X509Certificate,
        kind: TrustStore.Kind,
        field: String
    ) throws(NotaryPolicyError) {
        switch kind {
        case .ca, .signingAuthority:
            guard certificate.isCertificateAuthority || certificate.isSelfSigned else {
                throw NotaryPolicyError(
                    .certificateNotAnchor,
                    field: field,
                    "certificate \(certificate) is neither a CA nor self-signed; name the CA that issued it"
                )
            }
        case .tsa:
            guard certificate.isCertificateAuthority, certificate.mayIssueCertificates, certificate.isSelfSigned else {
                throw NotaryPolicyError(
                    .certificateNotRoot,
                    field: field,
                    "certificate \(certificate) is not a root CA, as a time-stamping trust store needs"
                )
            }
        }
    }
}
