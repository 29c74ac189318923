import Foundation

/// What surrounds a demo: its folder, its lock, and the certainty that nothing stays behind.
struct DemoSession: Sendable {
    let demo: Demo
    private let userKubeconfig: String?

    /// Finds the checkout, the programs and the cluster.
    ///
    /// - Throws: ``DemoError`` when one of them is missing.
    init(_ command: DemoCommand, environment: [String: String], transcript: Transcript) throws {
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments.first ?? "."
        let directory = FileManager.default.currentDirectoryPath
        guard let checkout = DemoFolder.checkout(startingAt: [directory, program]) else {
            throw DemoError(
                .toolMissing,
                "No Package.swift was found at or above \(directory). Run the demo in the checkout."
            )
        }
        let folder = DemoFolder(checkout: checkout)
        let kubeconfig = environment["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let toolbox = try Toolbox(
            folder: folder,
            tools: absolute(
                command.tools ?? environment["VIGIL_TOOLS"] ?? checkout + "/.build/tools/bin",
                in: directory
            ),
            vigil: absolute(
                command.vigil ?? URL(fileURLWithPath: program).deletingLastPathComponent().path + "/vigil",
                in: directory
            ),
            environments: DemoEnvironment(inherited: environment, folder: folder, usesStandIn: kubeconfig == nil)
        )
        userKubeconfig = kubeconfig
        demo = Demo(
            tools: toolbox,
            cluster: Cluster(
                tools: toolbox,
                transcript: transcript,
                isStandIn: kubeconfig == nil,
                suffix: String(UInt32.random(in: .min ... .max), radix: 36)
            ),
            transcript: transcript,
            signals: TerminationSignals(),
            isKept: command.isKept(environment)
        )
    }

    /// Runs the demo in a fresh folder and ends everything it started, whichever way it ends.
    func run() async throws -> [Check] {
        let lock = try FolderLock(demo.folder)
        defer { lock.release() }
        // A reader of the output that went away (`| head`) is no reason to leave children behind.
        signal(SIGPIPE, SIG_IGN)
        let record = ProcessRecord(folder: demo.folder)
        let leftovers = record.endLeftovers()
        if leftovers > 0 { demo.transcript.note("ended \(leftovers) processes that an earlier demo left behind") }
        try demo.folder.prepare()
        defer { record.clear() }
        guard let userKubeconfig else {
            return try await demo.signals.interrupting {
                try await ChildProcesses.supervised(recordingIn: record) { try await demo.run($0) }
            }
        }
        return try await run(on: userKubeconfig, record)
    }

    private func run(
        on userKubeconfig: String,
        _ record: ProcessRecord
    ) async throws -> [Check] {
        let cluster = demo.cluster
        try await copyKubeconfig(userKubeconfig)
        defer { try? FileManager.default.removeItem(atPath: demo.folder.kubeconfig) }
        try await cluster.waitUntilReachable()
        let wasEquipped = try await cluster.isAlreadyEquipped()
        let result: Result<[Check], any Error>
        do {
            result = .success(
                try await demo.signals.interrupting {
                    try await ChildProcesses.supervised(recordingIn: record) { try await demo.run($0) }
                }
            )
        } catch {
            result = .failure(error)
        }
        demo.transcript.heading("Removing what the demo created on the cluster")
        await cluster.cleanUp(removingDefinitions: !wasEquipped)
        return try result.get()
    }

    /// One file that is readable for its owner alone, whatever `KUBECONFIG` lists.
    private func copyKubeconfig(_ userKubeconfig: String) async throws {
        let files = FileManager.default
        guard let program = demo.tools.paths[.kubectl] else { return }
        _ = files.createFile(atPath: demo.folder.kubeconfig, contents: nil, attributes: [.posixPermissions: 0o600])
        let merged = try await demo.tools.mergedKubeconfig(userKubeconfig, with: program)
        guard let file = FileHandle(forWritingAtPath: demo.folder.kubeconfig) else {
            throw DemoError(.unreadable, "\(demo.folder.kubeconfig) cannot be written.")
        }
        try file.write(contentsOf: Data(merged.utf8))
        try file.close()
    }
}

/// `path` as seen from `directory`.
private func absolute(_ path: String, in directory: String) -> String {
    path.hasPrefix("/") ? path : URL(fileURLWithPath: directory + "/" + path).standardizedFileURL.path
}
