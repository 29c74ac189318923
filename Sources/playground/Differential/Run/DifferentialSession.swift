import Foundation
import JSONModel
import KubernetesRuntime
import OutboundHTTP

/// One run of the comparison: its folder, its registry, and the certainty that nothing stays behind.
struct DifferentialSession: Sendable {
    private let command: DifferentialCommand
    private let cases: [DifferentialCase]
    private let tools: Toolbox
    private let artifacts: String
    private let seed: UInt64
    private let signals = TerminationSignals()

    private static let path = "differential/app"

    /// Finds the checkout and the programs.
    ///
    /// - Throws: ``DemoError`` when one of them is missing, or no case is chosen.
    init(_ command: DifferentialCommand, environment: [String: String]) throws {
        let directory = FileManager.default.currentDirectoryPath
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        guard let checkout = DemoFolder.checkout(startingAt: [directory, program]) else {
            throw DemoError(
                .toolMissing,
                "No Package.swift was found at or above \(directory). Run the comparison in the checkout."
            )
        }
        func absolute(_ path: String) -> String {
            path.hasPrefix("/") ? path : URL(fileURLWithPath: directory + "/" + path).standardizedFileURL.path
        }
        let folder = DemoFolder(checkout: command.output.map(absolute) ?? checkout + "/.build/differential")
        let beside = URL(fileURLWithPath: program).deletingLastPathComponent().path + "/vigil"
        tools = try Toolbox(
            folder: folder,
            tools: absolute(command.tools ?? environment["VIGIL_TOOLS"] ?? checkout + "/.build/tools/bin"),
            vigil: command.vigil.map(absolute) ?? beside,
            environments: DemoEnvironment(inherited: environment, folder: folder, usesStandIn: true)
        )
        artifacts = command.artifacts.map(absolute) ?? checkout + "/.build/artifacts"
        self.command = command
        cases = command.cases
        seed = command.seed ?? .random(in: 0...UInt64.max)
        guard !cases.isEmpty else {
            throw DemoError(.unreadable, "No case has a name with \(command.only); --list shows the names.")
        }
    }

    /// Pushes the cases, lets both programs judge them, prints the report and ends what was started.
    func run() async throws -> DifferentialReport {
        let lock = try FolderLock(tools.folder)
        defer { lock.release() }
        signal(SIGPIPE, SIG_IGN)
        let record = ProcessRecord(folder: tools.folder)
        _ = record.endLeftovers()
        try tools.folder.prepare()
        defer { record.clear() }
        return try await signals.interrupting {
            try await ChildProcesses.supervised(recordingIn: record) { children in
                let report = try await compare(children)
                try write(report)
                print(report.text)
                if command.keep {
                    BenchCommand.tell("==> everything stays until Ctrl-C; the cases are in \(tools.folder.path)/cases")
                    try await signals.wait()
                }
                return report
            }
        }
    }

    private func compare(_ children: ChildProcesses) async throws -> DifferentialReport {
        let start = ContinuousClock.now
        let registry = try await RegistryProcess.start(tools, children)
        BenchCommand.tell("==> \(cases.count) cases on \(registry), seed \(seed)")
        let version = try await notationVersion()
        let compared = try await OutboundHTTPClient.with { client in
            let upload = RegistryUpload(client: client, registry: registry, path: Self.path)
            let publisher = CasePublisher(upload: upload)
            try await publisher.prepare()
            try ToolSigner(tools: tools).prepare(cases)
            return try await LoopbackServer.with { services in
                try await runAll(CaseTrial(tools: tools, publisher: publisher, services: services))
            }
        }
        return DifferentialReport(
            cases: compared,
            isComplete: command.only.isEmpty && !command.sample,
            notationVersion: version,
            seed: seed,
            elapsed: Transcript.seconds(ContinuousClock.now - start)
        )
    }

    /// Runs the cases in an order drawn by the seed; the result has the order of the matrix.
    private func runAll(_ trial: CaseTrial) async throws -> [ComparedCase] {
        var random = SplitMix64(seed: seed)
        let order = cases.indices.shuffled(using: &random)
        let jobs = command.jobs ?? ProcessInfo.processInfo.activeProcessorCount
        return try await withThrowingTaskGroup(of: (Int, ComparedCase).self) { group in
            var results: [Int: ComparedCase] = [:]
            for (position, index) in order.enumerated() {
                if position >= jobs, let (index, compared) = try await group.next() { results[index] = compared }
                let entry = cases[index]
                group.addTask { (index, try await trial.run(entry)) }
            }
            for try await (index, compared) in group { results[index] = compared }
            return cases.indices.compactMap { results[$0] }
        }
    }

    private func write(_ report: DifferentialReport) throws {
        try CaseFolder.write(report.markdown, to: artifacts + "/differential.md")
        try CaseFolder.write(JSONSerializer(isPretty: true).string(report.json), to: artifacts + "/differential.json")
    }

    private func notationVersion() async throws -> String {
        let text = try await tools.run(.notation, ["version"])
        let line = text.split(separator: "\n").first { $0.hasPrefix("Version:") }
        return line?.dropFirst("Version:".count).trimmingCharacters(in: .whitespaces) ?? "of unknown version"
    }
}
