import Foundation

/// The lines that need a cluster.
struct ClusterBench: Sendable {
    let folder: DemoFolder
    let children: ChildProcesses
    /// The program that is measured.
    let vigil: String
    /// This program, for the parts that are measured in a process of their own.
    let playground: String
    let environment: [String: String]
    let sizes: BenchSizes
    /// The kubeconfig of a real cluster; `nil` for the stand-in.
    let realCluster: String?

    /// Runs the chosen lines.
    ///
    /// - Returns: the figures, by heading.
    /// - Throws: ``DemoError`` when something could not be measured.
    func run(_ lines: [BenchLine]) async throws -> [(heading: String, budgets: [Budget])] {
        var sections: [(heading: String, budgets: [Budget])] = []
        func add(_ heading: String, _ machine: Machine, _ budgets: [Budget]) {
            sections.append(("\(heading), on \(place), load \(machine.shortLoad)", budgets))
        }
        if lines.contains(.informer) {
            for section in try await InformerLine(bench: self).run() {
                add("Informer over \(section.pods) pods", section.machine, section.budgets)
            }
        }
        if lines.contains(.latency) {
            let machine = Machine()
            add("\(sizes.rate) pods start a second", machine, try await LatencyLine(bench: self).run())
        }
        if lines.contains(.coldStart) || lines.contains(.quiet) {
            for section in try await coldStarts(watchesQuiet: lines.contains(.quiet)) {
                add(section.title, section.machine, section.budgets)
            }
        }
        if lines.contains(.secondPass) {
            let machine = Machine()
            let title = "Second pass over \(sizes.images) unchanged images"
            add(title, machine, try await SecondPassLine(bench: self).run())
        }
        if lines.contains(.failover) {
            let machine = Machine()
            add("Failover between two replicas", machine, try await FailoverLine(bench: self).run())
        }
        return sections
    }

    /// Starts the operator over a cluster that is full already: as it is, and with writes that take their time.
    ///
    /// - Parameter watchesQuiet: whether what it does afterwards is measured too.
    /// - Returns: the figures, each with its title and how busy the machine was before.
    /// - Throws: ``DemoError`` when something could not be measured.
    private func coldStarts(
        watchesQuiet: Bool
    ) async throws -> [(title: String, machine: Machine, budgets: [Budget])] {
        var sections: [(title: String, machine: Machine, budgets: [Budget])] = []
        let title = "Cold start: \(sizes.pods) pods, \(sizes.images) signed images"
        let isPaced = realCluster == nil && sizes.writePace > .zero
        if isPaced {
            let machine = Machine()
            let budgets = try await ColdStartLine(bench: self, pace: .zero, watchesQuiet: false).run()
            sections.append(("\(title), writes into memory", machine, budgets.coldStart))
        }
        let machine = Machine()
        let pace = isPaced ? sizes.writePace : .zero
        let budgets = try await ColdStartLine(bench: self, pace: pace, watchesQuiet: watchesQuiet).run()
        let how = isPaced ? ", writes of \(pace / .milliseconds(1)) ms" : ""
        sections.append((title + how, machine, budgets.coldStart))
        if watchesQuiet {
            sections.append(("Quiet for \(sizes.quiet.components.seconds) s after that", machine, budgets.quiet))
        }
        return sections
    }

    /// In how many namespaces the pods of a large cluster run.
    static let namespaces = 10

    /// Fills a cluster with running pods in ten namespaces.
    func fill(_ cluster: BenchCluster, pods count: Int, of images: [String]) async throws {
        let namespaces = cluster.namespaces(Self.namespaces)
        try await cluster.make(namespaces: [cluster.leaseNamespace] + namespaces)
        let pods = SyntheticPods(namespaces: namespaces, images: images, seed: sizes.seed)
        try await cluster.run(pods, 0..<count, concurrency: sizes.workers)
    }

    /// Waits until a figure has not changed for three seconds; gives up silently at `limit`, for the figures will say so.
    static func settle<State: Equatable>(within limit: Duration, _ state: () async throws -> State) async throws {
        let deadline = ContinuousClock.now + limit
        var last = try await state()
        var since = ContinuousClock.now
        while ContinuousClock.now < deadline, ContinuousClock.now - since < .seconds(3) {
            try await Task.sleep(for: .milliseconds(200))
            let next = try await state()
            guard next != last else { continue }
            last = next
            since = .now
        }
    }

    private var place: String { realCluster == nil ? "the stand-in" : "the cluster of VIGIL_TEST_KUBECONFIG" }

    /// Runs a part of this program in a process of its own and reads the line of JSON that it writes.
    func measured<Figures: Decodable & Sendable>(_ arguments: [String], limit: Duration) async throws -> Figures {
        let configuration = Toolbox.configuration(
            executable: playground,
            arguments,
            environment: environment,
            workingDirectory: folder.path
        )
        let outcome = try await Toolbox.outcome(configuration, named: arguments.joined(separator: " "), limit: limit)
        let line = outcome.output.split(separator: "\n").last ?? ""
        guard outcome.isSuccess, let figures = try? JSONDecoder().decode(Figures.self, from: Data(line.utf8)) else {
            throw DemoError(
                .toolFailed,
                "`playground \(arguments.joined(separator: " "))` failed; it said:",
                logTail: (outcome.errorOutput + outcome.output).split(separator: "\n").suffix(12).map(String.init)
            )
        }
        return figures
    }

    /// Runs `body` on a fresh cluster, whose writes take `pace` if it is the stand-in.
    func onCluster<Value: Sendable>(
        pace: Duration = .zero,
        _ body: @escaping @Sendable (BenchCluster) async throws -> Value
    ) async throws -> Value {
        try await BenchCluster.with(realCluster, in: folder, pace: pace, body)
    }
}
