import ArgumentParser
import Foundation

/// `playground bench`: measures Vigil on this machine: beside the reference tool, and against its own budgets.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures Vigil on this machine, beside the reference tools and against its budgets.",
        discussion: """
            Figures of one machine mean little elsewhere, so what counts are ratios of one run where there is something \
            to compare with. The lines that need a cluster run on a stand-in in this process, and once more on the \
            cluster that VIGIL_TEST_KUBECONFIG names, if it names one. The exit status is 0 when everything could be \
            measured, whether or not the budgets are met.
            """
    )

    @Option(
        help: """
            Runs this line alone: verify, signatures, registry, informer, latency, cold-start, quiet, second-pass or \
            failover. Repeatable.
            """
    )
    var only: [BenchLine] = []

    @Option(help: "verify: how often each program verifies one image, 3 or more.")
    var runs = 40

    @Option(help: "verify and registry: how many signed images are verified in one call, 1 to 1000.")
    var images = 1000

    @Option(help: "verify, signatures and informer: how often each measurement is repeated.")
    var rounds = 3

    @Option(help: "signatures: seconds for each algorithm.")
    var seconds = 1

    @Option(help: "Pods of the large cluster.")
    var pods = 10_000

    @Option(help: "informer: pods of the largest cluster; 0 leaves it out.")
    var largePods = 50_000

    @Option(help: "latency, cold-start, quiet and second-pass: signed images that the cluster runs.")
    var signedImages = 1000

    @Option(help: "latency: how many pods start each second.")
    var rate = 200

    @Option(help: "latency: for how many seconds.")
    var burst = 10

    @Option(help: "quiet: for how many seconds the operator is watched.")
    var quiet = 300

    @Option(
        help:
            "latency, cold-start, quiet, second-pass and failover: how many images the operator judges at the same time."
    )
    var workers = 32

    @Option(help: "cold-start: microseconds that a write takes the stand-in, as a real API server; 0 leaves that out.")
    var writePace = 1250

    @Option(help: "Decides everything that is random about pods.")
    var seed: UInt64 = 1

    @Option(help: "The vigil program that is measured; a release build.")
    var vigil = ".build/release/vigil"

    @Option(help: "The playground program for what is measured in a process of its own; this one by default.")
    var playground: String?

    @Option(help: "The folder with docker-registry, oras and notation; VIGIL_TOOLS or .build/tools/bin.")
    var tools: String?

    @Option(help: "The folder that everything is written to; .build/bench by default.")
    var output: String?

    /// The lines to run.
    var lines: [BenchLine] { only.isEmpty ? BenchLine.allCases : only }

    /// How large the clusters are.
    var sizes: BenchSizes {
        BenchSizes(
            pods: pods,
            largePods: largePods,
            images: signedImages,
            rounds: rounds,
            rate: rate,
            burst: .seconds(burst),
            quiet: .seconds(quiet),
            writePace: .microseconds(writePace),
            workers: workers,
            seed: seed
        )
    }

    func validate() throws {
        guard runs >= 3 else { throw ValidationError("--runs \(runs) is too few; 3 or more give a median.") }
        guard (1...1000).contains(images) else { throw ValidationError("--images \(images): 1 to 1000 is possible.") }
        let ranges = [
            ("rounds", rounds, 1...1000), ("seconds", seconds, 1...600), ("pods", pods, 1...1_000_000),
            ("large-pods", largePods, 0...1_000_000),
            ("signed-images", signedImages, 1...100_000), ("rate", rate, 1...10_000), ("burst", burst, 1...3600),
            ("quiet", quiet, 1...86_400), ("workers", workers, 1...256),
            ("write-pace", writePace, 0...1_000_000),
        ]
        for (name, value, range) in ranges where !range.contains(value) {
            throw ValidationError("--\(name) \(value): \(range.lowerBound) to \(range.upperBound) is possible.")
        }
    }

    func run() async throws {
        do {
            let session = try BenchSession(self, environment: ProcessInfo.processInfo.environment)
            try await session.run { text in
                try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
            }
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
