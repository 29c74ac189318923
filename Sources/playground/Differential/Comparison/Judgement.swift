import JSONModel

/// What a program said about a case.
enum Judgement: Sendable, Hashable {
    /// Accepted, with failures of these checks that were only logged.
    case accepted(logged: Set<String>)
    case skipped
    /// Refused; `nil` when the message does not tell why.
    case refused(ReasonClass?)
    /// It did not judge: a crash, an outage, an answer that cannot be read.
    case failed

    var accepts: Bool {
        switch self {
        case .accepted, .skipped: true
        case .refused, .failed: false
        }
    }
}

extension Judgement {
    /// Reads what `vigil verify -o json` said.
    init(vigil outcome: CaseRunner.Outcome) {
        switch outcome.status {
        case 2:
            self = .refused(.configuration)
            return
        case 0, 1, 3: break
        default:
            self = .failed
            return
        }
        guard let report = try? JSONParser().parse(Array(outcome.output.utf8)),
            let image = report["images"]?.array?.first
        else {
            self = .failed
            return
        }
        if outcome.status == 0 {
            let warnings = (image["findings"]?.array ?? []).flatMap { $0["warnings"]?.array ?? [] }
            self =
                image["skipped"] == true
                ? .skipped : .accepted(logged: Set(warnings.compactMap { $0.string.map(Self.check) }))
            return
        }
        guard let reason = image["reason"]?.string, let known = Self.reasons[reason] else {
            self = .failed
            return
        }
        self = .refused(known)
    }

    /// A warning begins with the name of the check and a colon.
    private static func check(_ warning: String) -> String { String(warning.prefix { $0 != ":" }) }

    private static let reasons: [String: ReasonClass] = [
        "SignatureInvalid": .integrity, "EvidenceMalformed": .integrity, "DigestMismatch": .integrity,
        "NoTrustedSignature": .authenticity, "SignatureExpired": .expiry, "CertificateExpired": .time,
        "TimestampUnavailable": .time, "TimestampInvalid": .time, "CertificateRevoked": .revoked,
        "RevocationUnavailable": .revocationUnknown, "RevocationUnknown": .revocationUnknown,
        "PluginRequired": .plugin, "NoSignature": .absence, "TooManySignatures": .limit, "NoPolicy": .uncovered,
        "PolicyInvalid": .configuration,
        "TrustStoreUnavailable": .configuration,
    ]

    /// Reads what `notation verify` said.
    init(notation outcome: CaseRunner.Outcome) {
        guard outcome.status == 0 else {
            self = outcome.status == 1 ? .refused(Self.reason(outcome.errors + outcome.output)) : .failed
            return
        }
        let text = outcome.output + outcome.errors
        guard !text.contains("is configured to skip signature verification") else {
            self = .skipped
            return
        }
        let logged = Self.checks.filter { text.contains("Warning: \($0) was set to \"log\" and failed") }
        self = .accepted(logged: Set(logged))
    }

    private static let checks = ["integrity", "authenticity", "authenticTimestamp", "expiry", "revocation"]

    /// What the messages of `notation verify -v` tell about the reason; `nil` when they tell none, or several.
    private static func reason(_ text: String) -> ReasonClass? {
        let lines = text.split(separator: "\n").filter { !$0.contains("level=info") }
        let told = Set(
            lines.compactMap { line in messages.first { line.contains($0.part) }.map { $0.reason(in: line) } }
        )
        return told.count == 1 ? told.first : nil
    }

    /// A part of a line, and what it tells.
    private struct Message {
        let part: String
        let reason: ReasonClass

        init(_ part: String, _ reason: ReasonClass) {
            self.part = part
            self.reason = reason
        }

        /// One message stands for both: a certificate that is revoked, and one of which nobody knows.
        func reason(in line: Substring) -> ReasonClass {
            reason == .revocationUnknown && line.contains("is revoked") ? .revoked : reason
        }
    }

    /// The more telling ones first.
    private static let messages: [Message] = [
        Message("integrity validation failed. Failure reason", .integrity),
        Message("authenticity validation failed. Failure reason", .authenticity),
        Message("authenticTimestamp validation failed. Failure reason", .time),
        Message("expiry validation failed. Failure reason", .expiry),
        Message("revocation validation failed. Failure reason", .revocationUnknown),
        Message("content descriptor mismatch", .integrity),
        Message("Failed to unmarshal the payload content", .integrity),
        Message("io.cncf.notary.verificationPlugin", .plugin), Message("locating the verification plugin", .plugin),
        Message("no signature is associated with", .absence),
        Message("no applicable trust policy statement", .uncovered),
        Message("Error: trust policy", .configuration), Message("Error: malformed trust policy", .configuration),
        Message("Error: multiple trust policy statements", .configuration),
        Message("Error: registry scope", .configuration),
    ]
}
