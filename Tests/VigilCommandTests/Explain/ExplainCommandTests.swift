import FoundationEssentials
import JSONModel
import OCIModel
import SigningTestDescriptors
import SigningTestKit
import Testing

@testable import VigilCommand

@Suite("vigil explain")
struct ExplainCommandTests {
    private let folder: TemporaryFolder
    private let registry: ImagesInMemory
    private let chain: TestChain

    init() throws {
        folder = try TemporaryFolder()
        chain = try TestChain.make()
        registry = ImagesInMemory(silentHosts: ["slow.example"], unreachableHosts: ["down.example"])
        try registry.push("r.example/shop/web:v1", signedBy: [chain])
        try registry.push("r.example/shop/plain:v1")
        try registry.push("r.example/shop/foreign:v1", signedBy: [try TestChain.make(number: 1)])
        try registry.push("r.example/shop/altered:v1", signedBy: [chain], alteringSignature: true)
        let expired = try registry.push("r.example/shop/expired:v1")
        var request = SigningRequest(expired)
        request.expiry = CommandRun.now
        try registry.attach(try TestSignature.sign(expired, chain: chain, request: request), to: expired)
        try folder.write("policy.yaml", PolicyText.trusting(chain, include: "r.example/shop/*"))
    }

    private func run(_ arguments: [String], clock: any Clock<Duration> = NeverClock()) async -> CommandRun {
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = registry
        surroundings.clock = clock
        return await CommandRun(["explain"] + arguments + ["--policy", folder.path], in: surroundings)
    }

    private func document(_ image: String, _ arguments: [String] = []) async throws -> JSONValue {
        let run = await run([image, "-o", "json"] + arguments)
        let value = try JSONParser().parse(Array(run.output.utf8))
        #expect(value["exitStatus"] == .integer(Int64(run.status)), "\(run.errors)")
        return value
    }

    private func signatures(_ document: JSONValue) -> [JSONValue] {
        let authorities = document["policies"]?.array?.first?["authorities"]?.array
        return authorities?.first?["manifests"]?.array?.first?["signatures"]?.array ?? []
    }

    /// The states of a signature's steps by their names.
    private func steps(_ document: JSONValue) -> [String: String] {
        let steps = signatures(document).first?["steps"]?.array ?? []
        return Dictionary(steps.map { ($0["step"]?.string ?? "", $0["state"]?.string ?? "") }) { $1 }
    }

