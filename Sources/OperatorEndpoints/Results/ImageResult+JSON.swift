import JSONModel
import KubernetesAPI
import TrustModel
import TrustResources

extension JSONValue {
    /// A text, or `null`.
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    /// A moment in RFC 3339, or `null`.
    init(_ time: KubernetesTime?) { self.init(time?.description) }

    /// A number.
    init(_ number: Int) { self = .integer(Int64(number)) }

    /// Texts.
    init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}

extension ImageResult {
    /// The image as `/api/v1/images` shows it: every member always, `null` where nothing is known.
    ///
    /// - Parameter cause: why the verdict ends at `validUntil`, as a clause.
    /// - Returns: an object.
    func json(cause: String?) -> JSONValue {
        [
            "namespace": JSONValue(key.namespace),
            "name": .string(key.name),
            "image": .string(image),
            "repository": .string(repository),
            "digest": JSONValue(digest),
            "verifiedDigest": JSONValue(status?.verifiedDigest),
            "verifiedManifest": JSONValue(status?.verifiedManifest?.rawValue),
            "tags": JSONValue(tags),
            "tagMoved": status?.conditions?[type: ConditionType.tagMoved].map(\.json) ?? .null,
            "verdict": JSONValue(verdict?.rawValue),
            "reason": .string(reason.rawValue),
            "message": JSONValue(status?.message),
            "signer": JSONValue(status?.signer),
            "fresh": status?.conditions?[type: ConditionType.fresh].map(\.json) ?? .null,
            "pods": JSONValue(pods),
            "podNames": JSONValue(podNames),
            "gate": .bool(isGate),
            "validUntil": JSONValue(status?.validUntil),
            "ends": JSONValue(cause),
            "lastJudged": JSONValue(status?.lastJudged),
            "findings": .array((status?.findings ?? []).map(\.json)),
            "history": .array((status?.history ?? []).map(\.json)),
        ]
    }
}

extension Condition {
    fileprivate var json: JSONValue {
        [
            "status": .string(status.rawValue), "reason": .string(reason), "message": .string(message),
            "since": JSONValue(lastTransitionTime),
        ]
    }
}

extension FindingStatus {
    fileprivate var json: JSONValue {
        [
            "policy": .string(policy),
            "authority": .string(authority),
            "verdict": .string(verdict.rawValue),
            "reason": .string(reason.rawValue),
            "message": JSONValue(message),
            "signer": JSONValue(signer),
            "algorithm": JSONValue(algorithm),
            "evidence": JSONValue(evidence),
            "signedAt": JSONValue(signedAt),
            "expiresAt": JSONValue(expiresAt),
            "warnings": JSONValue(warnings ?? []),
            "anchor": JSONValue(anchor),
            "timestampAnchor": JSONValue(timestampAnchor),
        ]
    }
}

extension ImageVerificationStatus.VerdictChange {
    fileprivate var json: JSONValue {
        [
            "time": JSONValue(time), "from": JSONValue(from?.rawValue), "to": .string(to.rawValue),
            "reason": .string(reason.rawValue),
        ]
    }
}
