import FoundationEssentials
import ImageTrust
import OCIModel
import OutboundHTTP

/// One run of `vigil verify`: reads the inputs, judges, writes the report.
struct VerifySession: Sendable {
    var options: VerifyOptions
    var environment: CommandEnvironment

    /// Runs to the end.
    ///
    /// - Throws: ``InputError`` when an input cannot be used; then nothing was judged.
    func run() async throws(InputError) -> ExitStatus {
        if let bundle = options.bundle { return try await replay(bundle) }
        if let layout = options.layout {
            return try await judge(layout.reference, of: layout.repository)
        }
        let targets = try await plan().targets
        warnAboutTags(targets)
        let access = try access(to: targets)
        let run = VerifyRun.Settings(
            targets: targets,
            platform: options.platform,
            concurrency: options.concurrency,
            timeout: options.access.timeout,
            clock: environment.clock,
            now: environment.now()
        )
        var session = self
        session.environment = environment.asking(options.access.mirrors)
        return await environment.interruptible { [session] in await session.judge(run, access) }
    }

    /// Judges the image of a layout on disk.
    ///
    /// - Throws: ``InputError`` when the layout, or another input, cannot be used.
    private func judge(
        _ reference: LayoutReference,
        of repository: RepositoryName
    ) async throws(InputError) -> ExitStatus {
        let layout = try LayoutRegistry(reference.path)
        var image = try reference.image(in: repository)
        if image.tag == nil, image.digest == nil { image = image.pinned(to: try layout.onlyImage()) }
        var session = self
        session.options.layout = nil
        session.options.images = ["\(image)"]
        session.environment = environment.asking(layout)
        return try await session.run()
    }

    /// The way to the registries of `targets`.
    ///
    /// - Throws: ``InputError`` when a file or a variable cannot be used.
    func access(to targets: [VerificationTarget]) throws(InputError) -> RegistryOptions {
        let repositories = Set(targets.compactMap { try? $0.reference.get().repository })
        var access = try options.access.options(for: repositories, in: environment)
        access.revocationHosts = options.revocationHosts
        return access
    }

    /// The way to the vaults that policies name.
    ///
    /// - Throws: ``InputError`` when a file or a variable cannot be used.
    func vaultOptions() throws(InputError) -> VaultOptions {
        var vaults = VaultOptions(access: options.azureAccess)
        if let path = options.access.authorityFile {
            vaults.authoritiesPEM = try BoundedFile.read(path, limit: InputLimits.certificateBytes)
        }
        vaults.proxies = try ProxySettings.read(environment.variables)
        return vaults
    }

    private func judge(_ settings: VerifyRun.Settings, _ access: RegistryOptions) async -> ExitStatus {
        let progress =
            options.isQuiet ? nil : ProgressLine(sink: environment.errors, profile: environment.errorsProfile)
        defer { progress?.clear() }
        let total = settings.targets.count
        do {
            let report = try await environment.registries.withRegistry(access) { services in
                progress?.show(0, of: total, "")
                let judge = ImageJudge(
                    registry: services.registry,
                    maximumSignatures: options.maximumSignatures,
                    revocation: services.revocation,
                    clock: environment.clock
                )
                return try await VerifyRun(settings: settings, judge: judge).report { done, image in
                    progress?.show(done, of: total, image)
                }
            }
            progress?.clear()
            environment.output.write(text(report))
            return report.exitStatus
        } catch is CancellationError {
            return .interrupted
        } catch {
            progress?.clear()
            environment.complain((error as? InputError)?.message ?? "\(error)")
            return .unusable
        }
    }

    private func text(_ report: VerificationReport, _ comparison: ReplayComparison? = nil) -> String {
        switch options.output {
        case .table:
            let table = ReportTable(
                profile: environment.outputProfile,
                isVerbose: options.isVerbose,
                isQuiet: options.isQuiet
            )
            let lines = options.isQuiet ? [] : comparison?.lines ?? []
            return table.text(report) + lines.map { "\($0)\n" }.joined()
        case .json: return ReportDocument.json(report, comparison)
        case .yaml: return ReportDocument.yaml(report, comparison)
        }
    }

    /// Judges the images of a bundle again.
    private func replay(_ file: String) async throws(InputError) -> ExitStatus {
        let replay = try await BundleReplay(file, options, environment: environment)
        return await environment.interruptible {
            do {
                let report = try await replay.report()
                let comparison = ReplayComparison(replay, report)
                environment.output.write(text(report, comparison))
                return report.exitStatus
            } catch {
                return .interrupted
            }
        }
    }

    // MARK: - Inputs

    /// What is judged, and by what.
    struct Plan: Sendable {
        /// The targets; one at least.
        var targets: [VerificationTarget]
        /// What the policies are made of.
        var policies: EvidenceBundle.Policies
    }

