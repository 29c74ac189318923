import KubernetesAPI
import KubernetesRuntime
import TrustModel
import TrustResources

/// The Events that verdicts are worth: about the image's object when its verdict changes, and about pods that run it.
enum ImageEvents {
    /// The reason of an Event, which alerting hooks on: `ImageTrusted`, `ImageUnsupported`, `ImageUnknown`, `ImageUntrusted`.
    static func reason(_ verdict: Verdict) -> String { "Image\(verdict.rawValue)" }

    /// What the controller did.
    static let action = "Verify"

    /// Whether a person needs to know: the verdict is not good, and nobody said to skip the image.
    static func isBad(_ status: ImageVerificationStatus) -> Bool {
        guard let verdict = status.verdict else { return false }
        return verdict != .trusted && status.reason != .skippedByPolicy
    }

    /// The notice that a tag of the image has begun to lead elsewhere; `nil` unless it has.
    static func tagNotice(for verification: ImageVerification, previous: ImageVerificationStatus?) -> EventNotice? {
        guard let condition = verification.status?.conditions?[type: ConditionType.tagMoved],
            condition.status == .true, previous?.conditions?[type: ConditionType.tagMoved]?.status != .true
        else { return nil }
        return EventNotice(
            regarding: ObjectReference(to: verification),
            kind: .normal,
            reason: ConditionType.tagMoved,
            action: action,
            note: condition.message
        )
    }

    /// The notices about a verification.
    ///
    /// - Parameters:
    ///   - verification: the object as stored.
    ///   - isChanged: whether its verdict is another than before.
    ///   - pods: the pods that are told.
    /// - Returns: one notice about the object if its verdict changed, and one for each pod.
    static func notices(for verification: ImageVerification, isChanged: Bool, pods: [RunningPod]) -> [EventNotice] {
        guard let status = verification.status, let verdict = status.verdict else { return [] }
        let object = ObjectReference(to: verification)
        let note = "\(status.reason?.rawValue ?? ""): \(status.message ?? "no further word")"
        let own = EventNotice(
            regarding: object,
            kind: isBad(status) ? .warning : .normal,
            reason: reason(verdict),
            action: action,
            note: note
        )
        let told = pods.map { pod in
            var notice = own
            notice.regarding = ObjectReference(
                apiVersion: Pod.resource.apiVersion,
                kind: Pod.resource.kind,
                namespace: pod.key.namespace,
                name: pod.key.name,
                uid: pod.uid
            )
            notice.related = object
            notice.note = "image \(verification.spec.image): \(note)"
            return notice
        }
        return isChanged ? [own] + told : told
    }
}
