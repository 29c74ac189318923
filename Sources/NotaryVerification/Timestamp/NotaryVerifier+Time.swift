import FoundationEssentials
import SigningFormats
import TrustModel

/// What the check of time found.
struct TimeEvidence: Sendable {
    /// A clause for people.
    let message: String
    /// The timestamp that decided; `nil` when none was asked for.
    let timestamp: VerifiedTimestamp?
}

/// Whether a signature was made while its certificates were valid (check `authenticTimestamp`).
extension NotaryVerifier {
    private var timestampVerifier: TimestampVerifier? {
        let stores = stores.filter { $0.kind == .tsa }
        return stores.isEmpty ? nil : TimestampVerifier(stores: stores)
    }

    /// Who verifies the timestamp, if one must be verified (trust policy specification, `verifyTimestamp`).
    ///
    /// A signing authority vouches for the time itself, and needs none.
    private func demandedTimestamp(_ envelope: VerifiedEnvelope, now: Date) -> TimestampVerifier? {
        guard envelope.contents.scheme == .x509, let verifier = timestampVerifier else { return nil }
        switch trust.verifyTimestamp {
        case .always: return verifier
        case .afterCertExpiry: return envelope.chain.certificates.contains { $0.notAfter < now } ? verifier : nil
        }
    }

    func checkTime(_ envelope: VerifiedEnvelope, now: Date) throws(CheckFailure) -> TimeEvidence {
        if let verifier = demandedTimestamp(envelope, now: now) {
            return try checkTimestamp(envelope, with: verifier, now: now)
        }
        let moment = envelope.contents.authenticSigningTime ?? now
        let when = envelope.contents.authenticSigningTime == nil ? "" : " when it was signed, at \(Self.text(moment))"
        for certificate in envelope.chain.certificates {
            guard certificate.notBefore <= moment else {
                throw .untrusted(
                    .certificateExpired,
                    "has certificate \(certificate), not valid before \(Self.text(certificate.notBefore))\(when)"
                )
            }
            guard moment <= certificate.notAfter else {
                throw .untrusted(
                    .certificateExpired,
                    "has certificate \(certificate), which expired at \(Self.text(certificate.notAfter))\(when)"
                )
            }
        }
        return TimeEvidence(message: "every certificate of the chain is valid at \(Self.text(moment))", timestamp: nil)
    }

    /// The timestamp must hold, and every certificate of the signer must have been valid at its time, with all that the
    /// time may be off.
    private func checkTimestamp(
        _ envelope: VerifiedEnvelope,
        with verifier: TimestampVerifier,
        now: Date
    ) throws(CheckFailure) -> TimeEvidence {
        guard let token = envelope.contents.timestampToken else {
            throw .unknown(
                .timestampUnavailable,
                "carries no timestamp, and the policy demands one by naming trust store \(verifier.storeNames); "
                    + "sign with a time-stamping authority (notation sign --timestamp-url …)"
            )
        }
        let timestamp: VerifiedTimestamp
        do throws(TimestampFailure) {
            timestamp = try verifier.verify(token, over: envelope.contents.signature, now: now)
        } catch {
            let message = "has a timestamp that counts for nothing: it \(error.message)"
            throw error.rule == .stranger
                ? .unknown(.timestampUnavailable, message) : .untrusted(.timestampInvalid, message)
        }
        for certificate in envelope.chain.certificates
        where !timestamp.info.lies(within: certificate, accuracy: timestamp.info.accuracy) {
            throw .untrusted(
                .certificateExpired,
                "has certificate \(certificate), valid from \(Self.text(certificate.notBefore)) to "
                    + "\(Self.text(certificate.notAfter)), and its timestamp says \(timestamp.timeDescription); "
                    + "sign the image again"
            )
        }
        return TimeEvidence(
            message: "every certificate of the chain was valid at \(timestamp.timeDescription), as "
                + "\(timestamp.authority) of \(timestamp.trustStore) testifies",
            timestamp: timestamp
        )
    }

    // MARK: Validity

    /// The first moment at which an enforced check would begin to fail.
    ///
    /// Certificates count when it is the present that they must be valid at: under scheme `notary.x509`, unless a timestamp
    /// carries the signature, or will carry it once a certificate has expired.
    ///
    /// - Parameters:
    ///   - envelope: the signature.
    ///   - timestamp: the timestamp that carries it.
    ///   - now: the present.
    /// - Returns: when a check fails, and the moment from which on a timestamp counts whose authority has not been asked
    ///   about so far.
    func validity(
        _ envelope: VerifiedEnvelope,
        timestamp: VerifiedTimestamp?,
        now: Date
    ) -> (until: Date?, evidenceUntil: Date?) {
        var moments: [Date] = []
        var evidenceUntil: Date?
        if trust.action(for: .expiry) == .enforce, let expiry = envelope.contents.expiry { moments.append(expiry) }
        if trust.action(for: .authenticTimestamp) == .enforce, envelope.contents.scheme == .x509, timestamp == nil {
            let ends = envelope.chain.certificates.map(\.notAfter)
            if let successor = laterTimestamp(envelope, now: now) {
                evidenceUntil = successor.revocationQuestion.isOpen ? ends.min() : nil
            } else {
                moments.append(contentsOf: ends)
            }
        }
        return (moments.min(), evidenceUntil)
    }

    /// The timestamp that is not asked for yet and will hold once it is.
    private func laterTimestamp(_ envelope: VerifiedEnvelope, now: Date) -> VerifiedTimestamp? {
        guard trust.verifyTimestamp == .afterCertExpiry, let verifier = timestampVerifier else { return nil }
        do throws(CheckFailure) {
            return try checkTimestamp(envelope, with: verifier, now: now).timestamp
        } catch {
            return nil
        }
    }
}