    /// Reads the policies and finds what has to be judged.
    ///
    /// - Parameters:
    ///   - given: images that neither the command line nor manifests name.
    ///   - keepsSilences: whether it is kept which policies do not speak for an image, and why.
    /// - Returns: the plan.
    /// - Throws: ``InputError`` when an input cannot be used.
    func plan(_ given: [GivenImage] = [], keepsSilences: Bool = false) async throws(InputError) -> Plan {
        let files = InputFiles(standardInput: environment.standardInput)
        let found = try images(files)
        var policies = try await policySource(files)
        var plan = VerificationPlan(mirrors: options.access.mirrors, keepsSilences: keepsSilences)
        for image in options.images { try plan.add(image, policies: &policies) }
        for image in found { try plan.add(image, policies: &policies) }
        for image in given { try plan.add(image, policies: &policies) }
        guard !plan.targets.isEmpty else {
            throw InputError("\(options.manifests.joined(separator: ", ")): there are no images in these manifests")
        }
        return Plan(
            targets: try options.requiredMetadata.applied(to: plan.targets),
            policies: policies.evidence
        )
    }

    /// The targets that stand for `images`, one for each.
    ///
    /// - Throws: ``InputError`` when an input cannot be used.
    func targets(of images: [GivenImage]) async throws(InputError) -> [VerificationTarget] {
        var policies = try await policySource(InputFiles(standardInput: environment.standardInput))
        var targets: [VerificationTarget] = []
        for image in images {
            var plan = VerificationPlan(keepsSilences: true)
            try plan.add(image, policies: &policies)
            targets += plan.targets
        }
        return try options.requiredMetadata.applied(to: targets)
    }

    private func policySource(_ files: InputFiles) async throws(InputError) -> any PolicySource {
        switch options.policies {
        case .files(let paths): return try await policySet(paths, files)
        case .notation(let folder): return try NotationFolder(folder)
        case .customary: return try NotationFolder(try customaryFolder())
        case .given(.objects(let list), let name):
            return try await policySet(
                try DocumentReader.read(InputFiles.File(name: name, bytes: list, isNamed: true)),
                mayBeNone: true
            )
        case .given(.notation(let document, let stores), let name):
            return try NotationFolder(document: document, stores: stores, name: name)
        }
    }

    private func images(_ files: InputFiles) throws(InputError) -> [FoundImage] {
        var images = ManifestImages()
        for argument in options.manifests {
            for file in try files.read(argument) {
                for document in try DocumentReader.read(file) { try images.add(document) }
            }
        }
        if !images.skippedKinds.isEmpty {
            let kinds = images.skippedKinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            note("left out, because they run no containers: \(kinds.joined(separator: ", "))")
        }
        if images.otherDocuments > 0 {
            note("left out, because they are no Kubernetes objects: \(images.otherDocuments) documents")
        }
        return images.images
    }

    private func policySet(_ paths: [String], _ files: InputFiles) async throws(InputError) -> PolicySet {
        var documents: [SourceDocument] = []
        for path in paths {
            guard path != "-" else {
                throw InputError("--policy: standard input is not read for policies; write them to a file")
            }
            for file in try files.read(path) { documents += try DocumentReader.read(file) }
        }
        return try await policySet(documents)
    }

    private func policySet(
        _ documents: [SourceDocument],
        mayBeNone: Bool = false
    ) async throws(InputError) -> PolicySet {
        let vaults = try await PolicyVaults(of: documents, try vaultOptions(), in: environment)
        let contents = try PolicyFiles.read(
            documents,
            vaults: vaults,
            now: environment.now(),
            mayBeNone: mayBeNone
        )
        contents.warnings.forEach(warn)
        contents.notes.forEach(note)
        return contents.policies
    }

    /// Where notation keeps its configuration (XDG Base Directory Specification, `$XDG_CONFIG_HOME`).
    private func customaryFolder() throws(InputError) -> String {
        let base =
            environment.variables["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? environment.home.map { "\($0)/.config" }
        guard let base else { throw InputError("there are no policies; name them with --policy or --notation-config") }
        let folder = "\(base)/notation"
        guard BoundedFile.kindFollowingLinks(of: folder) == .folder else {
            throw InputError(
                "there are no policies: name them with --policy or --notation-config; the customary folder \(folder) does not exist"
            )
        }
        return folder
    }

    // MARK: - Remarks

    private func warnAboutTags(_ targets: [VerificationTarget]) {
        let tagged = targets.filter { $0.isNamedByTag && !$0.policies.isEmpty }
        guard let first = tagged.first else { return }
        let which = tagged.count == 1 ? "\(first.text) is named by a tag" : "\(tagged.count) images are named by tags"
        warn("\(which), which can be moved to another image at any time; deploy the digest that is shown")
    }

    private func warn(_ message: String) {
        if !options.isQuiet { environment.complain("warning: \(message)") }
    }

    private func note(_ message: String) {
        if options.isVerbose { environment.complain("note: \(message)") }
    }
}
