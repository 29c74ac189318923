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
    ///   - gathersAll: whether the evidence holds what other policies may ask for, too.
    /// - Throws: `CancellationError` when the task was cancelled.
    init(
        _ settings: VerifyRun.Settings,
        _ services: ImageServices,
        maximumSignatures: Int,
        gathersAll: Bool = false
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
        // An image that nobody had to ask about is none of the bundle's.
        if gathersAll, !registry.exchanges.isEmpty, let reference = try? image.target.reference.get() {
            let context = ImageContext(platform: settings.platform, indexes: image.target.indexes)
            // What is not there in time is missing, as it would be from the judgement.
            _ = await settings.clock.run(within: settings.timeout) { await judge.gather(reference, in: context) }
        }
        evidence = EvidenceBundle.Image(
            text: image.target.text,
            place: image.target.sources.lazy.compactMap(\.place).first,
            indexes: image.target.indexes,
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
