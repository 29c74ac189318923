import Foundation

/// One run of the benchmarks: its folder, its registry, and the certainty that nothing stays behind.
struct BenchSession: Sendable {
    private let command: BenchCommand
    private let tools: Toolbox
    private let signals = TerminationSignals()

    /// Finds the checkout and the programs.
    ///
    /// - Throws: ``DemoError`` when one of them is missing.
    init(_ command: BenchCommand, environment: [String: String]) throws {
        let directory = FileManager.default.currentDirectoryPath
        guard let checkout = DemoFolder.checkout(startingAt: [directory]) else {
            throw DemoError(
                .toolMissing,
                "No Package.swift was found at or above \(directory). Run the benchmarks in the checkout."
            )
        }
        // A folder of its own, so that a demo can run beside it.
        let folder = DemoFolder(checkout: checkout + "/.build/bench")
        self.command = command
        tools = try Toolbox(
            folder: folder,
            tools: Self.absolute(
                command.tools ?? environment["VIGIL_TOOLS"] ?? checkout + "/.build/tools/bin",
                in: directory
            ),
            vigil: Self.absolute(command.vigil, in: directory),
            environments: DemoEnvironment(inherited: environment, folder: folder, usesStandIn: true)
        )
    }

    /// Prepares everything, measures, and ends what it started.
    ///
    /// - Throws: ``DemoError`` when something could not be measured.
    func run() async throws -> BenchReport {
        let lock = try FolderLock(tools.folder)
        defer { lock.release() }
        signal(SIGPIPE, SIG_IGN)
        let record = ProcessRecord(folder: tools.folder)
        _ = record.endLeftovers()
        try tools.folder.prepare()
        defer { record.clear() }
        return try await signals.interrupting {
            try await ChildProcesses.supervised(recordingIn: record) { try await measure($0) }
        }
    }

    private func measure(_ children: ChildProcesses) async throws -> BenchReport {
        let registry = try await RegistryProcess.start(tools, children)
        let images = try await SignedImages.publish(command.images, to: registry, with: tools)
        let contest = VerifyContest(tools: tools, images: images)
        try await contest.checkThatBothVerify()
        let machine = Machine()
        if machine.isBusy {
            BenchCommand.tell("warning: something else is running here (\(machine)); expect scattered figures")
        }
        BenchCommand.tell("==> verifying one image, \(command.runs) times with each program, in turns")
        let one = try await contest.oneImage(runs: command.runs)
        BenchCommand.tell("==> verifying \(command.images) images, \(command.rounds) times with each program, in turns")
        let many = try await contest.allImages(rounds: command.rounds)
        return BenchReport(
            machine: machine,
            notationVersion: try await notationVersion(),
            vigilBytes: size(of: .vigil),
            notationBytes: size(of: .notation),
            imageCount: command.images,
            one: one,
            many: many
        )
    }

    private func notationVersion() async throws -> String {
        let text = try await tools.run(.notation, ["version"])
        let line = text.split(separator: "\n").first { $0.hasPrefix("Version:") }
        return line?.dropFirst("Version:".count).trimmingCharacters(in: .whitespaces) ?? "of unknown version"
    }

    private func size(of tool: Tool) -> Int {
        let path = URL(fileURLWithPath: tools.paths[tool] ?? "").resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        path.hasPrefix("/") ? path : URL(fileURLWithPath: directory + "/" + path).standardizedFileURL.path
    }
}
