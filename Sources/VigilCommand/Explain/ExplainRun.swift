import FoundationEssentials
import ImageTrust

/// One run of `vigil explain`: judges images, keeps what was asked and found, writes it.
struct ExplainRun: Sendable {
    /// What is judged, and by what.
    let plan: VerifySession.Plan
    let options: VerifyOptions
    /// How registries are asked.
    let access: RegistryOptions
    let writesJSON: Bool
    /// The pod whose images are judged.
    var pod: String?
    /// Where every byte that the judgements used is written to.
    var bundleFile: String?
    let environment: CommandEnvironment

    /// Runs to the end.
    func status() async -> ExitStatus {
        let now = moment
        let images: [ExplainedImage]
        do {
            images = try await environment.registries.withRegistry(access) { services in
                var images: [ExplainedImage] = []
                for target in plan.targets {
                    images.append(
                        try await ExplainedImage(
                            settings(target, now: now),
                            services,
                            maximumSignatures: options.maximumSignatures,
                            gathersAll: bundleFile != nil
                        )
                    )
                }
                return images
            }
        } catch is CancellationError {
            return .interrupted
        } catch {
            environment.complain((error as? InputError)?.message ?? "\(error)")
            return .unusable
        }
        let report = ExplanationReport(explanations: images.map(\.explanation), pod: pod)
        environment.output.write(writesJSON ? report.json : report.tree)
        do throws(InputError) {
            try writeBundle(images, judgedAt: now)
            return report.exitStatus
        } catch {
            environment.complain(error.message)
            return .unusable
        }
    }

    /// The moment of the judgement; bundles keep whole seconds, and the judgement has to be the same again.
    private var moment: Date {
        let now = environment.now()
        guard bundleFile != nil else { return now }
        return Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
    }

    private func settings(_ target: VerificationTarget, now: Date) -> VerifyRun.Settings {
        VerifyRun.Settings(
            targets: [target],
            platform: options.platform,
            concurrency: 1,
            timeout: options.access.timeout,
            clock: environment.clock,
            now: now
        )
    }

    private func writeBundle(_ images: [ExplainedImage], judgedAt: Date) throws(InputError) {
        guard let bundleFile else { return }
        // What has no name in a registry leads to no bytes either.
        let kept = images.filter { (try? $0.explanation.image.target.reference.get()) != nil }
        guard !kept.isEmpty else { throw InputError("\(bundleFile): is not written: no image could be asked for") }
        let bundle = EvidenceBundle(
            program: "vigil \(VersionCommand.version)",
            judgedAt: judgedAt,
            platform: options.platform,
            requiredAnnotations: options.requiredMetadata.annotations,
            maximumSignatures: options.maximumSignatures,
            policies: plan.policies,
            images: kept.map(\.evidence)
        )
        try BundleFile.write(bundle, to: bundleFile)
    }
}
