import Foundation

/// One run of the benchmarks: its folder, its processes, and the certainty that nothing stays behind.
struct BenchSession: Sendable {
    private let command: BenchCommand
    private let folder: DemoFolder
    private let environment: [String: String]
    private let vigil: String
    private let playground: String
    private let toolFolder: String
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
        let output = command.output.map { Self.absolute($0, in: directory) } ?? checkout + "/.build/bench"
        folder = DemoFolder(checkout: output)
        self.command = command
        self.environment = environment
        vigil = Self.absolute(command.vigil, in: directory)
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        playground = command.playground.map { Self.absolute($0, in: directory) } ?? own ?? CommandLine.arguments[0]
        toolFolder = Self.absolute(
            command.tools ?? environment["VIGIL_TOOLS"] ?? checkout + "/.build/tools/bin",
            in: directory
        )
        for program in [vigil, playground] where !FileManager.default.isExecutableFile(atPath: program) {
            throw DemoError(
                .toolMissing,
                "There is no program at \(program). Run make release, or name one with --vigil and --playground."
            )
        }
    }

    /// Prepares everything, measures line by line, hands over each line's figures, and ends what it started.
    ///
    /// - Throws: ``DemoError`` when something could not be measured; what `print` throws.
    func run(_ print: @escaping @Sendable (String) throws -> Void) async throws {
        let lock = try FolderLock(folder)
        defer { lock.release() }
        signal(SIGPIPE, SIG_IGN)
        let record = ProcessRecord(folder: folder)
        _ = record.endLeftovers()
        try folder.prepare()
        defer { record.clear() }
        try await signals.interrupting {
            try await ChildProcesses.supervised(recordingIn: record) { try await measure($0, print) }
        }
    }

    private func measure(_ children: ChildProcesses, _ print: @Sendable (String) throws -> Void) async throws {
        let machine = Machine()
        if machine.isBusy {
            BenchCommand.tell("warning: something else is running here (\(machine)); expect scattered figures")
        }
        for line in command.lines where line == .verify {
            try print(try await VerifyLine(command: command, tools: toolbox()).run(children).text)
        }
        for line in command.lines where line == .signatures {
            let signatures = SignaturesLine(tools: try toolbox(), seconds: command.seconds, rounds: command.rounds)
            try print(try await signatures.run())
        }
        for line in command.lines where line == .registry {
            let registry = RegistryLine(
                folder: folder,
                vigil: vigil,
                environment: clean(environment),
                images: command.images
            )
            for section in try await registry.run() { try print(Budget.table(section.heading, section.budgets)) }
        }
        // Quiet is what comes after a cold start, and runs with it.
        let hasQuiet = command.lines.contains(.quiet)
        let lines = command.lines.filter { $0.needsCluster && !($0 == .coldStart && hasQuiet) }
        let real = environment["VIGIL_TEST_KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        try await measure(lines, on: nil, children, print)
        if let real {
            let kubeconfig = Self.absolute(real, in: FileManager.default.currentDirectoryPath)
            try await measure(lines, on: kubeconfig, children, print)
        }
    }

    private func measure(
        _ lines: [BenchLine],
        on cluster: String?,
        _ children: ChildProcesses,
        _ print: @Sendable (String) throws -> Void
    ) async throws {
        let bench = ClusterBench(
            folder: folder,
            children: children,
            vigil: vigil,
            playground: playground,
            environment: clean(environment),
            sizes: command.sizes,
            realCluster: cluster
        )
        for line in lines {
            for section in try await bench.run([line]) { try print(Budget.table(section.heading, section.budgets)) }
        }
    }

    /// The environment of what is measured: nothing of the person's configuration is read.
    private func clean(_ environment: [String: String]) -> [String: String] {
        var variables = DemoEnvironment(inherited: environment, folder: folder, usesStandIn: true).variables(
            for: .vigil
        )
        variables["KUBECONFIG"] = nil
        return variables
    }

    private func toolbox() throws -> Toolbox {
        try Toolbox(
            folder: folder,
            tools: toolFolder,
            vigil: vigil,
            environments: DemoEnvironment(inherited: environment, folder: folder, usesStandIn: true)
        )
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        path.hasPrefix("/") ? path : URL(fileURLWithPath: directory + "/" + path).standardizedFileURL.path
    }
}
