/// One of the checks of a Notary Project verification (trust-store-trust-policy.md, "Signature Verification details").
public enum VerificationCheck: String, Sendable, Hashable, Codable, CaseIterable {
    /// The signature fits the content and the certificate chain is well formed. Always enforced.
    case integrity
    /// The chain leads to a trust store and the signer is a trusted identity.
    case authenticity
    /// The signature was made while its certificates were valid.
    case authenticTimestamp
    /// The signature's own expiry lies ahead.
    case expiry
    /// No certificate of the chain is revoked.
    case revocation
}

/// What a failed check leads to.
public enum VerificationAction: String, Sendable, Hashable, Codable, CaseIterable {
    /// The signature is rejected.
    case enforce
    /// A warning is recorded and verification goes on.
    case log
    /// The check is not run.
    case skip
}

/// How strictly signatures are verified (trust-store-trust-policy.md, "Signature Verification Level").
public enum VerificationLevel: String, Sendable, Hashable, Codable, CaseIterable {
    case strict
    case permissive
    case audit
    case skip

    /// What a failure of `check` leads to at this level, before overrides.
    public func action(for check: VerificationCheck) -> VerificationAction {
        switch (self, check) {
        case (.skip, _): .skip
        case (_, .integrity), (.strict, _), (.permissive, .authenticity): .enforce
        case (.permissive, _), (.audit, _): .log
        }
    }
}

/// When RFC 3161 timestamps are verified (trust-store-trust-policy.md, `verifyTimestamp`).
public enum TimestampVerification: String, Sendable, Hashable, Codable, CaseIterable {
    /// Whenever a `tsa` trust store is named.
    case always
    /// Only once a certificate of the chain has expired.
    case afterCertExpiry
}
