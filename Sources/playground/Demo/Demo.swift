import Foundation

/// The demo: what happens in which order.
///
/// Each step is in an extension of its own.
struct Demo: Sendable {
    let tools: Toolbox
    let cluster: Cluster
    let transcript: Transcript
    let signals: TerminationSignals
    /// Whether everything keeps running afterwards until a signal arrives.
    let isKept: Bool

    var folder: DemoFolder { tools.folder }

    /// Runs from the start to the summary.
    ///
    /// - Returns: what was expected and what was seen.
    func run(_ children: ChildProcesses) async throws -> [Check] {
        let registries = try await startRegistries(children)
        let images = try await publishImages(to: registries)
        try await startCluster(children)
        let scene = try await prepareCluster(registries, images)
        let (board, watch) = try await follow(children)
        let start = ContinuousClock.now
        let first = try await startOperator("operator-1", registries, children)
        var checks = try await showVerdicts(scene, board, since: start)
        checks += try await verifyManifests(scene, registries)
        checks += try await explainPod(scene, registries)
        checks += try await changeTheWorld(scene, board)
        let second = try await startOperator("operator-2", registries, children)
        checks += try await hand(from: first, to: second, scene, board)
        try await watch.stop()
        transcript.summary(checks, logs: folder.logs)
        if isKept { try await keep(registries, statusPort: second.port) }
        try await second.child.stop()
        return checks
    }

    private func startOperator(
        _ name: String,
        _ registries: DemoRegistries,
        _ children: ChildProcesses
    ) async throws -> OperatorProcess {
        transcript.heading(name == "operator-1" ? "Starting Vigil" : "Starting a second Vigil, which stands by")
        return try await OperatorProcess.start(name, registries: registries, cluster: cluster, children)
    }

    private func follow(_ children: ChildProcesses) async throws -> (VerificationBoard, RunningChild) {
        let board = VerificationBoard()
        let watch = try await children.follow(
            "watch",
            tools.configuration(.kubectl, VerificationBoard.command),
            in: folder
        ) { await board.take($0) }
        return (board, watch)
    }

    private func keep(_ registries: DemoRegistries, statusPort: UInt16) async throws {
        let toolFolder = tools.paths[.kubectl].map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? ""
        try folder.write(tools.environments.script(tools: toolFolder), to: "env")
        transcript.heading("Everything keeps running. To look around, in another terminal:")
        transcript.command(". \(folder.environmentScript)      # KUBECONFIG=\(folder.kubeconfig)")
        transcript.command("kubectl get imageverifications -A")
        transcript.command("open http://localhost:\(statusPort)/status")
        transcript.note(
            "The registries are at \(registries.open) and, behind a password, \(registries.guarded); logs are in \(folder.logs)."
        )
        transcript.result("Press Ctrl-C here to stop everything.")
        try await signals.wait()
    }
}

/// Who runs what, and what the policies say about it.
struct Scene: Sendable {
    let images: [DemoImage.Role: PublishedImage]
    let pods: PodManifests
    let policies: PolicyManifests
    let namespace: @Sendable (DemoImage.Team) -> String

    /// What is expected of everything that runs at the start.
    var expectations: [Expectation] {
        DemoImage.all.flatMap { image in
            [expectation(image.role), image.elsewhere.flatMap { elsewhere(image.role, $0) }].compactMap(\.self)
        }
    }

    private func elsewhere(_ role: DemoImage.Role, _ elsewhere: DemoImage.Elsewhere) -> Expectation? {
        guard let published = images[role] else { return nil }
        return Expectation(
            subject: "\(published.image.repository): \(elsewhere.story)",
            namespace: namespace(elsewhere.team),
            digest: published.running,
            expected: elsewhere.expected
        )
    }

    /// What is expected of the image that plays `role`.
    func expectation(
        _ role: DemoImage.Role,
        _ outcome: Expectation.Outcome? = nil,
        because story: String? = nil
    ) -> Expectation? {
        guard let published = images[role] else { return nil }
        let image = published.image
        return Expectation(
            subject: "\(image.repository): \(story ?? image.story)",
            namespace: namespace(image.team),
            digest: published.running,
            expected: outcome ?? image.expected
        )
    }
}
