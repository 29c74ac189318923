/// Who vouches for the time of a signature (Notary signing-scheme specification).
public enum SigningScheme: String, Sendable, Hashable, CaseIterable {
    /// The signer claims a time; certificates must be valid at the present, or at the time of an RFC 3161 timestamp.
    case x509 = "notary.x509"
    /// A signing authority vouches for the time; certificates must have been valid then.
    case signingAuthority = "notary.x509.signingAuthority"
}
