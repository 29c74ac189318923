import FoundationEssentials
import JSONModel
import NotaryVerification
import OCIModel
import TrustModel

/// An explanation for programs.
///
/// Every member is always there; what is not known is `null`. Dates are RFC 3339 in UTC, to the second.
///
/// ```
/// image, containers: [{namespace, pod, container}], digest, verifiedDigest, verifiedManifest, judgedAt, verdict, reason, message, skipped, validUntil, exitStatus
/// requests: [{question, answer, failed}]
/// silentPolicies: [{policy, cause}]
/// policies: [{policy, include: [], exclude: [], needed, decisions, verdict, reason, message, validUntil,
///   authorities: [{authority, level, actions: {check: action}, trustStores: [{name, certificates}], trustedIdentities: [],
///     requiredAnnotations: {}, verdict, reason, message,
///     manifests: [{digest, mediaType, unreachable: [], truncated,
///       signatures: [{digest, verdict, reason, message, signer, algorithm, signedAt, expiresAt, validUntil,
///         timestamp: {time, authority, trustStore},
///         certificates: [{subject, issuer, notBefore, notAfter, fingerprint}],
///         steps: [{step, check, state, message}]}]}]}]}]
/// ```
struct ExplanationDocument: Sendable {
    private let explanation: Explanation

    init(_ explanation: Explanation) { self.explanation = explanation }

    /// The document.
    var value: JSONValue {
        let judgement = explanation.image.judgement
        return [
            "image": .string(explanation.image.target.text),
            "containers": .array(explanation.image.target.sources.map(Self.value)),
            "digest": Self.text(judgement.digest?.description),
            "verifiedDigest": Self.text(judgement.verifiedDigest?.description),
            "verifiedManifest": Self.text(judgement.carrier?.rawValue),
            "judgedAt": Self.date(explanation.madeAt), "verdict": .string(judgement.verdict.rawValue),
            "reason": .string(judgement.reason.rawValue), "message": .string(judgement.message),
            "skipped": .bool(explanation.image.standing == .skipped), "validUntil": Self.date(judgement.validUntil),
            "exitStatus": .integer(Int64(explanation.exitStatus.rawValue)),
            "requests": .array(
                explanation.requests.map {
                    ["question": .string($0.question), "answer": .string($0.answer), "failed": .bool($0.isFailure)]
                }
            ),
            "silentPolicies": .array(
                explanation.silences.map { ["policy": .string("\($0.policy)"), "cause": .string($0.cause)] }
            ),
            "policies": .array(explanation.policies.map(Self.value)),
        ]
    }

    private static func value(_ source: ImageSource) -> JSONValue {
        [
            "namespace": text(source.namespace), "pod": .string(source.name), "container": .string(source.container),
        ]
    }

    private static func value(_ part: Explanation.PolicyPart) -> JSONValue {
        let policy = part.policy
        return [
            "policy": .string("\(policy.name)"), "include": texts(policy.scope.include),
            "exclude": texts(policy.scope.exclude),
            "needed": .integer(Int64(policy.require.threshold(of: policy.authorities.count))),
            "decisions": .integer(Int64(policy.decisions.count)), "verdict": text(part.judgement?.verdict.rawValue),
            "reason": text(part.judgement?.reason.rawValue), "message": text(part.judgement?.message),
            "validUntil": date(part.judgement?.validUntil), "authorities": .array(part.authorities.map(value)),
        ]
    }

    private static func value(_ part: Explanation.AuthorityPart) -> JSONValue {
        let trust = part.trust
        let actions = VerificationCheck.allCases.map { ($0.rawValue, JSONValue.string(trust.action(for: $0).rawValue)) }
        return [
            "authority": .string(part.name), "level": .string(trust.level.rawValue),
            "actions": .object(Dictionary(actions) { $1 }),
            "trustStores": .array(
                trust.trustStores.map {
                    [
                        "name": .string("\($0.kind.rawValue):\($0.name)"),
                        "certificates": .integer(Int64($0.certificates.count)),
                    ]
                }
            ),
            "trustedIdentities": texts(trust.trustedIdentities),
            "requiredAnnotations": .object(trust.requiredAnnotations.mapValues(JSONValue.string)),
            "verdict": text(part.finding?.verdict.rawValue), "reason": text(part.finding?.reason.rawValue),
            "message": text(part.finding?.message), "manifests": .array(part.manifests.map(value)),
        ]
    }

    private static func value(_ part: Explanation.ManifestPart) -> JSONValue {
        [
            "digest": .string("\(part.subject.digest)"), "mediaType": .string(part.subject.mediaType.rawValue),
            "unreachable": texts(part.unreachable), "truncated": .bool(part.isTruncated),
            "signatures": .array(part.signatures.map(value)),
        ]
    }

    private static func value(_ part: Explanation.SignaturePart) -> JSONValue {
        let outcome = part.outcome
        return [
            "digest": text(part.digest?.description), "verdict": text(outcome?.verdict.rawValue),
            "reason": text(outcome?.reason.rawValue), "message": text(outcome?.message),
            "signer": text(outcome?.signer), "algorithm": text(outcome?.algorithm),
            "signedAt": date(outcome?.signedAt), "expiresAt": date(outcome?.expiresAt),
            "validUntil": date(outcome?.validUntil),
            "timestamp": outcome?.timestamp.map {
                [
                    "time": date($0.time), "authority": .string($0.authority), "trustStore": .string($0.trustStore),
                ]
            } ?? .null,
            "certificates": .array((part.inspection?.certificates ?? []).map(value)),
            "steps": .array((outcome?.account ?? []).map(value)),
        ]
    }

    private static func value(_ certificate: SignatureInspection.Certificate) -> JSONValue {
        [
            "subject": .string(certificate.subject), "issuer": .string(certificate.issuer),
            "notBefore": date(certificate.notBefore), "notAfter": date(certificate.notAfter),
            "fingerprint": .string(certificate.fingerprint),
        ]
    }

    private static func value(_ step: SignatureOutcome.StepAccount) -> JSONValue {
        [
            "step": .string(step.step.rawValue), "check": .string(step.step.check.rawValue),
            "state": .string(step.state.rawValue), "message": .string(step.message),
        ]
    }

    private static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
    private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    private static func date(_ date: Date?) -> JSONValue { text(date?.formatted(.iso8601)) }
}
