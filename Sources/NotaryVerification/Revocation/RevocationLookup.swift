public import FoundationEssentials
public import SigningFormats

/// One certificate whose revocation is looked up.
public struct RevocationLookup: Sendable, Hashable {
    /// The certificate.
    public let certificate: X509Certificate
    /// Who issued it, and answers for it.
    public let issuer: X509Certificate
    /// See ``RevocationQuestion/authenticSigningTime``.
    public let authenticSigningTime: Date?
}

extension RevocationLookup {
    /// What `evidence` says about the certificate at `now`.
    public func status(_ evidence: RevocationEvidence, now: Date) -> RevocationStatus {
        .unavailable("revocation cannot be checked")
    }
}
