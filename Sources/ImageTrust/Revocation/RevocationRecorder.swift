public import FoundationEssentials
public import NotaryVerification
import Synchronization

/// Writes down every answer that another source gives: all that a judgement about revocation rested on.
public final class RevocationRecorder: RevocationSource {
    private let base: any RevocationSource
    private let recorded = Mutex(RevocationEvidence())

    /// Creates a recorder in front of `base`.
    public init(_ base: any RevocationSource) { self.base = base }

    /// What was answered so far; ``RecordedRevocation`` gives it again.
    public var evidence: RevocationEvidence { recorded.withLock(\.self) }

    /// See ``RevocationSource/answer(to:for:now:)``.
    public func answer(
        to request: RevocationRequest,
        for lookup: RevocationLookup,
        now: Date
    ) async -> RevocationAnswer {
        let answer = await base.answer(to: request, for: lookup, now: now)
        recorded.withLock { $0.answers[request] = answer }
        return answer
    }
}
