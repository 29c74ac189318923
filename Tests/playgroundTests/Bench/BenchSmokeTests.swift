import Foundation
import TestDocuments
import Testing

@testable import playground

/// Small benchmarks with the programs as they were built for the tests: figures mean nothing, but every line must come
/// to its end and find what it promises to find.
@Suite("The benchmarks, in small")
struct BenchSmokeTests {
    private static func bench(_ arguments: [String]) async throws -> Toolbox.Outcome {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var environment = ProcessInfo.processInfo.environment
        // What a real cluster takes is measured by make bench.
        environment["VIGIL_TEST_KUBECONFIG"] = nil
        let configuration = Toolbox.configuration(
            executable: BuiltProgram.path("playground"),
            ["bench", "--vigil", BuiltProgram.path("vigil"), "--output", folder, "--rounds", "1"] + arguments,
            environment: environment,
            workingDirectory: FileManager.default.currentDirectoryPath
        )
        return try await Toolbox.outcome(configuration, named: "playground bench", limit: .seconds(300))
    }

    /// The rows of a report whose first column begins with `what`.
    private static func rows(_ outcome: Toolbox.Outcome, _ what: String) -> [String] {
        outcome.output.split(separator: "\n").filter { $0.hasPrefix(what) }.map { row in
            row.split(separator: " ").joined(separator: " ")
        }
    }

    /// The rows of a report that say neither what is allowed nor what they are for.
    private static func unexplained(_ outcome: Toolbox.Outcome) -> [Substring] {
        outcome.output.split(separator: "\n").filter { row in
            !["allowed", "≤", "≥", "none", "(floor)", "(part)", "(shown)"].contains { row.contains($0) }
        }
    }

    @Test("the informer's line counts every pod, beside what reading the bytes alone takes")
    func informer() async throws {
        let outcome = try await Self.bench(["--only", "informer", "--pods", "300", "--large-pods", "0"])
        #expect(outcome.isSuccess, "\(outcome.errorOutput)")
        #expect(Self.unexplained(outcome).isEmpty)
        #expect(outcome.output.contains("Informer over 300 pods, on the stand-in"))
        #expect(Self.rows(outcome, "copies in which pods are missing").allSatisfy { $0.hasSuffix(" met") })
        #expect(Self.rows(outcome, "time to a complete copy").count == 1)
        #expect(Self.rows(outcome, "memory").count == 3)
        #expect(Self.rows(outcome, "the same").count == 1)
    }

    @Test("every image gets its verdict after a cold start, and then nothing is listed or written any more")
    func coldStart() async throws {
        let outcome = try await Self.bench([
            "--only", "cold-start", "--only", "quiet", "--pods", "60", "--signed-images", "12", "--quiet", "1",
            "--write-pace", "0",
        ])
        #expect(outcome.isSuccess, "\(outcome.errorOutput)")
        #expect(outcome.output.contains("Cold start: 60 pods, 12 signed images"))
        #expect(Self.unexplained(outcome).isEmpty)
        let promises = [
            "verdicts other than Trusted", "changes of verifications", "changes of the policy", "writes other than the",
            "lists", "requests a minute", "writes a minute", "by its own count: requests a minute",
            "by its own count: writes a minute", "bytes of a status of the floor",
        ]
        for promise in promises {
            let rows = Self.rows(outcome, promise)
            #expect(rows.count == 1 && rows.allSatisfy { $0.hasSuffix(" met") && !$0.contains("NOT") }, "\(promise)")
        }
        // Once for the start, once for the quiet time after it.
        for promise in ["by its own count: writes other than the Lease", "by its own count: lists"] {
            let rows = Self.rows(outcome, promise)
            #expect(rows.count == 2 && rows.allSatisfy { $0.hasSuffix(" met") && !$0.contains("NOT") }, "\(rows)")
        }
        // One of each for every image.
        #expect(Self.rows(outcome, "requests: create imageverifications").allSatisfy { $0.hasSuffix(" 12 ≤ 12 met") })
    }

    @Test("every pod that starts is measured until its verdict, with a known digest and with a new one")
    func latency() async throws {
        let outcome = try await Self.bench([
            "--only", "latency", "--signed-images", "4", "--rate", "10", "--burst", "1",
        ])
        #expect(outcome.isSuccess, "\(outcome.errorOutput)")
        #expect(Self.rows(outcome, "known digest").count == 5 && Self.rows(outcome, "new digest").count == 5)
        #expect(Self.unexplained(outcome).isEmpty)
        for digest in ["known", "new"] {
            let rows = Self.rows(outcome, "\(digest) digest: Events that did not come")
            #expect(rows.count == 1 && rows.allSatisfy { $0.hasSuffix(" 0 none met") }, "\(rows)")
        }
    }

    @Test("an image costs the registry four requests, near and far")
    func registry() async throws {
        let outcome = try await Self.bench(["--only", "registry", "--images", "20"])
        #expect(outcome.isSuccess, "\(outcome.errorOutput)")
        let rows = Self.rows(outcome, "requests per image")
        #expect(rows.count == 2 && rows.allSatisfy { $0.hasSuffix(" met") && !$0.contains("NOT") }, "\(rows)")
        #expect(Self.rows(outcome, "images per second").count == 2)
    }

    @Test("a second pass over unchanged images asks the registry one thing about each, and writes nothing")
    func secondPass() async throws {
        let outcome = try await Self.bench(["--only", "second-pass", "--signed-images", "12"])
        #expect(outcome.isSuccess, "\(outcome.errorOutput)")
        #expect(outcome.output.contains("Second pass over 12 unchanged images, on the stand-in"))
        let promises = [
            "verdicts other than Trusted", "second pass: requests for an image", "second pass: the most for one image",
            "second pass: requests for anything but", "second pass: changes of verifications",
        ]
        for promise in promises {
            let rows = Self.rows(outcome, promise)
            #expect(rows.count == 1 && rows.allSatisfy { $0.hasSuffix(" met") && !$0.contains("NOT") }, "\(promise)")
        }
    }

    @Test("what cannot be measured is an error that says why")
    func refused() async throws {
        let outcome = try await Self.bench(["--only", "informer", "--playground", "/nowhere/playground"])
        #expect(!outcome.isSuccess && outcome.errorOutput.contains("/nowhere/playground"))
        let range = try await Self.bench(["--only", "informer", "--pods", "0"])
        #expect(!range.isSuccess && range.errorOutput.contains("--pods 0"))
    }
}
