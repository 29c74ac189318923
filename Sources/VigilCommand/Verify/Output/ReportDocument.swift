import FoundationEssentials
import JSONModel
import OCIModel
import TrustModel
import TrustResources

/// A report for programs.
///
/// Every member is always there; what is not known is `null`.
///
/// ```
/// images: [{
///   image            the reference as written
///   digest           the digest it named or led to
///   verifiedDigest   the digest that carried the deciding evidence: this one, its index or a platform manifest
///   verifiedManifest which kind of manifest that is: Index, or Platform for the manifest of one platform
///   verdict          Trusted | Untrusted | Unsupported | Unknown
///   reason, message  why, as a constant and as a sentence
///   skipped          whether its policy leaves it unverified; then it counts as no failure
///   validUntil       the first moment at which the verdict would lapse
///   findings: [{policy, authority, verdict, reason, message, signer, algorithm, evidence, subject, signedAt,
///               expiresAt, validUntil, warnings: []}]
///   sources:  [{file, document, kind, namespace, name, container}]      where it was found; empty for an argument
/// }]
/// bundle: {file, program, judgedAt, policies: own | bundle,      what was judged again; null without --bundle
///          images: [{image, recordedVerdict, recordedReason, same}]}
/// summary: {images, trusted, untrusted, unsupported, unknown, skipped, exitStatus}
/// ```
/// Dates are RFC 3339 in UTC, to the second.
enum ReportDocument {
    /// The document as indented JSON, ending in a line break.
    static func json(_ report: VerificationReport, _ comparison: ReplayComparison? = nil) -> String {
        TerminalText.document(value(report, comparison))
    }

    /// The document as YAML, ending in a line break.
    static func yaml(_ report: VerificationReport, _ comparison: ReplayComparison? = nil) -> String {
        YAMLWriter().text(value(report, comparison))
    }

    /// The document.
    static func value(_ report: VerificationReport, _ comparison: ReplayComparison? = nil) -> JSONValue {
        let counts = report.counts
        return [
            "bundle": comparison?.value ?? .null,
            "images": .array(report.images.map(image)),
            "summary": [
                "images": number(report.images.count),
                "trusted": number(counts.trusted),
                "untrusted": number(counts.untrusted),
                "unsupported": number(counts.unsupported),
                "unknown": number(counts.unknown),
                "skipped": number(counts.skipped),
                "exitStatus": .integer(Int64(report.exitStatus.rawValue)),
            ],
        ]
    }

    private static func image(_ image: VerifiedImage) -> JSONValue {
        let judgement = image.judgement
        return [
            "image": .string(image.target.text),
            "digest": digest(judgement.digest),
            "verifiedDigest": digest(judgement.verifiedDigest),
            "verifiedManifest": text(judgement.carrier?.rawValue),
            "verdict": .string(judgement.verdict.rawValue),
            "reason": .string(judgement.reason.rawValue),
            "message": .string(judgement.message),
            "skipped": .bool(image.standing == .skipped),
            "validUntil": date(judgement.validUntil),
            "findings": .array(judgement.findings.map(finding)),
            "sources": .array(image.target.sources.map(source)),
        ]
    }

    private static func finding(_ finding: Finding) -> JSONValue {
        [
            "policy": .string(finding.policy.description),
            "authority": .string(finding.authority),
            "verdict": .string(finding.verdict.rawValue),
            "reason": .string(finding.reason.rawValue),
            "message": .string(finding.message),
            "signer": text(finding.signer),
            "algorithm": text(finding.algorithm),
            "evidence": digest(finding.evidence),
            "subject": digest(finding.subject),
            "signedAt": date(finding.signedAt),
            "expiresAt": date(finding.expiresAt),
            "validUntil": date(finding.validUntil),
            "warnings": .array(finding.warnings.map(JSONValue.string)),
        ]
    }

    private static func source(_ source: ImageSource) -> JSONValue {
        [
            "file": .string(source.file),
            "document": number(source.document),
            "kind": .string(source.kind),
            "namespace": text(source.namespace),
            "name": .string(source.name),
            "container": .string(source.container),
        ]
    }

    private static func number(_ count: Int) -> JSONValue { .integer(Int64(count)) }
    private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    private static func digest(_ digest: Digest?) -> JSONValue { text(digest?.description) }
    private static func date(_ date: Date?) -> JSONValue { text(date?.formatted(.iso8601)) }
}
