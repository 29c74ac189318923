import FoundationEssentials
import SigningFormats

/// The words in which revocation is reported.
enum RevocationText {
    /// Why a certificate does not count, since when, who says so, and what to do.
    static func revoked(_ date: Date, _ reason: RevocationReason, by source: RevocationRequest) -> String {
        let when = date.formatted(.iso8601)
        if reason == .certificateHold {
            return
                "is on hold since \(when), as \(source) says; ask its CA why, or sign the image again with another key"
        }
        let advice =
            reason == .keyCompromise || reason == .caCompromise
            ? "find out what else was signed with this key, and sign what is good again with another"
            : "sign the image again with another key"
        return "was revoked at \(when) (\(reason)), as \(source) says; \(advice)"
    }

    /// Whether the signature was made before the key became bad, on the word of the signing authority.
    static func isHarmless(_ invalidityDate: Date?, signedAt: Date?) -> Bool {
        guard let invalidityDate, let signedAt else { return false }
        return signedAt < invalidityDate
    }

    /// Whether the URL is one that is asked: over HTTP, as RFC 5280 and RFC 6960 foresee, since the answers are signed
    /// themselves, and asking over TLS would ask for revocation again.
    static func isAskable(_ url: String) -> Bool { url.utf8.prefix(7).elementsEqual("http://".utf8) }
}
