import FoundationEssentials
import SigningFormats

/// Judges what OCSP responders say about one certificate (RFC 6960 §3.2).
struct OCSPJudge {
    let lookup: RevocationLookup
    let evidence: RevocationEvidence
    let now: Date

    /// A response that cannot be believed, or an answer that has to wait for others.
    private enum Obstacle: Error {
        case trouble(String)
        case ask([RevocationRequest])
    }

    /// Looks at the responders in their order; the first answer that can be believed settles it.
    func progress(_ responders: RevocationPointers) -> RevocationProgress {
        var troubles: [String] = []
        if responders.urls.isEmpty { troubles.append("the OCSP responder is named by something that is no URL") }
        let request = OCSPRequest.der(lookup.certificate, issuedBy: lookup.issuer)
        for url in responders.urls {
            let asked = RevocationRequest.ocsp(url: url, request: request)
            guard RevocationText.isAskable(url) else {
                troubles.append("\(asked) is not asked, because only http is")
                continue
            }
            guard let answer = evidence.answers[asked] else { return .ask([asked]) }
            switch answer {
            case .failure(let message): troubles.append("\(asked) gave no answer: \(message)")
            case .bytes(let bytes, let receivedAt):
                do throws(Obstacle) {
                    return .settled(try status(bytes, receivedAt: receivedAt, of: asked))
                } catch {
                    switch error {
                    case .ask(let requests): return .ask(requests)
                    case .trouble(let message):
                        troubles.append("the answer of \(asked) cannot be believed: \(message)")
                    }
                }
            }
        }
        return .settled(.unavailable(troubles.joined(separator: "; ")))
    }

    /// The `nextUpdate` of an answer that can be believed; `nil` for any other.
    ///
    /// Whether the responder's own certificate was revoked is left open.
    func end(of bytes: [UInt8]) -> Date? {
        do throws(Obstacle) {
            let response = try response(bytes)
            try checkTime(response)
            _ = try signer(of: response)
            return try answers(in: response).compactMap(\.nextUpdate).min()
        } catch {
            return nil
        }
    }

    // MARK: - One response

    private func status(
        _ bytes: [UInt8],
        receivedAt: Date,
        of source: RevocationRequest
    ) throws(Obstacle) -> RevocationStatus {
        let response = try response(bytes)
        try checkTime(response)
        var end = try checkResponder(try signer(of: response))
        var unknown: RevocationStatus?
        for answer in try answers(in: response) {
            guard let nextUpdate = answer.nextUpdate else { throw .trouble("it does not say how long it holds") }
            let own = RevocationRules.end(nextUpdate: nextUpdate, receivedAt: receivedAt, now: now)
            end = end.map { min($0, own) } ?? own
            switch answer.status {
            case .good: break
            case .unknown: unknown = .unknown("\(source) says that it does not know; ask the CA that issued it")
            case .revoked(let date, let reason):
                let signedAt = lookup.authenticSigningTime
                guard RevocationText.isHarmless(answer.invalidityDate, signedAt: signedAt) else {
                    return .revoked(RevocationText.revoked(date, reason, by: source))
                }
            }
        }
        if let unknown { return unknown }
        return .good(until: end ?? now, "\(source), produced at \(response.producedAt.formatted(.iso8601))")
    }

    private func response(_ bytes: [UInt8]) throws(Obstacle) -> OCSPResponse {
        let response: OCSPResponse
        do throws(SigningFormatError) {
            response = try OCSPResponse(bytes)
        } catch {
            throw .trouble(error.message)
        }
        if let unknown = response.unknownCritical.first {
            throw .trouble("it has the critical extension \(unknown), which is not understood here")
        }
        return response
    }

    private func checkTime(_ response: OCSPResponse) throws(Obstacle) {
        guard response.producedAt <= now.addingTimeInterval(RevocationRules.clockSkew) else {
            throw .trouble("it was produced in the future, at \(response.producedAt.formatted(.iso8601))")
        }
    }

