import KubernetesAPI
import KubernetesRuntime
import TrustModel
import TrustResources

/// The Events that a change of verdict is worth: one about the image's object, and one about each of some affected pods.
enum ImageEvents {
    /// The reason of an Event, which alerting hooks on: `ImageTrusted`, `ImageUnsupported`, `ImageUnknown`, `ImageUntrusted`.
    static func reason(_ verdict: Verdict) -> String { "Image\(verdict.rawValue)" }

    /// What the controller did.
    static let action = "Verify"

    /// The most pods that are told of one change.
    static let maximumPods = 10

    /// The notices for the step from `previous` to `verification`'s verdict; none while it stays.
    static func notices(
        for verification: ImageVerification,
        previous: Verdict?,
        pods: [PodImages]
    ) -> [EventNotice] {
        guard let status = verification.status, let verdict = status.verdict, verdict != previous else { return [] }
        let kind: EventNotice.Kind = verdict == .trusted || isSkipped(status) ? .normal : .warning
        let object = ObjectReference(to: verification)
        let reason = status.reason?.rawValue ?? ""
        let note = "\(reason): \(status.message ?? "no further word")"
        let own = EventNotice(regarding: object, kind: kind, reason: self.reason(verdict), action: action, note: note)
        guard kind == .warning else { return [own] }
        let image = "image \(verification.spec.image)"
        let affected = pods.prefix(maximumPods).map { pod in
            EventNotice(
                regarding: ObjectReference(
                    apiVersion: Pod.resource.apiVersion,
                    kind: Pod.resource.kind,
                    namespace: pod.key.namespace,
                    name: pod.key.name,
                    uid: pod.uid
                ),
                related: object,
                kind: kind,
                reason: self.reason(verdict),
                action: action,
                note: "\(image): \(note)"
            )
        }
        return [own] + affected
    }

    private static func isSkipped(_ status: ImageVerificationStatus) -> Bool { status.reason == .skippedByPolicy }
}
