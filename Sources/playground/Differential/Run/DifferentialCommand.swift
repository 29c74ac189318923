import ArgumentParser
import Foundation

/// `playground differential`: `vigil verify` beside `notation verify`, case by case.
struct DifferentialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "differential",
        abstract: "Compares vigil verify with notation verify on generated signatures, good and bad.",
        discussion: """
            The cases are pushed to a docker-registry on 127.0.0.1. The exit status is 0 when both programs agree on \
            every case or Vigil is stricter by a rule of its list, and 1 otherwise. See docs/differential.md.
            """
    )

    @Option(help: "Run only cases whose name contains this. May be repeated.")
    var only: [String] = []

    @Flag(help: "Run the fixed sample that make test runs.")
    var sample = false

    @Flag(help: "List the cases and run none.")
    var list = false

    @Flag(help: "Leave the registry running afterwards, until Ctrl-C, to look at cases by hand.")
    var keep = false

    @Option(help: "The order in which cases run is shuffled by this seed; a new one each time if not given.")
    var seed: UInt64?

    @Option(help: "How many cases run at a time; as many as there are processors if not given.")
    var jobs: Int?

    @Option(help: "The vigil program that is compared; the one beside this program if not given.")
    var vigil: String?

    @Option(help: "The folder with docker-registry, oras and notation; VIGIL_TOOLS or .build/tools/bin.")
    var tools: String?

    @Option(help: "The folder that everything is written to; .build/differential by default.")
    var output: String?

    @Option(help: "The folder for differential.md and differential.json; .build/artifacts by default.")
    var artifacts: String?

    /// The cases to run.
    var cases: [DifferentialCase] {
        let cases = sample ? CaseMatrix.sample : CaseMatrix.all
        return only.isEmpty ? cases : cases.filter { entry in only.contains { entry.name.contains($0) } }
    }

    func validate() throws {
        guard jobs.map((1...64).contains) ?? true else { throw ValidationError("--jobs: 1 to 64 is possible.") }
    }

    func run() async throws {
        do {
            guard !list else {
                for entry in cases { print(entry.name) }
                return
            }
            let session = try DifferentialSession(self, environment: ProcessInfo.processInfo.environment)
            guard try await session.run().isGood else { throw ExitCode(1) }
        } catch let error as DemoError {
            BenchCommand.tell("error: \(error)")
            throw ExitCode(error.code == .interrupted ? 130 : 1)
        }
    }
}
