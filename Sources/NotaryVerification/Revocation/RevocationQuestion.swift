public import FoundationEssentials
public import SigningFormats

/// Was a certificate of this chain revoked? Stated by the examination of a signature, answered with evidence.
public struct RevocationQuestion: Sendable, Hashable {
    /// What the chain is for.
    public enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// The chain signed the image; its answer is the check `revocation`.
        case codeSigning
        /// The chain signed the timestamp; its answer is part of the check `authenticTimestamp`.
        case timestamping
    }

    /// What the chain is for.
    public let purpose: Purpose
    /// The chain: leaf first, each certificate issued by the next, a root last.
    public let certificates: [X509Certificate]
    /// When the signature was made, where its scheme vouches for that (`notary.x509.signingAuthority`): a key that became
    /// bad later did no harm then.
    public let authenticSigningTime: Date?

    /// Creates a question about a chain whose links have been checked.
    public init(purpose: Purpose, certificates: [X509Certificate], authenticSigningTime: Date? = nil) {
        self.purpose = purpose
        self.certificates = certificates
        self.authenticSigningTime = authenticSigningTime
    }

    /// The certificates that have to be asked about, leaf first.
    ///
    /// The root answers for itself, and a certificate that names neither responder nor list cannot be revoked.
    public var lookups: [RevocationLookup] {
        zip(certificates, certificates.dropFirst()).compactMap { certificate, issuer in
            guard certificate.isRevocable else { return nil }
            return RevocationLookup(
                certificate: certificate,
                issuer: issuer,
                authenticSigningTime: authenticSigningTime
            )
        }
    }

    /// Whether anything has to be asked at all.
    public var isOpen: Bool { certificates.dropLast().contains(where: \.isRevocable) }
}
