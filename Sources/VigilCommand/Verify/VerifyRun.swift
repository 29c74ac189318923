import FoundationEssentials
import ImageTrust
import OCIModel
import TrustModel

/// Judges the targets of a plan side by side.
///
/// Everything it needs is given to it: no files, environment or clocks of its own.
struct VerifyRun: Sendable {
    /// What is judged, and how.
    struct Settings: Sendable {
        /// What to judge.
        var targets: [VerificationTarget]
        /// The platform the images are for, where it was said.
        var platform: Platform?
        /// How many images are judged at a time, 1 or more.
        var concurrency: Int
        /// How long one image may take.
        var timeout: Duration
        /// Measures ``timeout``.
        var clock: any Clock<Duration>
        /// The moment at which certificates and expiries are looked at.
        var now: Date
    }

    /// What is judged, and how.
    var settings: Settings
    /// Asks the registries.
    var judge: ImageJudge

    /// Judges every target.
    ///
    /// - Parameter onProgress: told how many are done, and which one was last.
    /// - Returns: the report, in the order of the targets.
    /// - Throws: `CancellationError` when the task was cancelled: half a report would pass for a whole one.
    func report(onProgress: (Int, String) -> Void = { _, _ in }) async throws(CancellationError) -> VerificationReport {
        let targets = settings.targets
        var judgements: [Int: ImageJudgement] = [:]
        await withTaskGroup(of: (Int, ImageJudgement).self) { group in
            var next = 0
            while next < targets.count || !group.isEmpty {
                while next < targets.count, next - judgements.count < max(1, settings.concurrency) {
                    let index = next
                    group.addTask { (index, await judgement(of: targets[index])) }
                    next += 1
                }
                guard let (index, judgement) = await group.next() else { break }
                judgements[index] = judgement
                onProgress(judgements.count, targets[index].text)
            }
        }
        guard !Task.isCancelled else { throw CancellationError() }
        let images = targets.enumerated().map { index, target in
            VerifiedImage(target: target, judgement: judgements[index] ?? ImageJudgement(combining: [], digest: nil))
        }
        return VerificationReport(images: images)
    }

    private func judgement(of target: VerificationTarget) async -> ImageJudgement {
        switch target.reference {
        case .failure(let error):
            return Self.unknown(target.unreadableReason ?? .referenceInvalid, error.message, digest: nil)
        case .success(let image):
            return await judgement(
                of: image,
                in: ImageContext(platform: settings.platform, indexes: target.indexes),
                policies: target.policies
            )
        }
    }

    private func judgement(
        of image: ImageReference,
        in context: ImageContext,
        policies: [PreparedPolicy]
    ) async -> ImageJudgement {
        guard !policies.isEmpty else {
            return Self.unknown(.noPolicy, "no policy speaks for images of \(image.repository)", digest: image.digest)
        }
        let judgement = await settings.clock.run(within: settings.timeout) {
            await judge.judge(image, in: context, policies: policies, now: settings.now)
        }
        return judgement
            ?? Self.unknown(
                .registryUnreachable,
                "\(image.repository.registry) did not give all answers within \(settings.timeout.inSeconds); try again, or allow "
                    + "more with --timeout",
                digest: image.digest
            )
    }

    /// A judgement without findings: nothing could be asked.
    private static func unknown(_ reason: Reason, _ message: String, digest: Digest?) -> ImageJudgement {
        var judgement = ImageJudgement(combining: [], digest: digest)
        judgement.reason = reason
        judgement.message = message
        return judgement
    }
}

extension Duration {
    /// Whole or decimal seconds, such as `30s` or `1.5s`.
    var inSeconds: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "\(seconds)s" }
        var fraction = String(milliseconds + 1000).dropFirst()
        while fraction.last == "0" { fraction = fraction.dropLast() }
        return "\(seconds).\(fraction)s"
    }
}
