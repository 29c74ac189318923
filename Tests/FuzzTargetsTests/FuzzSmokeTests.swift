import Foundation
import Subprocess
import SystemPackage
import TestDocuments
import Testing

/// Every decoder with its corpus and seeded mutations of it, in a process of its own: a trap ends that process alone,
/// and the system holds it to its memory and its processor time.
@Suite("The decoders, fed with mutations")
struct FuzzSmokeTests {
    /// Processor seconds for everything, many times what it takes: only a hang needs them.
    private static let processorSeconds = 240
    /// KiB of data, most of which a debug build needs to start.
    private static let memory = 512 << 10
    private static let inputs = 400

    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/fuzz").path()

    @Test("no crash, no hang, bounded memory, no broken promise", .timeLimit(.minutes(10)))
    func smoke() async throws {
        let seed =
            ProcessInfo.processInfo.environment["VIGIL_FUZZ_SEED"].flatMap(UInt64.init)
            ?? .random(in: 0...UInt64.max)
        print("fuzzing, in small: VIGIL_FUZZ_SEED=\(seed)")
        let last = FileManager.default.temporaryDirectory.appending(path: "fuzz-input-\(UUID().uuidString)").path()
        let script = "ulimit -t \(Self.processorSeconds) && ulimit -d \(Self.memory) && exec \"$@\""
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: [
                "-c", script, "sh", BuiltProgram.path("fuzz"), "--mutate", "\(seed)", "\(Self.inputs)", Self.corpus,
                last,
            ],
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        let output = result.standardOutput
        guard result.terminationStatus.isSuccess else {
            Issue.record(
                """
                the decoder after the last of these did not withstand the input in \(last) (\(result.terminationStatus)):
                \(output)\(result.standardError.prefix(4096))
                replay it with .build/debug/fuzz --replay DECODER \(last)
                """
            )
            return
        }
        try? FileManager.default.removeItem(atPath: last)
        #expect(output.split(separator: "\n").count >= 30)
    }
}
