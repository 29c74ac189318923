import FoundationEssentials
import OCIModel
import SigningFormats
import TrustModel

/// Why a check did not pass.
struct CheckFailure: Error, Sendable, Hashable {
    let verdict: Verdict
    let reason: Reason
    /// A clause that continues "signature sha256:… ".
    let message: String

    private init(verdict: Verdict, reason: Reason, message: String) {
        self.verdict = verdict
        self.reason = reason
        // It may quote what the signature says.
        self.message = DisplayText.printable(message)
    }

    static func untrusted(_ reason: Reason, _ message: String) -> CheckFailure {
        CheckFailure(verdict: .untrusted, reason: reason, message: message)
    }

    static func unknown(_ reason: Reason, _ message: String) -> CheckFailure {
        CheckFailure(verdict: .unknown, reason: reason, message: message)
    }
}

/// The verification of one signature, check by check in the order of the Notary trust policy specification.
///
/// The first failed check whose action is `enforce` ends it. Checks that the specification leaves no choice about (payload,
/// annotations, plugins) count as integrity.
struct SignatureExamination {
    let verifier: NotaryVerifier
    let evidence: SignatureEvidence
    let subject: Descriptor
    let now: Date
    private var checks: [SignatureOutcome.Check] = []
    private var warnings: [String] = []
    private var envelope: VerifiedEnvelope?

    init(verifier: NotaryVerifier, evidence: SignatureEvidence, subject: Descriptor, now: Date) {
        self.verifier = verifier
        self.evidence = evidence
        self.subject = subject
        self.now = now
    }

    mutating func outcome() -> SignatureOutcome {
        do throws(CheckFailure) {
            let envelope = try integrity()
            self.envelope = envelope
            try apply(.integrity) { () throws(CheckFailure) in try Self.checkPlugins(envelope) }
            let verifier = verifier
            let now = now
            try apply(.authenticity) { () throws(CheckFailure) in try verifier.checkAuthenticity(envelope) }
            try apply(.expiry) { () throws(CheckFailure) in try verifier.checkExpiry(envelope, now: now) }
            try apply(.authenticTimestamp) { () throws(CheckFailure) in try verifier.checkTime(envelope, now: now) }
            try apply(.revocation) { () throws(CheckFailure) in try verifier.checkRevocation(envelope) }
            let subject = subject
            try apply(.integrity) { () throws(CheckFailure) in try verifier.checkPayload(envelope, subject: subject) }
            return describe(trusted(envelope))
        } catch {
            return describe(
                SignatureOutcome(
                    verdict: error.verdict,
                    reason: error.reason,
                    message: "signature \(evidence.manifestDigest.short) \(error.message)"
                )
            )
        }
    }

    /// Runs one check under its action.
    private mutating func apply(
        _ check: VerificationCheck,
        _ body: () throws(CheckFailure) -> String
    ) throws(CheckFailure) {
        let action = verifier.trust.action(for: check)
        guard action != .skip else {
            record(check, action, .notRun, "the policy skips this check")
            return
        }
        do throws(CheckFailure) {
            record(check, action, .passed, try body())
        } catch {
            record(check, action, .failed, error.message)
            guard action == .log else { throw error }
            warnings.append("\(check.rawValue): signature \(evidence.manifestDigest.short) \(error.message)")
        }
    }

    private mutating func record(
        _ check: VerificationCheck,
        _ action: VerificationAction,
        _ result: SignatureOutcome.Check.Result,
        _ message: String
    ) {
        checks.append(SignatureOutcome.Check(check: check, action: action, result: result, message: message))
    }

    private mutating func integrity() throws(CheckFailure) -> VerifiedEnvelope {
        var verified: VerifiedEnvelope?
        let evidence = evidence
        try apply(.integrity) { () throws(CheckFailure) in
            let envelope = try Self.verifiedEnvelope(evidence)
            verified = envelope
            return
                "the signature (\(envelope.chain.algorithm)) matches its content, and the certificate chain is well formed"
        }
        // Integrity is always enforced, so a failure has been thrown above.
        guard let verified else { throw .untrusted(.signatureInvalid, "was not verified") }
        return verified
    }

    private static func verifiedEnvelope(_ evidence: SignatureEvidence) throws(CheckFailure) -> VerifiedEnvelope {
        do throws(SigningFormatError) {
            switch evidence.mediaType {
            case .jose: return try UnverifiedEnvelope(jws: evidence.envelope).verified()
            case .cose: return try UnverifiedEnvelope(cose: evidence.envelope).verified()
            default:
                throw SigningFormatError(
                    .unsupported,
                    "its media type is \"\(evidence.mediaType.rawValue.prefix(96))\", not \(MediaType.jose) or \(MediaType.cose)"
                )
            }
        } catch {
            switch error.code {
            case .signature, .chain, .algorithm, .key:
                throw .untrusted(.signatureInvalid, "is not valid: \(error.message)")
            case .malformed, .limitExceeded, .unsupported, .criticalHeaders, .header, .certificate:
                throw .untrusted(.evidenceMalformed, "cannot be accepted: \(error.message)")
            }
        }
    }

    /// A critical attribute that is not understood must not be passed over, and a demanded plugin neither
    /// (Notary signature specification, "Extended attributes"; plugin-extensibility specification).
    private static func checkPlugins(_ envelope: VerifiedEnvelope) throws(CheckFailure) -> String {
        if let plugin = envelope.contents.verificationPlugin {
            throw .unknown(
                .pluginRequired,
                "demands the verification plugin \"\(plugin.prefix(64))\", and plugins are not supported"
            )
        }
        if let attribute = envelope.contents.extendedAttributes.first(where: \.isCritical) {
            throw .unknown(
                .pluginRequired,
                "has the critical attribute \(attribute.label), which cannot be processed without a plugin"
            )
        }
        return "no plugin is needed"
    }
}

// MARK: - The result

extension SignatureExamination {
    private func trusted(_ envelope: VerifiedEnvelope) -> SignatureOutcome {
        let who = "signature \(evidence.manifestDigest.short) by \(envelope.chain.leaf) (\(envelope.chain.algorithm))"
        let message: String
        if warnings.isEmpty {
            let anchor = verifier.anchor(for: envelope).map { " and leads to trust store \($0)" } ?? ""
            message = "\(who) is valid\(anchor)"
        } else {
            let failed = Set(checks.filter { $0.result == .failed }.map(\.check.rawValue)).sorted().joined(
                separator: ", "
            )
            message = "\(who) is accepted although checks failed that the policy only logs: \(failed)"
        }
        var outcome = SignatureOutcome(verdict: .trusted, reason: .verified, message: message)
        outcome.validUntil = verifier.validUntil(envelope)
        return outcome
    }

    private func describe(_ outcome: SignatureOutcome) -> SignatureOutcome {
        var outcome = outcome
        outcome.evidence = evidence.manifestDigest
        outcome.checks = checks
        outcome.warnings = warnings
        if let envelope {
            outcome.signer = envelope.chain.leaf.description
            outcome.algorithm = envelope.chain.algorithm.rawValue
            outcome.signedAt = envelope.contents.claimedTime
            outcome.expiresAt = envelope.contents.expiry
        }
        return outcome
    }
}
