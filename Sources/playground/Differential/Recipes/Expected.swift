/// What both programs should say about a case.
enum Expected: Sendable, Hashable {
    /// Accepted, with failures of exactly these checks that the policy only logs.
    case accepted(logged: Set<String> = [])
    /// Not looked at, as the policy says.
    case skipped
    /// Refused for a reason of a class; the tools may see it in different places.
    case refused(ReasonClass, notation: ReasonClass? = nil)
    /// Accepted by notation and refused by vigil, by a rule of the list.
    case stricter(StricterRule, ReasonClass = .integrity)
}

/// What kind of reason a refusal has, as far as both programs tell.
enum ReasonClass: String, Sendable, Hashable, CaseIterable {
    /// The envelope, its chain or what it is about.
    case integrity
    /// The signer is not one the policy trusts.
    case authenticity
    /// The signature's own expiry.
    case expiry
    /// A certificate was not valid at the time that counts, or a timestamp is missing or bad.
    case time
    /// A certificate is revoked, or on hold.
    case revoked
    /// Nobody can say whether a certificate is revoked.
    case revocationUnknown
    /// A plugin, or an attribute that only a plugin could process.
    case plugin
    /// There is no signature.
    case absence
    /// There are more signatures than were to be tried.
    case limit
    /// No statement of the policy speaks for the image.
    case uncovered
    /// The trust policy or a trust store cannot be used.
    case configuration
}
