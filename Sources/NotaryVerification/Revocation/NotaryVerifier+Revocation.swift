import FoundationEssentials
import TrustModel

/// A chain none of whose certificates is revoked.
struct RevocationProof: Sendable, Hashable {
    /// Until when the evidence is believed; `nil` when there was nothing to ask.
    var until: Date?
    /// What was found, as a clause for people.
    var message: String
}

extension RevocationQuestion.Purpose {
    /// The step that a revoked certificate fails.
    var step: VerificationStep {
        switch self {
        case .codeSigning: .revocation
        case .timestamping: .timestampRevocation
        }
    }
}

extension NotaryVerifier {
    /// Judges a chain by what was found about each of its certificates (OCSP and CRL specification of the Notary Project,
    /// "Certificate revocation evaluation").
    ///
    /// One revoked certificate settles it. One about which the service says that it does not know it comes next: that is an
    /// answer, which an outage is not.
    static func checkRevocation(
        _ question: RevocationQuestion,
        _ evidence: RevocationEvidence,
        now: Date
    ) throws(CheckFailure) -> RevocationProof {
        var unknown: CheckFailure?
        var unavailable: CheckFailure?
        var proof = RevocationProof(until: nil, message: "")
        var clauses: [String] = []
        for lookup in question.lookups {
            let name = "\(question.purpose.adjective)certificate \(lookup.certificate)"
            switch lookup.status(evidence, now: now) {
            case .good(let until, let message):
                proof.until = [proof.until, until].compactMap(\.self).min()
                clauses.append("\(lookup.certificate) is not revoked (\(message))")
            case .revoked(let message):
                throw .untrusted(.certificateRevoked, "has \(name), which \(message)")
            case .unknown(let message):
                unknown = unknown ?? .unknown(.revocationUnknown, "has \(name), which \(message)")
            case .unavailable(let message):
                unavailable =
                    unavailable
                    ?? .unknown(
                        .revocationUnavailable,
                        "has \(name), of which nobody said whether it is revoked: \(message)"
                    )
            }
        }
        if let failure = unknown ?? unavailable { throw failure }
        proof.message = clauses.isEmpty ? "no certificate of the chain can be revoked" : clauses.joined(separator: "; ")
        return proof
    }
}

extension RevocationQuestion.Purpose {
    fileprivate var adjective: String { self == .timestamping ? "timestamping " : "" }
}
