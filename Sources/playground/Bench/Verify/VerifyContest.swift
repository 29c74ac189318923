/// Lets both programs verify the same images under the same policy, in turns.
struct VerifyContest: Sendable {
    let tools: Toolbox
    let images: SignedImages

    /// How often memory is measured, besides the timed runs.
    private static let memoryRuns = 5

    /// Makes sure that both programs accept what is signed and refuse what is not: otherwise there is nothing to compare.
    func checkThatBothVerify() async throws {
        for tool in [Tool.vigil, .notation] {
            let arguments: ([String]) -> [String] = { Self.arguments(of: tool, $0) }
            try await tools.run(tool, arguments(Array(images.references.prefix(1))))
            guard try await !tools.outcome(tool, arguments([images.unsigned])).isSuccess else {
                throw DemoError(.toolFailed, "\(tool.rawValue) accepts an image that nobody signed.")
            }
        }
    }

    /// Verifies one image again and again.
    func oneImage(runs: Int) async throws -> Comparison {
        guard let image = images.references.first else {
            throw DemoError(.unreadable, "There is no image to verify.")
        }
        let vigil = process(.vigil, [image])
        let notation = process(.notation, [image])
        // Once each, so that both programs and the image are in the page cache.
        _ = try (vigil.run(), notation.run())
        let usages = try alternate(runs, { try vigil.run() }, { try notation.run() })
        let memory = try alternate(Self.memoryRuns, { try vigil.peakMemory() }, { try notation.peakMemory() })
        return Comparison(
            vigil: Measurement(usages.first, memory: memory.first),
            notation: Measurement(usages.second, memory: memory.second)
        )
    }

    /// Verifies every image: in one call of vigil, and in one call of notation for each.
    func allImages(rounds: Int) async throws -> Comparison {
        let vigil = process(.vigil, images.references)
        let notation = images.references.map { process(.notation, [$0]) }
        let usages = try alternate(rounds, { try vigil.run() }, { try Self.runInTurn(notation) })
        let memory = try vigil.peakMemory()
        return Comparison(
            vigil: Measurement(usages.first, memory: [memory]),
            notation: Measurement(usages.second)
        )
    }

    private static func runInTurn(_ processes: [MeasuredProcess]) throws -> MeasuredProcess.Usage {
        var total = MeasuredProcess.Usage(wall: .zero, cpu: .zero)
        for process in processes {
            try Task.checkCancellation()
            let usage = try process.run()
            total.wall += usage.wall
            total.cpu += usage.cpu
        }
        return total
    }

    /// Runs two things equally often, each first in every other round.
    private func alternate<Value>(
        _ rounds: Int,
        _ first: () throws -> Value,
        _ second: () throws -> Value
    ) throws -> (first: [Value], second: [Value]) {
        var firsts: [Value] = []
        var seconds: [Value] = []
        for round in 0..<rounds {
            try Task.checkCancellation()
            if round.isMultiple(of: 2) { firsts.append(try first()) }
            seconds.append(try second())
            if !round.isMultiple(of: 2) { firsts.append(try first()) }
        }
        return (firsts, seconds)
    }

    private func process(_ tool: Tool, _ references: [String]) -> MeasuredProcess {
        MeasuredProcess(
            executable: tools.paths[tool] ?? tool.rawValue,
            arguments: Self.arguments(of: tool, references),
            environment: tools.environments.variables(for: tool)
        )
    }

    private static func arguments(of tool: Tool, _ references: [String]) -> [String] {
        ["verify", tool == .vigil ? "--plain-http" : "--insecure-registry"] + references
    }
}
