import ArgumentParser
import Foundation

/// `playground measure-informer`: what the operator's copy of the pods costs, in a process that does nothing else.
///
/// One line of JSON goes to standard output: `objects`, `syncSeconds` from the first request to the complete copy,
/// `settledRSSBytes` and `peakRSSBytes`.
struct MeasureInformerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-informer",
        abstract: "Measures the informer of pods against a cluster, and prints one line of JSON.",
        shouldDisplay: false
    )

    @Option(help: "The kubeconfig of the cluster.")
    var kubeconfig: String

    @Option(help: "After how many seconds without a complete copy it gives up.")
    var limit = 120

    @Option(help: "How many seconds the copy is kept in step before its memory is taken for settled.")
    var settle = 2.0

    func validate() throws {
        guard (1...3600).contains(limit) else { throw ValidationError("--limit \(limit): 1 to 3600 is possible.") }
        guard (0...60).contains(settle) else { throw ValidationError("--settle \(settle): 0 to 60 is possible.") }
    }

    func run() async throws {
        let measurement = try await InformerMeasurement.measure(
            kubeconfig: kubeconfig,
            limit: .seconds(limit),
            settle: .seconds(settle)
        )
        try FileHandle.standardOutput.write(contentsOf: Data((measurement.line + "\n").utf8))
    }
}
