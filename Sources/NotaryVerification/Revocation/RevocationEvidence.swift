public import FoundationEssentials

/// What is asked of a service to find out about revocation.
public enum RevocationRequest: Sendable, Hashable, CustomStringConvertible {
    /// An OCSP request (RFC 6960 §4.1) in DER, and the responder as the certificate names it.
    case ocsp(url: String, request: [UInt8])
    /// A base or delta revocation list (RFC 5280 §5), and where it is as the certificate or the base list says.
    case revocationList(url: String)

    /// Where it is asked, as written in the certificate: of any scheme and any form.
    public var url: String {
        switch self {
        case .ocsp(let url, _), .revocationList(let url): url
        }
    }

    /// What is asked of whom.
    public var description: String {
        switch self {
        case .ocsp(let url, _): "OCSP responder \(url)"
        case .revocationList(let url): "revocation list \(url)"
        }
    }
}

/// What came back for a ``RevocationRequest``.
///
/// Nothing in it is proven.
public enum RevocationAnswer: Sendable, Hashable {
    /// The bytes of the answer, and when they were received.
    case bytes([UInt8], receivedAt: Date)
    /// There is none; a clause for people says why ("responder.example.com refused the connection").
    case failure(String)
}

/// Every byte from outside that a judgement about revocation rests on.
///
/// A value: kept with the signature, it leads to the same judgement at the same moment without a network.
public struct RevocationEvidence: Sendable, Hashable {
    /// What was asked, with what came back.
    public var answers: [RevocationRequest: RevocationAnswer]

    /// Creates evidence; empty means that nobody was asked.
    public init(_ answers: [RevocationRequest: RevocationAnswer] = [:]) { self.answers = answers }

    /// Adds what came back for other requests.
    public mutating func merge(_ other: RevocationEvidence) { answers.merge(other.answers) { $1 } }
}
