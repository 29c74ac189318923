import FoundationEssentials
import ImageTrust

/// One run of `vigil explain`: judges the image, keeps what was asked and found, writes it.
struct ExplainRun: Sendable {
    let target: VerificationTarget
    let options: VerifyOptions
    /// How the registry is asked.
    let access: RegistryOptions
    let writesJSON: Bool
    let environment: CommandEnvironment

    /// Runs to the end.
    func status() async -> ExitStatus {
        do {
            let explanation = try await environment.registries.withRegistry(access) { services in
                try await explain(services)
            }
            environment.output.write(
                writesJSON ? ExplanationDocument(explanation).text : ExplanationTree(explanation).text
            )
            return explanation.exitStatus
        } catch is CancellationError {
            return .interrupted
        } catch {
            environment.complain((error as? InputError)?.message ?? "\(error)")
            return .unusable
        }
    }

    private func explain(_ services: ImageServices) async throws -> Explanation {
        let registry = RecordingRegistry(services.registry)
        let revocation = services.revocation.map { RevocationRecorder($0) }
        let record = JudgementRecord()
        let judge = ImageJudge(
            registry: registry,
            record: record,
            maximumSignatures: options.maximumSignatures,
            revocation: revocation,
            clock: environment.clock
        )
        let settings = VerifyRun.Settings(
            targets: [target],
            platform: options.platform,
            concurrency: 1,
            timeout: options.access.timeout,
            clock: environment.clock,
            now: environment.now()
        )
        let report = try await VerifyRun(settings: settings, judge: judge).report()
        return Explanation(
            target: target,
            report: report,
            madeAt: settings.now,
            entries: record.entries,
            exchanges: registry.exchanges,
            revocation: revocation?.evidence
        )
    }
}
