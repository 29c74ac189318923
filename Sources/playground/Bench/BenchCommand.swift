import ArgumentParser
import Foundation

/// `playground bench`: measures Vigil beside the reference tool, on this machine, in one run.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures `vigil verify` beside `notation verify` on this machine.",
        discussion: """
            A registry of its own runs on 127.0.0.1; images are pushed and signed with the real tools; both programs \
            verify them under the same trust policy. Figures of one machine mean little elsewhere, so what counts are \
            the ratios. The exit status is 0 when everything could be measured, whether or not the budgets are met.
            """
    )

    @Option(help: "How often each program verifies one image, 3 or more.")
    var runs = 40

    @Option(help: "How many signed images are verified in one call, 1 to 1000.")
    var images = 200

    @Option(help: "How often that is repeated.")
    var rounds = 3

    @Option(help: "The vigil program that is measured; a release build.")
    var vigil = ".build/release/vigil"

    @Option(help: "The folder with docker-registry, oras and notation; VIGIL_TOOLS or .build/tools/bin.")
    var tools: String?

    func validate() throws {
        guard runs >= 3 else { throw ValidationError("--runs \(runs) is too few; 3 or more give a median.") }
        guard (1...1000).contains(images) else { throw ValidationError("--images \(images): 1 to 1000 is possible.") }
        guard rounds >= 1 else { throw ValidationError("--rounds \(rounds): 1 or more is possible.") }
    }

    func run() async throws {
        do {
            let session = try BenchSession(self, environment: ProcessInfo.processInfo.environment)
            let report = try await session.run()
            try FileHandle.standardOutput.write(contentsOf: Data(report.text.utf8))
        } catch let error as DemoError {
            Self.tell("error: \(error)")
            throw ExitCode(error.code == .interrupted ? 130 : 1)
        }
    }

    /// Writes a line for the person who waits; the figures alone go to standard output.
    static func tell(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }
}
