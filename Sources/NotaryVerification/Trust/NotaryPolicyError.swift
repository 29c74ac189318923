import SigningFormats

/// Why a description of Notary trust cannot be used: which rule, where, and what to write instead.
public struct NotaryPolicyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One case for each rule of the trust store and trust policy specification.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The document is not JSON, or a member has the wrong type.
        case documentMalformed
        /// A member that the specification does not define.
        case memberUnknown
        /// The document is too large.
        case documentTooLarge
        /// `version` is missing or not `1.0`.
        case versionUnsupported
        /// There is no statement.
        case statementsMissing
        /// A statement has no name.
        case nameMissing
        /// Two statements have the same name.
        case nameDuplicate
        /// `signatureVerification.level` is missing.
        case levelMissing
        /// The level is not one of the four.
        case levelUnknown
        /// Level `skip` with overrides.
        case skipWithOverrides
        /// Level `skip` with trust stores or identities.
        case skipWithTrust
        /// Level `skip` for every repository.
        case skipEverywhere
        /// An override of `integrity`.
        case overrideIntegrity
        /// An override of a check that does not exist.
        case overrideCheckUnknown
        /// An override with an action that does not exist.
        case overrideActionUnknown
        /// An override that skips something else than `revocation`.
        case overrideSkipNotAllowed
        /// `verifyTimestamp` is not one of its values.
        case verifyTimestampUnknown
        /// No trust store.
        case trustStoresMissing
        /// A trust store without `type:`.
        case trustStoreReferenceMalformed
        /// A trust store of an unknown type.
        case trustStoreTypeUnknown
        /// A trust store with a name that is not allowed.
        case trustStoreNameInvalid
        /// No trusted identity.
        case identitiesMissing
        /// An empty identity.
        case identityEmpty
        /// `*` beside other identities.
        case identityWildcardNotAlone
        /// An identity without `prefix:`.
        case identityPrefixMissing
        /// An `x509.subject` identity whose name breaks a rule.
        case identityNameInvalid
        /// Two identities of which one includes the other.
        case identitiesOverlap
        /// No registry scope.
        case scopesMissing
        /// `*` beside other scopes.
        case scopeWildcardNotAlone
        /// The same scope twice.
        case scopeDuplicate
        /// Two global statements in a policy for blobs.
        case globalDuplicate
        /// A scope that is not `registry/repository`.
        case scopeInvalid
        /// A trust store without certificates.
        case trustStoreEmpty
        /// A trust store with too many certificates.
        case trustStoreTooLarge
        /// A certificate of a trust store that cannot be read.
        case certificateMalformed
        /// A certificate of a trust store that is neither a CA nor self-signed.
        case certificateNotAnchor
        /// A certificate of a `tsa` store that is not a root.
        case certificateNotRoot
    }

    /// The rule that is broken.
    public let code: Code
    /// Where: a path such as `trustPolicies[0].trustedIdentities[1]`.
    public let field: String
    /// What is wrong, and what to do about it.
    public let message: String

    /// Creates an error.
    ///
    /// What field and message quote is made fit to be shown.
    public init(_ code: Code, field: String, _ message: String) {
        self.code = code
        self.field = DisplayText.printable(field)
        self.message = DisplayText.printable(message)
    }

    /// Field and message.
    public var description: String { "\(field): \(message)" }
}
