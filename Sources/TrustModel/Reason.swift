/// Why a verdict is what it is: one constant, used alike by conditions, Events, metrics and logs.
public struct Reason: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The constant in UpperCamelCase, valid as the `reason` of a Kubernetes condition.
    public let rawValue: String

    /// Wraps a constant read from an object.
    ///
    /// Code uses the named ones.
    public init(rawValue: String) { self.rawValue = rawValue }

    private init(_ name: String) { self.rawValue = name }

    /// The constant.
    public var description: String { rawValue }

    // MARK: Trusted

    /// The policy's requirement is met.
    public static let verified = Reason("Verified")
    // MARK: Untrusted

    /// A decision or the ledger says untrusted.
    public static let markedUntrusted = Reason("MarkedUntrusted")
    /// A signature does not fit its content, its certificate chain or the image.
    public static let signatureInvalid = Reason("SignatureInvalid")
    /// A signature's own expiry has passed.
    public static let signatureExpired = Reason("SignatureExpired")
    /// A certificate of the signer was not valid at the time that counts.
    public static let certificateExpired = Reason("CertificateExpired")
    /// A certificate of the signer was revoked.
    public static let certificateRevoked = Reason("CertificateRevoked")
    /// A signature's timestamp does not hold: it was altered, is about something else, or is made by a certificate that
    /// may not make timestamps.
    public static let timestampInvalid = Reason("TimestampInvalid")
    /// Evidence exists and cannot be read.
    public static let evidenceMalformed = Reason("EvidenceMalformed")
    /// The ledger's proof does not hold.
    public static let ledgerTampered = Reason("LedgerTampered")
    /// The registry served other bytes than the digest names.
    public static let digestMismatch = Reason("DigestMismatch")

    // MARK: Unsupported

    /// A decision or the ledger says unsupported.
    public static let markedUnsupported = Reason("MarkedUnsupported")

    // MARK: Unknown

    /// There is no signature.
    public static let noSignature = Reason("NoSignature")
    /// There are signatures, none by a signer the policy names.
    public static let noTrustedSignature = Reason("NoTrustedSignature")
    /// The ledger holds no entry.
    public static let notNotarized = Reason("NotNotarized")
    /// The image has no repository digest: it was built or loaded on the node.
    public static let notInRegistry = Reason("NotInRegistry")
    /// The image reference or image ID cannot be read.
    public static let referenceInvalid = Reason("ReferenceInvalid")
    /// The registry does not have the image.
    public static let imageNotFound = Reason("ImageNotFound")
    /// The registry cannot be reached.
    public static let registryUnreachable = Reason("RegistryUnreachable")
    /// The registry refuses the credentials, or wants some.
    public static let registryUnauthorized = Reason("RegistryUnauthorized")
    /// The registry asks for fewer requests.
    public static let registryThrottled = Reason("RegistryThrottled")
    /// The registry answered with something that is no valid answer.
    public static let registryMalformed = Reason("RegistryMalformed")
    /// The ledger cannot be reached.
    public static let ledgerUnreachable = Reason("LedgerUnreachable")
    /// Whether a certificate was revoked could not be found out, and the policy requires it: nobody gave an answer that
    /// can be believed.
    public static let revocationUnavailable = Reason("RevocationUnavailable")
    /// The revocation service says that it does not know a certificate of the signer, and the policy requires that it does.
    public static let revocationUnknown = Reason("RevocationUnknown")
    /// The policy demands a timestamp, and there is none by a time-stamping authority that it names.
    public static let timestampUnavailable = Reason("TimestampUnavailable")
    /// The signature asks for a verification plugin.
    public static let pluginRequired = Reason("PluginRequired")
    /// More signatures than the limit, none of the tried ones good.
    public static let tooManySignatures = Reason("TooManySignatures")
    /// A policy that speaks for the image is not valid.
    public static let policyInvalid = Reason("PolicyInvalid")
    /// The trust anchors of a policy could not be read.
    public static let trustStoreUnavailable = Reason("TrustStoreUnavailable")
    /// The policy says not to verify (level `skip`).
    ///
    /// Reported as skipped, never as verified.
    public static let skippedByPolicy = Reason("SkippedByPolicy")
    /// No verdict yet.
    public static let pending = Reason("Pending")
    /// No policy speaks for the image.
    public static let noPolicy = Reason("NoPolicy")
    /// The last verdict is older than the policy's `maxStaleness` and nobody could be asked since.
    public static let verdictStale = Reason("VerdictStale")

    /// Whether the reason means that a service could not be asked, so that an earlier verdict outlives it for a while.
    public var isOutage: Bool { Self.outages.contains(self) }

    private static let outages: Set<Reason> = [
        .registryUnreachable, .registryUnauthorized, .registryThrottled, .registryMalformed, .ledgerUnreachable,
        .trustStoreUnavailable, .revocationUnavailable,
    ]
}
