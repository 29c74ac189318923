import Foundation
import JSONModel
import Testing

/// A fixed sample of `make differential`: `vigil verify` beside the real `notation verify`, on generated signatures.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct DifferentialTests {
    @Test("both programs agree on every case of the sample, or Vigil is stricter by a rule of the list")
    func sample() async throws {
        try await Workspace.with { workspace in
            let outcome = try await workspace.run(
                URL(filePath: RealTools.vigil).deletingLastPathComponent().path() + "/playground",
                [
                    "differential", "--sample", "--seed", "1", "--vigil", RealTools.vigil, "--tools", RealTools.folder,
                    "--output", workspace.path, "--artifacts", workspace.path,
                ]
            )
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            let report = try JSONParser().parse(Array(try workspace.read("differential.json").utf8))
            let results = (report["cases"]?.array ?? []).compactMap { $0["result"]?.string }
            #expect(results.contains("agree") && results.contains { $0.hasPrefix("stricter") })
            #expect(!results.contains("DIFFERENT"), "\(outcome.output)")
        }
    }
}
