public import FoundationEssentials
public import OCIModel
public import SigningFormats
public import TrustModel

/// Judges Notary Project signatures against one description of trust.
///
/// A value: no network, no clock, and no state but the chains that it has read, which changes how long a judgement takes and
/// nothing else.
///
/// What needs the network is stated as questions by ``examine(_:subject:now:)`` and judged by
/// ``SignatureExamination/conclude(with:)``; whoever calls them asks. What nobody answered counts as
/// could-not-be-checked under the policy's action for that check, and never as good.
public struct NotaryVerifier: Sendable {
    /// The description of trust.
    public let trust: NotaryTrust
    let stores: [CompiledTrustStore]
    let identities: TrustedIdentities
    let chains: ChainMemory?

    /// Checks a description of trust and prepares it.
    ///
    /// - Parameters:
    ///   - trust: the description.
    ///   - field: where it stands, for errors.
    ///   - chains: remembers signers' chains; `nil` to read the chain of every signature anew.
    /// - Throws: ``NotaryPolicyError`` for the first rule of the trust policy specification that is broken.
    public init(
        trust: NotaryTrust,
        field: String = "notary",
        chains: ChainMemory? = ChainMemory()
    ) throws(NotaryPolicyError) {
        self.trust = trust
        self.chains = chains
        try Self.checkOverrides(trust, field: field)
        guard trust.level != .skip else {
            guard trust.trustStores.isEmpty, trust.trustedIdentities.isEmpty else {
                throw NotaryPolicyError(
                    .skipWithTrust,
                    field: field,
                    "level skip verifies nothing; remove the trust stores and trusted identities, or choose another level"
                )
            }
            stores = []
            identities = .none
            return
        }
        guard !trust.trustStores.isEmpty else {
            throw NotaryPolicyError(
                .trustStoresMissing,
                field: "\(field).trustStores",
                "there is no trust store; name the certificates of the CAs that are trusted"
            )
        }
        identities = try TrustedIdentities(trust.trustedIdentities, field: "\(field).trustedIdentities")
        var stores: [CompiledTrustStore] = []
        for (index, store) in trust.trustStores.enumerated() {
            stores.append(try CompiledTrustStore(store, field: "\(field).trustStores[\(index)]"))
        }
        self.stores = stores
    }

    private static func checkOverrides(_ trust: NotaryTrust, field: String) throws(NotaryPolicyError) {
        guard trust.level != .skip || trust.overrides.isEmpty else {
            throw NotaryPolicyError(
                .skipWithOverrides,
                field: "\(field).overrides",
                "level skip verifies nothing; remove the overrides"
            )
        }
        for (check, action) in trust.overrides.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            try OverrideRules.check(check, action, field: "\(field).overrides.\(check.rawValue)")
        }
    }

    /// Whether the policy says not to verify (level `skip`).
    ///
    /// Report that as skipped, never as verified.
    public var isSkip: Bool { trust.level == .skip }

    /// Makes every check of one signature that needs no network, and states what has to be asked to make the others.
    ///
    /// - Parameters:
    ///   - evidence: the signature.
    ///   - subject: the manifest or index that it shall be about, as resolved and hashed by the caller.
    ///   - now: the present, for the whole judgement.
    /// - Returns: the examination; at level `skip` its verdict is Unknown with `SkippedByPolicy`.
    public func examine(_ evidence: SignatureEvidence, subject: Descriptor, now: Date) -> SignatureExamination {
        SignatureExamination(verifier: self, evidence: evidence, subject: subject, now: now)
    }

    /// Judges one signature with what is already known about revocation.
    ///
    /// - Parameters:
    ///   - evidence: the signature.
    ///   - subject: the manifest or index that it shall be about, as resolved and hashed by the caller.
    ///   - now: the present.
    ///   - revocation: what revocation services said; without it, a certificate that may have been revoked counts as
    ///     could-not-be-checked under the policy's action for that check, and never as good.
    /// - Returns: an outcome; bad evidence is never an error. At level `skip` the verdict is Unknown with `SkippedByPolicy`.
    public func verify(
        _ evidence: SignatureEvidence,
        subject: Descriptor,
        now: Date,
        revocation: RevocationEvidence = RevocationEvidence()
    ) -> SignatureOutcome {
        examine(evidence, subject: subject, now: now).conclude(with: revocation)
    }
}

/// Which checks may be overridden, and by what (trust policy specification, "Custom Verification Level").
enum OverrideRules {
    static func check(
        _ check: VerificationCheck,
        _ action: VerificationAction,
        field: String
    ) throws(NotaryPolicyError) {
        guard check != .integrity else {
            throw NotaryPolicyError(
                .overrideIntegrity,
                field: field,
                "integrity is always enforced; remove the override"
            )
        }
        guard action != .skip || check == .revocation else {
            throw NotaryPolicyError(
                .overrideSkipNotAllowed,
                field: field,
                "only revocation can be skipped; use \"enforce\" or \"log\""
            )
        }
    }
}
