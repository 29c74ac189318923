public import FoundationEssentials
public import NotaryVerification

/// Whom the judgement of an image asks whether certificates were revoked.
///
/// An implementation may keep answers, write them down, or give those that were written down.
public protocol RevocationSource: Sendable {
    /// Gives what comes back for `request`, without believing it.
    ///
    /// A service that gives no answer is an answer too, so this never throws; neither does it when the task is cancelled.
    ///
    /// - Parameters:
    ///   - request: what to ask, and whom, as a certificate names it: of any scheme and form.
    ///   - lookup: what it is asked for, which can tell a usable answer.
    ///   - now: the moment of the judgement.
    /// - Returns: bytes, or why there are none.
    func answer(to request: RevocationRequest, for lookup: RevocationLookup, now: Date) async -> RevocationAnswer
}

/// Answers that are there already: what a judgement rested on leads to it again.
public struct RecordedRevocation: RevocationSource {
    /// The answers.
    public let evidence: RevocationEvidence

    /// Creates a source that gives these answers, and no others.
    public init(_ evidence: RevocationEvidence) { self.evidence = evidence }

    /// See ``RevocationSource/answer(to:for:now:)``.
    public func answer(
        to request: RevocationRequest,
        for lookup: RevocationLookup,
        now: Date
    ) async -> RevocationAnswer {
        evidence.answers[request] ?? .failure("no answer was recorded")
    }
}