    @Test("a trusted image: every step passed, what was asked, and the deciding line last")
    func trusted() async throws {
        let value = try await document("r.example/shop/web:v1")
        #expect(value["verdict"] == "Trusted" && value["exitStatus"] == 0)
        #expect(Set(steps(value).values) == ["passed"] && steps(value).count == 8)
        #expect(signatures(value).first?["certificates"]?.array?.count == 3)
        #expect((value["requests"]?.array?.count ?? 0) >= 4)
        let tree = await run(["r.example/shop/web:v1"])
        #expect(tree.status == 0 && tree.output.hasPrefix("r.example/shop/web:v1\n├── judged at "), "\(tree.errors)")
        let last = tree.output.split(separator: "\n").last ?? ""
        #expect(last.hasPrefix("└── verdict: Trusted, Verified: signature sha256:"), "\(tree.output)")
        #expect(
            tree.output.contains("identity passed: ") && tree.output.contains("manifest of r.example/shop/web:v1: ")
        )
    }

    @Test(
        "what is wrong is shown at the step where it is wrong",
        arguments: [
            ("foreign", "chain", "NoTrustedSignature"), ("expired", "expiry", "SignatureExpired"),
            ("altered", "signature", "EvidenceMalformed"),
        ]
    )
    func failures(name: String, step: String, reason: String) async throws {
        let value = try await document("r.example/shop/\(name):v1")
        #expect(value["reason"] == .string(reason) && value["exitStatus"] == 1)
        let steps = steps(value)
        #expect(steps[step] == "failed" && steps["revocation"] == "notReached", "\(steps)")
        let tree = await run(["r.example/shop/\(name):v1"])
        #expect(tree.status == 1)
        #expect(
            tree.output.contains("\(step) FAILED: ") && tree.output.contains("revocation not reached: the step \(step)")
        )
    }

    @Test("an unsigned image, and one whose signer has another name")
    func silence() async throws {
        let unsigned = try await document("r.example/shop/plain:v1")
        #expect(unsigned["reason"] == "NoSignature" && signatures(unsigned).isEmpty)
        #expect(await run(["r.example/shop/plain:v1"]).output.contains("no signatures\n"))
        let named = PolicyText.trusting(chain).replacing(
            #"trustedIdentities: ["*"]"#,
            with: #"trustedIdentities: ["x509.subject: C=US, ST=WA, O=Somebody"]"#
        )
        try folder.write("policy.yaml", named)
        let value = try await document("r.example/shop/web:v1")
        #expect(value["reason"] == "NoTrustedSignature" && value["exitStatus"] == 1)
        #expect(steps(value)["chain"] == "passed" && steps(value)["identity"] == "failed")
    }

    @Test("policies that do not speak are named with their reason, and an image of none is told so")
    func uncovered() async throws {
        let value = try await document("other.example/web:v1")
        #expect(value["reason"] == "NoPolicy" && value["exitStatus"] == 1 && value["policies"] == .array([]))
        let silent = try #require(value["silentPolicies"]?.array?.first)
        #expect(
            silent["policy"]?.string?.hasSuffix("/shop") == true && silent["cause"] == "its scope is r.example/shop/*"
        )
        #expect(value["requests"] == .array([]))
    }

    @Test("a statement of notation that names the repository silences the one for every image")
    func notation() async throws {
        let root = chain.root.pem
        try folder.write("notation/truststore/x509/ca/acme/root.pem", root)
        let statement = """
            "signatureVerification": {"level": "strict"}, "trustStores": ["ca:acme"], "trustedIdentities": ["*"]
            """
        try folder.write(
            "notation/trustpolicy.json",
            """
            {"version": "1.0", "trustPolicies": [
              {"name": "all", "registryScopes": ["*"], \(statement)},
              {"name": "web", "registryScopes": ["r.example/shop/web"], \(statement)},
              {"name": "api", "registryScopes": ["r.example/shop/api"], \(statement)}]}
            """
        )
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = registry
        let run = await CommandRun(
            ["explain", "r.example/shop/web:v1", "--notation-config", "\(folder.path)/notation"],
            in: surroundings
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.output.contains("notation/all: the statement web names the repository itself, and speaks alone then")
        )
        #expect(run.output.contains("notation/api: its scope is r.example/shop/api"))
        #expect(run.output.contains("policy notation/web: Trusted, Verified"))
        #expect(!run.output.contains("notation/web: the") && !run.output.contains("notation/web: its"))
    }

    @Test("outages have status 3: a registry that is down, and one that does not answer in time")
    func outages() async throws {
        try folder.write("policy.yaml", PolicyText.trusting(chain))
        let down = await run(["down.example/x:v1"])
        #expect(down.status == 3 && down.output.contains("FAILED, down.example cannot be reached"), "\(down.output)")
        let slow = await run(["slow.example/x:v1", "--timeout", "1s"], clock: InstantClock())
        #expect(slow.status == 3 && slow.output.contains("did not give all answers within 1s"), "\(slow.output)")
    }

    @Test("nothing that others wrote reaches the terminal as it is")
    func hostile() async throws {
        let digest = try registry.push("r.example/shop/hostile:v1")
        var request = SigningRequest(digest)
        request.plugin = "evil\u{1B}[2J\u{202E}plugin"
        var leaf = CertificateRecipe.leaf()
        leaf.subject.append([.init("2.5.4.11", "evil\u{1B}[2J\u{202E}unit")])
        let hostile = try TestChain.make(leaf: leaf)
        try registry.attach(try TestSignature.sign(digest, chain: hostile, request: request), to: digest)
        for format in ["tree", "json"] {
            let run = await run(["r.example/shop/hostile:v1", "-o", format])
            #expect(run.status == 1 && run.output.contains("evil"), "\(run.output)")
            #expect(!run.output.contains("\u{1B}") && !run.output.unicodeScalars.contains("\u{202E}"))
        }
    }

    @Test("a reference, a policy or an option that cannot be used has status 2")
    func unusable() async throws {
        #expect(await run(["r.example/UPPER"]).status == 2)
        #expect(await run(["r.example/shop/web:v1", "--max-signatures", "0"]).status == 2)
        #expect(await run(["r.example/shop/web:v1", "--notation-config", "x"]).status == 2)
        #expect(await run([]).status == 2)
    }
}
