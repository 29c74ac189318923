import JSONModel
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import Testing

@testable import VigilCommand

@Suite("vigil list")
struct ListCommandTests {
    private func run(_ arguments: [String], _ registry: ImagesInMemory) async -> CommandRun {
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = registry
        return await CommandRun(["list"] + arguments, in: surroundings)
    }

    private func document(_ registry: ImagesInMemory, _ arguments: [String] = []) async throws -> JSONValue {
        let run = await run(["r.example/web:v1", "-o", "json"] + arguments, registry)
        try #require(run.status == 0, "\(run.errors)")
        return try JSONParser().parse(Array(run.output.utf8))
    }

    @Test("a signature is listed with what it says, and no policy is asked for")
    func signature() async throws {
        let registry = ImagesInMemory()
        let chain = try TestChain.make()
        let image = try registry.push("r.example/web:v1", signedBy: [chain], annotations: ["build": "7"])
        let list = try await document(registry)
        #expect(list["digest"] == .string("\(image.digest)"))
        let signature = try #require(list["signatures"]?.array?.first)
        #expect(signature["artifactType"] == "application/vnd.cncf.notary.signature")
        #expect(signature["envelopeType"] == "application/jose+json")
        #expect(signature["scheme"] == "notary.x509" && signature["algorithm"] == "ES256")
        #expect(signature["userMetadata"] == ["build": "7"])
        #expect(signature["timestamp"] == .null && signature["problem"] == .null)
        #expect(signature.value(at: "target", "digest") == .string("\(image.digest)"))
        let certificates = try #require(signature["certificates"]?.array)
        #expect(certificates.count == 3)
        #expect(certificates[0]["subject"]?.string?.contains("CN=signer.example.com") == true)
        #expect(certificates[0]["fingerprint"] == .string(Digest.of(chain.leaf.der).hex))
        #expect(certificates[0]["notBefore"] == "2025-01-01T00:00:00Z")
        let tree = await run(["r.example/web:v1"], registry)
        #expect(
            tree.output.hasPrefix(
                "r.example/web@\(image.digest)\n└── application/vnd.cncf.notary.signature\n    └── sha256:"
            )
        )
        #expect(tree.output.contains("│   └── build: 7\n"))
    }

    @Test("nothing attached is said, with status 0")
    func nothing() async throws {
        let registry = ImagesInMemory()
        try registry.push("r.example/web:v1")
        let run = await run(["r.example/web:v1"], registry)
        #expect(run.status == 0)
        #expect(run.output.hasSuffix("└── nothing is attached\n"))
        #expect(try await document(registry)["signatures"] == [])
    }

    @Test("attachments of other types stand beside signatures, grouped by type")
    func attachments() async throws {
        let registry = ImagesInMemory()
        let image = try registry.push("r.example/web:v1", signedBy: [try TestChain.make()])
        for (number, type) in [(1, "application/spdx+json"), (2, nil), (3, "application/spdx+json")] {
            var descriptor = Descriptor(of: Array("artifact \(number)".utf8), mediaType: .ociManifest)
            descriptor.artifactType = type.map { MediaType($0) }
            descriptor.annotations = ["number": "\(number)"]
            registry.list(descriptor, under: image.digest)
        }
        let others = try #require(try await document(registry)["attachments"]?.array)
        #expect(others.map { $0["artifactType"] } == ["application/spdx+json", .null, "application/spdx+json"])
        #expect(others.first?["annotations"] == ["number": "1"])
        let tree = await run(["r.example/web:v1"], registry).output
        #expect(tree.contains("├── application/spdx+json\n│   ├── sha256:"))
        #expect(tree.contains("└── (no type)\n    └── sha256:"))
    }

    @Test("a malformed, an altered and a foreign signature are listed with the reason, and hide no other")
    func problems() async throws {
        let registry = ImagesInMemory()
        let chain = try TestChain.make()
        let image = try registry.push("r.example/web:v1", signedBy: [chain])
        let other = try registry.push("r.example/other:v1")
        func attach(_ envelope: [UInt8]) throws {
            try registry.attach(TestSignature(subject: image, envelope: envelope, mediaType: .jose), to: image)
        }
        try attach(Array("rubbish".utf8))
        try attach(try TestSignature.sign(other, chain: chain).envelope)
        let altered = try JSONParser().parse(try TestSignature.sign(image, chain: chain).envelope)
        var members = try #require(altered.object)
        members["payload"] = "e30"
        try attach(JSONSerializer().bytes(.object(members)))
        try registry.attach(try TestSignature.sign(other, chain: chain), to: image)
        let signatures = try #require(try await document(registry)["signatures"]?.array)
        let problems = signatures.map { $0["problem"]?.string ?? "" }
        #expect(problems.count == 5)
        #expect(problems[0].isEmpty)
        #expect(problems[1].contains("JSON") && signatures[1]["algorithm"] == .null)
        #expect(problems[2] == "it signs other content than the image it is attached to")
        #expect(problems[3].contains("does not match the content") && signatures[3]["target"] == .null)
        #expect(problems[4].contains("no signature of this image"))
        let tree = await run(["r.example/web:v1"], registry).output
        #expect(tree.contains("├── problem: it signs other content"))
    }

    @Test("what others wrote cannot move the cursor, neither in the tree nor in the JSON")
    func hostileText() async throws {
        let registry = ImagesInMemory()
        let hostile = "a\u{1B}[2J\u{7F}\u{9B}b\u{202E}c\nd\u{E0001}"
        let image = try registry.push(
            "r.example/web:v1",
            signedBy: [try TestChain.make()],
            annotations: [hostile: hostile]
        )
        var descriptor = Descriptor(of: Array("x".utf8), mediaType: MediaType(hostile))
        descriptor.artifactType = MediaType(hostile)
        descriptor.annotations = [hostile: hostile]
        registry.list(descriptor, under: image.digest)
        for arguments in [["-o", "json"], []] {
            let output = await run(["r.example/web:v1"] + arguments, registry).output
            for scalar in output.unicodeScalars where scalar != "\n" {
                let category = scalar.properties.generalCategory
                #expect(category != .control && category != .format && category != .unassigned, "\(scalar.value)")
            }
        }
        let list = try await document(registry)
        #expect(list["attachments"]?.array?.first?["artifactType"] == .string(hostile))
    }

    @Test("--max-signatures bounds what is looked at, and the rest is counted")
    func bound() async throws {
        let registry = ImagesInMemory()
        try registry.push("r.example/web:v1", signedBy: try (0..<3).map { try TestChain.make(number: $0) })
        let list = try await document(registry, ["--max-signatures", "2"])
        #expect(list["signatures"]?.array?.count == 2 && list["unseenSignatures"] == 1)
        let tree = await run(["r.example/web:v1", "--max-signatures", "1"], registry).output
        #expect(tree.contains("2 more signatures were not looked at"))
        #expect(await run(["r.example/web:v1", "--max-signatures", "0"], registry).status == 2)
    }

    @Test("what cannot be listed has a status of its own, and a sentence")
    func failures() async throws {
        let registry = ImagesInMemory(silentHosts: ["slow.example"], unreachableHosts: ["down.example"])
        #expect(await run(["r.example/none:v1"], registry).status == 1)
        let down = await run(["down.example/x:v1"], registry)
        #expect(down.status == 3 && down.errors.contains("connection refused"))
        #expect(await run(["Not An Image"], registry).status == 2)
        #expect(await run(["r.example/x:v1", "-u", "me"], registry).status == 2)
        #expect(await run([], registry).status == 2)
        #expect(await run(["--help"], registry).output.contains("NOTHING HERE IS JUDGED"))
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = registry
        surroundings.clock = InstantClock()
        let slow = await CommandRun(["list", "slow.example/x:v1", "--timeout", "2s"], in: surroundings)
        #expect(slow.status == 3 && slow.errors.contains("within 2s"))
    }
}
