import FoundationEssentials
import ImageTrust
import JSONModel
import OCIModel
import SigningTestKit
import Synchronization
import Testing
import TrustModel

@testable import VigilCommand

@Suite("vigil explain --bundle, and vigil verify --bundle")
struct BundleCommandTests {
    private let folder: TemporaryFolder
    private let registry = ImagesInMemory(unreachableHosts: ["down.example"])
    private let chain: TestChain
    private let stranger: TestChain

    init() throws {
        folder = try TemporaryFolder()
        chain = try TestChain.make()
        stranger = try TestChain.make(number: 1)
        try registry.push("r.example/shop/web:v1", signedBy: [stranger, chain], annotations: ["stage": "prod"])
        try registry.push("r.example/shop/plain:v1")
        try folder.write("policies/policy.yaml", PolicyText.trusting(chain, include: "r.example/*"))
        try folder.write("strange/policy.yaml", PolicyText.trusting(stranger, include: "*"))
        try folder.write("notation/truststore/x509/ca/acme/root.pem", chain.root.pem)
        try folder.write(
            "notation/trustpolicy.json",
            """
            {"version": "1.0", "trustPolicies": [{"name": "all", "registryScopes": ["*"],
              "signatureVerification": {"level": "strict"}, "trustStores": ["ca:acme"], "trustedIdentities": ["*"]}]}
            """
        )
    }

    private var file: String { "\(folder.path)/out.tar" }

    /// Records a judgement.
    private func record(_ image: String, _ arguments: [String]? = nil) async -> CommandRun {
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = registry
        let arguments = arguments ?? ["--policy", "\(folder.path)/policies"]
        return await CommandRun(["explain", image, "--bundle", file] + arguments, in: surroundings)
    }

    /// Repeats it where there is no registry, no home and another time.
    private func replay(_ arguments: [String] = [], command: [String] = ["verify", "--bundle"]) async -> CommandRun {
        let nothing = ImagesInMemory(unreachableHosts: ["r.example"])
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = nothing
        let run = await CommandRun(command + [file] + arguments, in: surroundings)
        #expect(nothing.asked.isEmpty && surroundings.options.last.withLock { $0 } == nil)
        return run
    }

    private func json(_ run: CommandRun) throws -> JSONValue { try JSONParser().parse(Array(run.output.utf8)) }

    @Test("a judgement is repeated from the bundle alone, with the same verdict, by the same status")
    func repeated() async throws {
        for (image, status, reason) in [
            ("r.example/shop/web:v1", 0, "Verified"), ("r.example/shop/plain:v1", 1, "NoSignature"),
            ("down.example/x:v1", 3, "RegistryUnreachable"), ("other.example/x:v1", 1, "ImageNotFound"),
        ] as [(String, Int32, String)] {
            try folder.write("policies/policy.yaml", PolicyText.trusting(chain))
            let recorded = await record(image)
            #expect(recorded.status == status, "\(recorded.errors)")
            #expect(recorded.output.contains(", \(reason): "), "\(recorded.output)")
            let run = await replay()
            #expect(run.status == status && run.output.contains(" \(reason) "), "\(run.output)\(run.errors)")
            #expect(run.output.contains("\(image): the same verdict was recorded, "))
            #expect(run.output.contains("judged again as of 2026-05-28T20:26:40Z, the time it records"))
            #expect(run.output.contains("by the policies in the bundle, which whoever made it chose"))
            let tree = await replay(command: ["explain", "--from-bundle"])
            let head = recorded.output.split(separator: "\n")
            #expect(tree.status == status && tree.output.split(separator: "\n").starts(with: head), "\(tree.output)")
        }
    }

