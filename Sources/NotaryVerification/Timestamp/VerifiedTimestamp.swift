public import FoundationEssentials
public import SigningFormats

/// A timestamp that holds: a time-stamping authority whose root a policy names saw the signature at this time.
///
/// Only a successful verification makes one. Whether a certificate of the authority was revoked is still open.
public struct VerifiedTimestamp: Sendable, Hashable {
    /// What the authority says.
    public let info: TimestampInfo
    /// The authority's certificates, leaf first, a root of ``trustStore`` last: those whose revocation counts.
    public let chain: CertificateChain
    /// The trust store that holds the root, such as `tsa:clock`.
    public let trustStore: String

    init(info: TimestampInfo, chain: CertificateChain, trustStore: String) {
        self.info = info
        self.chain = chain
        self.trustStore = trustStore
    }

    /// When the authority saw the signature.
    public var time: Date { info.time }
    /// The authority: the subject of the certificate that signed.
    public var authority: String { chain.leaf.description }

    /// Whether a certificate of the authority was revoked.
    ///
    /// It belongs to the check of time, whatever the policy says of the signer's revocation (Notary trust policy
    /// specification, "Signature Verification details").
    public var revocationQuestion: RevocationQuestion {
        RevocationQuestion(purpose: .timestamping, certificates: chain.certificates)
    }

    /// The time with what it may be off, for people: `2026-06-01T00:00:00Z ± 1.5 s`.
    public var timeDescription: String {
        let text = time.formatted(.iso8601)
        guard info.accuracy > .zero else { return text }
        let (seconds, attoseconds) = info.accuracy.components
        return "\(text) ± \(Double(seconds) + Double(attoseconds) * 1e-18) s"
    }
}
