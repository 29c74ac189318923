public import FoundationEssentials
public import SigningFormats

/// One certificate whose revocation is looked up.
public struct RevocationLookup: Sendable, Hashable {
    /// The certificate.
    public let certificate: X509Certificate
    /// Who issued it, and answers for it.
    public let issuer: X509Certificate
    /// See ``RevocationQuestion/authenticSigningTime``.
    public let authenticSigningTime: Date?
}

/// How far a lookup got with the evidence there is.
public enum RevocationProgress: Sendable, Hashable {
    /// These requests have to be answered first; they may be asked side by side.
    case ask([RevocationRequest])
    /// The certificate's status is settled.
    case settled(RevocationStatus)
}

extension RevocationLookup {
    /// What `evidence` says about the certificate at `now`.
    ///
    /// A request that is not in it counts as one that could not be answered.
    public func status(_ evidence: RevocationEvidence, now: Date) -> RevocationStatus {
        switch progress(evidence, now: now) {
        case .settled(let status): status
        case .ask(let requests):
            .unavailable(requests.map { "\($0) was not asked" }.joined(separator: ", "))
        }
    }

    /// Finds out what is to be asked next (OCSP and CRL specification of the Notary Project, "Certificate revocation
    /// evaluation"): responders one after the other until one gives an answer that can be believed; where none does, or it
    /// does not know the certificate, every revocation list.
    public func progress(_ evidence: RevocationEvidence, now: Date) -> RevocationProgress {
        var troubles: [String] = []
        var unknown: String?
        if let responders = certificate.ocspResponders {
            switch OCSPJudge(lookup: self, evidence: evidence, now: now).progress(responders) {
            case .ask(let requests): return .ask(requests)
            case .settled(.unknown(let message)): unknown = message
            case .settled(.unavailable(let message)): troubles.append(message)
            case .settled(let status): return .settled(status)
            }
        }
        if certificate.revocationLists != nil || certificate.freshestLists != nil {
            let judge = RevocationListJudge(lookup: self, evidence: evidence, now: now)
            switch judge.progress() {
            case .settled(.unavailable(let message)): troubles.append(message)
            case let progress: return progress
            }
        }
        if let unknown { return .settled(.unknown(unknown)) }
        return .settled(.unavailable(troubles.joined(separator: "; ")))
    }

    /// Whether `bytes` are an answer to `request` that can be believed at `now`, and until when: what a cache needs to know.
    ///
    /// - Returns: the answer's `nextUpdate`; `nil` when nothing can be made of it. What it says does not matter.
    public func end(of bytes: [UInt8], answering request: RevocationRequest, now: Date) -> Date? {
        let evidence = RevocationEvidence([request: .bytes(bytes, receivedAt: now)])
        switch request {
        case .ocsp: return OCSPJudge(lookup: self, evidence: evidence, now: now).end(of: bytes)
        case .revocationList: return RevocationListJudge(lookup: self, evidence: evidence, now: now).end(of: bytes)
        }
    }
}
