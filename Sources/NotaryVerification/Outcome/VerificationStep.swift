public import TrustModel

/// One step of the verification of a signature.
///
/// Finer than a `VerificationCheck`, which is what policies speak of: several steps may belong to one check.
public enum VerificationStep: String, Sendable, Hashable, CaseIterable {
    /// The signature matches its content, and its certificates are a chain (check `integrity`).
    case signature
    /// No plugin is demanded, and no critical attribute left unprocessed (check `integrity`).
    case plugins
    /// The chain leads to a trust store (check `authenticity`).
    case chain
    /// The signer is a trusted identity (check `authenticity`).
    case identity
    /// The signature's own expiry lies ahead (check `expiry`).
    case expiry
    /// The signature was made while its certificates were valid (check `authenticTimestamp`).
    case timestamp
    /// The signature is about the image, with the annotations that the policy requires (check `integrity`).
    case payload
    /// No certificate of the time-stamping authority is revoked (check `authenticTimestamp`).
    case timestampRevocation
    /// No certificate of the signer is revoked (check `revocation`).
    case revocation

    /// The check that it belongs to.
    public var check: VerificationCheck {
        switch self {
        case .signature, .plugins, .payload: .integrity
        case .chain, .identity: .authenticity
        case .expiry: .expiry
        case .timestamp, .timestampRevocation: .authenticTimestamp
        case .revocation: .revocation
        }
    }
}
