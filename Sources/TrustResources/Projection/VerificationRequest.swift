public import KubernetesAPI

/// A person's wish that everything be asked again now, as the annotation `vigil.dev/verify-requested-at`.
///
/// What the annotation holds does not matter, only that it changes; a time is usual. The status repeats it once the wish
/// was met.
public struct VerificationRequest: Sendable, Hashable {
    /// What the status repeats: the annotation's value, safe to show and cut to 253 characters.
    public let token: String

    /// Reads the annotations of an object; `nil` where nothing is asked for.
    public init?(_ metadata: ObjectMeta) {
        guard let value = metadata.annotations[TrustAPI.verifyAnnotation], !value.isEmpty else { return nil }
        token = value.reported(to: StatusLimits.nameCharacters)
    }
}
