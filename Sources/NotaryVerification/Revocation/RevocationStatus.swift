public import FoundationEssentials

/// What the evidence says about one certificate.
public enum RevocationStatus: Sendable, Hashable {
    /// It is not revoked, and that is believed until the moment given; the clause says who said so.
    case good(until: Date, String)
    /// It is revoked, or was when the signature was made.
    case revoked(String)
    /// Those who should know say that they do not know it.
    case unknown(String)
    /// Nobody gave an answer that can be believed.
    case unavailable(String)
}
