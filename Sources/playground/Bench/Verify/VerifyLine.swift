import Foundation

/// `vigil verify` beside `notation verify`, on a real registry with real signatures.
struct VerifyLine: Sendable {
    let command: BenchCommand
    let tools: Toolbox

    /// Publishes images and lets both programs verify them, in turns.
    ///
    /// - Throws: ``DemoError`` when something could not be measured.
    func run(_ children: ChildProcesses) async throws -> VerifyReport {
        let registry = try await RegistryProcess.start(tools, children)
        let images = try await SignedImages.publish(command.images, to: registry, with: tools)
        let contest = VerifyContest(tools: tools, images: images)
        try await contest.checkThatBothVerify()
        let machine = Machine()
        BenchCommand.tell("==> verifying one image, \(command.runs) times with each program, in turns")
        let one = try await contest.oneImage(runs: command.runs)
        BenchCommand.tell("==> verifying \(command.images) images, \(command.rounds) times with each program, in turns")
        let many = try await contest.allImages(rounds: command.rounds)
        return VerifyReport(
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
}
