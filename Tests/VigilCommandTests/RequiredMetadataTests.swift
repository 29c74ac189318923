import SigningTestKit
import Testing

@testable import VigilCommand

@Suite("vigil verify --user-metadata and --max-signatures")
struct RequiredMetadataTests {
    private func run(_ arguments: [String], annotations: [String: String] = [:], more: String = "") async throws
        -> CommandRun
    {
        let folder = try TemporaryFolder()
        let chain = try TestChain.make()
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = ImagesInMemory()
        try surroundings.registry.push("r.example/web:v1", signedBy: [chain], annotations: annotations)
        let policy = PolicyText.trusting(chain)
            .replacing("      level: strict\n", with: "      level: strict\n" + more)
        try folder.write("policy.yaml", policy)
        return await CommandRun(
            ["verify", "r.example/web:v1", "--policy", "\(folder.path)/policy.yaml"] + arguments,
            in: surroundings
        )
    }

    @Test(
        "a signature counts only when it carries every pair, byte by byte",
        arguments: [
            (["-m", "build=7"], 0), (["-m", "build=7", "-m", "build=7"], 0),
            (["--user-metadata", "build=7", "-m", "path=a=b"], 0), ([], 0),
            (["-m", "build=8"], 1), (["-m", "Build=7"], 1), (["-m", "build=7", "-m", "stage=prod"], 1),
            (["-m", "name=e\u{301}"], 0), (["-m", "name=\u{E9}"], 1),
        ] as [([String], Int32)]
    )
    func pairs(arguments: [String], status: Int32) async throws {
        let run = try await run(arguments, annotations: ["build": "7", "path": "a=b", "name": "e\u{301}"])
        #expect(run.status == status, "\(run.output)\(run.errors)")
        if status == 1 { #expect(run.output.contains("NoTrustedSignature")) }
    }

    @Test("what the policy requires counts as well, and a contradiction is refused")
    func besidesThePolicy() async throws {
        let required = "      requiredAnnotations: {stage: prod}\n"
        let annotations = ["build": "7", "stage": "prod"]
        #expect(try await run(["-m", "build=7"], annotations: annotations, more: required).status == 0)
        #expect(try await run(["-m", "build=7"], annotations: ["build": "7"], more: required).status == 1)
        #expect(try await run(["-m", "stage=prod"], annotations: annotations, more: required).status == 0)
        let run = try await run(["-m", "stage=test"], annotations: annotations, more: required)
        #expect(run.status == 2)
        #expect(run.errors.contains("requires another value of one of these keys"))
    }

    @Test(
        "pairs that are none, and a key with two values, are refused",
        arguments: [["build"], ["=7"], ["build="], [""], ["build=7", "build=8"]]
    )
    func malformed(pairs: [String]) async throws {
        let run = try await run(pairs.flatMap { ["--user-metadata", $0] })
        #expect(run.status == 2)
        #expect(run.errors.contains("--user-metadata: "))
    }

    @Test("--max-signatures says how many are tried, within bounds", arguments: [("1", 1), ("2", 0), ("1000", 0)])
    func attempts(count: String, status: Int32) async throws {
        let folder = try TemporaryFolder()
        let chain = try TestChain.make()
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = ImagesInMemory()
        try surroundings.registry.push("r.example/web:v1", signedBy: [try TestChain.make(number: 1), chain])
        let policy = try folder.write("policy.yaml", PolicyText.trusting(chain))
        let run = await CommandRun(
            ["verify", "r.example/web:v1", "--policy", policy, "--max-signatures", count],
            in: surroundings
        )
        #expect(run.status == status, "\(run.output)")
        if status == 1 { #expect(run.output.contains("TooManySignatures")) }
    }

    @Test("a count out of bounds is refused", arguments: ["0", "-1", "1001"])
    func attemptsOutOfBounds(count: String) async throws {
        let run = try await run(["--max-signatures=\(count)"])
        #expect(run.status == 2)
        #expect(run.errors.contains("1 to 1000 is allowed"))
    }
}