    /// The answers about the certificate: at least one, each of the present.
    private func answers(in response: OCSPResponse) throws(Obstacle) -> [OCSPAnswer] {
        let answers = response.answers.filter { $0.isAbout(lookup.certificate, issuedBy: lookup.issuer) }
        guard !answers.isEmpty else { throw .trouble("it is about another certificate") }
        for answer in answers {
            if let unknown = answer.unknownCritical.first {
                throw .trouble("it has the critical extension \(unknown), which is not understood here")
            }
            guard answer.thisUpdate <= now.addingTimeInterval(RevocationRules.clockSkew) else {
                throw .trouble("it is of the future, of \(answer.thisUpdate.formatted(.iso8601))")
            }
            guard let nextUpdate = answer.nextUpdate else { throw .trouble("it does not say how long it holds") }
            guard now <= nextUpdate else {
                throw .trouble("it held until \(nextUpdate.formatted(.iso8601)), and this is past")
            }
            guard answer.thisUpdate <= nextUpdate else { throw .trouble("it ends before it begins") }
        }
        return answers
    }

    // MARK: - Who signed it

    /// The certificate whose key signed the response: the issuer's, or one that the issuer gave to a responder
    /// (RFC 6960 §4.2.2.2).
    private func signer(of response: OCSPResponse) throws(Obstacle) -> X509Certificate {
        if let name = response.unsupportedAlgorithm {
            throw .trouble("it is signed with \(name), which is not allowed")
        }
        if response.names(lookup.issuer), response.isSigned(by: lookup.issuer) { return lookup.issuer }
        guard let delegate = response.certificates.first(where: { response.names($0) && $0 != lookup.issuer }) else {
            throw .trouble("it is not signed by \(lookup.issuer), and brings no certificate of the responder it names")
        }
        guard delegate.issuer == lookup.issuer.subject, delegate.hasValidSignature(from: lookup.issuer) else {
            throw .trouble("the responder \(delegate) has no certificate that \(lookup.issuer) issued")
        }
        if let rejection = delegate.rejectionAsOCSPResponder {
            throw .trouble("the responder \(delegate) \(rejection)")
        }
        guard delegate.isValid(at: now) else {
            throw .trouble(
                "the certificate of the responder \(delegate) is valid from \(delegate.notBefore.formatted(.iso8601)) to "
                    + "\(delegate.notAfter.formatted(.iso8601)) only"
            )
        }
        guard response.isSigned(by: delegate) else { throw .trouble("its signature does not match") }
        return delegate
    }

    /// Makes sure that a delegated responder was not revoked itself: its issuer says that it is not to be asked about, it
    /// names no place to ask, or it is on none of the lists that it names (RFC 6960 §4.2.2.2.1).
    ///
    /// - Returns: until when that holds; `nil` for as long as its certificate does.
    private func checkResponder(_ signer: X509Certificate) throws(Obstacle) -> Date? {
        guard signer != lookup.issuer else { return nil }
        guard !signer.hasOCSPNoCheck, signer.isRevocable else { return signer.notAfter }
        guard signer.revocationLists != nil else {
            throw .trouble("the responder \(signer) would have to be asked about itself (it lacks ocsp-nocheck)")
        }
        let lookup = RevocationLookup(certificate: signer, issuer: lookup.issuer, authenticSigningTime: nil)
        switch RevocationListJudge(lookup: lookup, evidence: evidence, now: now).progress() {
        case .ask(let requests): throw .ask(requests)
        case .settled(.good(let until, _)): return min(until, signer.notAfter)
        case .settled(.revoked(let message)): throw .trouble("the responder \(signer) \(message)")
        case .settled(.unknown(let message)), .settled(.unavailable(let message)):
            throw .trouble("nobody said whether the responder \(signer) is revoked: \(message)")
        }
    }
}