    @Test("the trust policy and stores of notation go with the evidence")
    func notation() async throws {
        let recorded = await record("r.example/shop/web:v1", ["--notation-config", "\(folder.path)/notation"])
        #expect(recorded.status == 0, "\(recorded.errors)")
        let run = await replay(["-o", "json"])
        #expect(run.status == 0)
        let value = try json(run)
        #expect(value["bundle"]?["policies"] == "bundle" && value["bundle"]?["judgedAt"] == "2026-05-28T20:26:40Z")
        #expect(value["bundle"]?["images"]?.array?.first?["same"] == true)
        #expect(value["images"]?.array?.first?["findings"]?.array?.first?["policy"] == "notation/all")
        let yaml = await replay(["-o", "yaml"])
        #expect(yaml.output.contains("same: true"))
    }

    @Test("certificates of ConfigMaps and Secrets go with the policy, and nothing else of them")
    func references() async throws {
        try folder.write(
            "policies/policy.yaml",
            PolicyText.referring("secretRef: {namespace: trust, name: roots, key: ca.pem}")
        )
        let pem = Data(Array(chain.root.pem.utf8)).base64EncodedString()
        let hidden = Data(Array("swordfish".utf8)).base64EncodedString()
        try folder.write(
            "policies/secret.yaml",
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: roots, namespace: trust}
            data: {ca.pem: \(pem), password: \(hidden)}

            """
        )
        #expect(await record("r.example/shop/web:v1").status == 0)
        let run = await replay()
        #expect(run.status == 0 && run.output.contains("Trusted"), "\(run.output)\(run.errors)")
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        let archive = try TarArchive(reading: bytes, limits: EvidenceBundle.limits)
        let policies = String(decoding: archive.members["policies/policies.json"] ?? [], as: UTF8.self)
        #expect(policies.contains(pem) && !policies.contains(hidden) && !policies.contains("password"))
        #expect(!String(decoding: bytes, as: UTF8.self).contains(hidden))
    }

    @Test("one's own policies judge the evidence, whatever the bundle's say")
    func ownPolicies() async throws {
        let recorded = await record("r.example/shop/web:v1", ["--policy", "\(folder.path)/strange"])
        #expect(recorded.status == 0)
        try folder.write("own/policy.yaml", PolicyText.trusting(try TestChain.make(number: 2)))
        let run = await replay(["--policy", "\(folder.path)/own"])
        #expect(run.status == 1 && run.output.contains("NoTrustedSignature"), "\(run.output)\(run.errors)")
        #expect(run.output.contains("by the policies given here, not by those in the bundle"))
        #expect(run.output.contains("ANOTHER verdict was recorded, Trusted, Verified; now it is Unknown"))
        let notation = await replay(["--notation-config", "\(folder.path)/notation", "-m", "stage=prod"])
        #expect(notation.status == 0 && notation.output.contains("the same verdict was recorded"))
        #expect(await replay(["--notation-config", "\(folder.path)/notation", "-m", "stage=test"]).status == 1)
        let tree = await replay(["--policy", "\(folder.path)/own"], command: ["explain", "--from-bundle"])
        #expect(tree.status == 1 && tree.output.contains("chain FAILED"))
    }

    @Test("what the recording did not ask is an outage, never an answer")
    func notRecorded() async throws {
        try folder.write("skip/policy.yaml", PolicyText.trusting(chain, include: "elsewhere.example/*"))
        #expect(await record("r.example/shop/web:v1", ["--policy", "\(folder.path)/skip"]).status == 1)
        let run = await replay(["--policy", "\(folder.path)/policies"])
        #expect(run.status == 3 && run.output.contains("was not recorded, and nobody is asked"), "\(run.output)")
    }

    @Test("where the image runs is the bundle's word, and does not choose among one's own policies")
    func place() async throws {
        #expect(await record("r.example/shop/web:v1").status == 0)
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        var bundle = try EvidenceBundle(reading: bytes)
        bundle.images[0].place = EvidenceBundle.Place(
            namespace: "dev",
            namespaceLabels: [:],
            pod: "web",
            podLabels: [:],
            container: "main"
        )
        try folder.write("out.tar", try bundle.archive().bytes)
        try folder.write(
            "own/policies.yaml",
            PolicyText.trusting(stranger, name: "dev", namespace: "dev") + "---\n"
                + PolicyText.trusting(try TestChain.make(number: 2), name: "prod", namespace: "prod")
        )
        let run = await replay(["--policy", "\(folder.path)/own"])
        #expect(run.status == 1 && run.output.contains("NoTrustedSignature"), "\(run.output)\(run.errors)")
        let named = await replay(["-v"])
        #expect(named.output.contains("used by Pod dev/web, container main"), "\(named.output)")
    }

    @Test("the recorded options hold: metadata that is asked for, and the platform")
    func settings() async throws {
        let policy = ["--policy", "\(folder.path)/policies"]
        #expect(
            await record("r.example/shop/web:v1", policy + ["-m", "stage=prod", "--platform", "linux/arm64"]).status
                == 0
        )
        #expect(await replay().status == 0)
        #expect(await record("r.example/shop/web:v1", policy + ["-m", "stage=test"]).status == 1)
        #expect(await replay().status == 1)
        #expect(await replay(["-m", "stage=prod"]).status == 2)
        #expect(await replay(["--platform", "linux/arm64"]).status == 2)
    }

    @Test("a moment in the future, rubbish, other arguments and files that cannot be written have status 2")
    func unusable() async throws {
        #expect(await record("r.example/shop/web:v1").status == 0)
        let bytes = Array(try Data(contentsOf: URL(filePath: file)))
        var bundle = try EvidenceBundle(reading: bytes)
        bundle.judgedAt = CommandRun.now.addingTimeInterval(301)
        try folder.write("out.tar", try bundle.archive().bytes)
        let future = await replay()
        #expect(future.status == 2 && future.errors.contains("which is in the future"), "\(future.errors)")
        bundle.judgedAt = CommandRun.now.addingTimeInterval(300)
        try folder.write("out.tar", try bundle.archive().bytes)
        #expect(await replay().status == 0)
        #expect(await replay(["r.example/shop/web:v1"]).status == 2)
        #expect(await replay(["-f", folder.path]).status == 2)
        #expect(await replay(["r.example/shop/web:v1"], command: ["explain", "--from-bundle"]).status == 2)
        try folder.write("out.tar", "rubbish")
        let rubbish = await replay()
        #expect(rubbish.status == 2 && rubbish.errors.contains("out.tar: the archive is cut off"), "\(rubbish.errors)")
        let unwritable = await CommandRun(
            ["explain", "r.example/shop/web:v1", "--bundle", "\(folder.path)/no/such/out.tar"]
                + ["--policy", "\(folder.path)/policies"],
            in: {
                var surroundings = CommandRun.Surroundings()
                surroundings.registry = registry
                return surroundings
            }()
        )
        #expect(unwritable.status == 2 && unwritable.output.contains("verdict: Trusted"), "\(unwritable.errors)")
    }

    @Test("nothing that a bundle holds reaches the terminal as it is")
    func hostile() async throws {
        #expect(await record("r.example/shop/web:v1").status == 0)
        var bundle = try EvidenceBundle(reading: Array(try Data(contentsOf: URL(filePath: file))))
        let evil = "evil\u{1B}[2J\u{202E}"
        bundle.program = evil
        bundle.images[0].recorded.reason = Reason(rawValue: evil)
        bundle.images[0].place = EvidenceBundle.Place(
            namespace: evil,
            namespaceLabels: nil,
            pod: evil,
            podLabels: [evil: evil],
            container: evil
        )
        try folder.write("out.tar", try bundle.archive().bytes)
        for arguments in [["-v"], ["-o", "json"], ["-o", "yaml"]] {
            let run = await replay(arguments)
            #expect(run.output.contains("evil") && !run.output.contains("\u{1B}"), "\(run.output)")
            #expect(!run.output.unicodeScalars.contains("\u{202E}"))
        }
        for arguments in [[], ["-o", "json"]] {
            let run = await replay(arguments, command: ["explain", "--from-bundle"])
            #expect(run.output.contains("evil") && !run.output.contains("\u{1B}"), "\(run.output)")
        }
    }
}
