import ImageTrust
import NotaryVerification
import TrustModel

/// An image that was judged, with why, and with every byte that the judgement used.
struct ExplainedImage: Sendable {
    let explanation: Explanation
    let evidence: EvidenceBundle.Image

    /// Judges the one target of `settings`, and keeps what was asked and found.
    ///
    /// - Parameters:
    ///   - settings: what is judged, and how.
    ///   - services: whom the judgement asks.
    ///   - maximumSignatures: how many signatures of one manifest are tried.
    /// - Throws: `CancellationError` when the task was cancelled.
    init(
        _ settings: VerifyRun.Settings,
        _ services: ImageServices,
        maximumSignatures: Int
    ) async throws(CancellationError) {
        let registry = RecordingRegistry(services.registry)
        let revocation = services.revocation.map { RevocationRecorder($0) }
        let record = JudgementRecord()
        let judge = ImageJudge(
            registry: registry,
            record: record,
            maximumSignatures: maximumSignatures,
            revocation: revocation,
            clock: settings.clock
        )
        let report = try await VerifyRun(settings: settings, judge: judge).report()
        guard let image = report.images.first else { throw CancellationError() }
        explanation = Explanation(
            image: image,
            exitStatus: report.exitStatus,
            madeAt: settings.now,
            entries: record.entries,
            exchanges: registry.exchanges,
            revocation: revocation?.evidence
        )
        evidence = EvidenceBundle.Image(
            text: image.target.text,
            place: image.target.sources.lazy.compactMap(\.place).first,
            exchanges: registry.exchanges,
            revocation: revocation?.evidence ?? RevocationEvidence(),
            recorded: EvidenceBundle.RecordedVerdict(
                verdict: image.judgement.verdict,
                reason: image.judgement.reason,
                message: image.judgement.message
            )
        )
    }
}
