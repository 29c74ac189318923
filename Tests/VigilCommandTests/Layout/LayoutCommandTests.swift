import Foundation
import JSONModel
import OCIModel
import SigningTestKit
import Testing

@testable import VigilCommand

@Suite("vigil verify --oci-layout")
struct LayoutCommandTests {
    private let scene: LayoutScene

    init() throws { scene = try LayoutScene() }

    private func reason(_ reference: String, _ arguments: [String] = []) async throws -> String? {
        let run = try await scene.verify(reference, arguments)
        return try LayoutScene.image(run)["reason"]?.string ?? "\(run.errors)"
    }

    // MARK: What is found

    @Test("an image is named by tag, by digest, or by nothing where it is the only one, and judged as one of its scope")
    func names() async throws {
        let image = try scene.image("web", tag: "v1")
        try scene.sign(image)
        for reference in [":v1", "@\(image.digest)", ""] {
            let run = try await scene.verify(reference)
            let found = try LayoutScene.image(run)
            #expect(run.status == 0, "\(run.errors)\(run.output)")
            #expect(found["image"]?.string?.hasPrefix(LayoutScene.scope) == true)
            #expect(found["digest"]?.string == "\(image.digest)")
            #expect(!run.errors.contains("can be moved") || reference == ":v1")
        }
        try scene.image("other", tag: "v2")
        let run = try await scene.verify("")
        #expect(run.status == 2 && run.errors.contains("names more than one image"), "\(run.errors)")
        #expect(run.errors.contains("v1, v2"))
        #expect(try await reason(":v2") == "NoSignature")
        #expect(try await reason(":v3") == "ImageNotFound")
        #expect(try await reason("@\(Digest.of([1]))") == "ImageNotFound")
    }

    @Test("signatures are found by their subject, listed or behind an index, and under the tag that is kept for them")
    func signatures() async throws {
        let image = try scene.image("web", tag: "v1")
        let signature = try scene.sign(image, isListed: false)
        #expect(try await reason(":v1") == "NoSignature")
        var listed = Descriptor(of: signature.manifest, mediaType: .ociManifest)
        listed.artifactType = .notarySignature
        let tag = "sha256-\(image.digest.hex)"
        try scene.index([listed], tag: tag)
        #expect(try await reason(":v1") == "Verified")
        // The type that the manifest has counts, not the one that is listed.
        scene.entries.removeLast()
        listed.artifactType = MediaType("application/x")
        try scene.index([listed], tag: tag)
        #expect(try await reason(":v1") == "Verified")
    }

    @Test("an index vouches for a platform manifest that it lists, also where only the index is listed")
    func indexes() async throws {
        let image = try scene.image("web", isListed: false)
        let index = try scene.index([image], tag: "v1")
        try scene.sign(index)
        let run = try await scene.verify("@\(image.digest)")
        let found = try LayoutScene.image(run)
        #expect(run.status == 0 && found["verifiedManifest"] == "Index", "\(run.output)")
        #expect(found["verifiedDigest"]?.string == "\(index.digest)")
        #expect(try await reason(":v1") == "Verified")
    }

    // MARK: Hostile layouts

    @Test("altered blobs are what altered blobs in a registry are")
    func altered() async throws {
        let image = try scene.image("web", tag: "v1")
        let signature = try scene.sign(image)
        func alter(_ bytes: [UInt8], _ content: [UInt8]) throws {
            try scene.folder.write("layout/\(LayoutScene.name(Digest.of(bytes)))", content)
        }
        try alter(signature.envelope, Array(signature.envelope.reversed()))
        #expect(try await reason(":v1") == "SignatureInvalid")
        try alter(signature.envelope, signature.envelope + [0x20])
        #expect(try await reason(":v1") == "SignatureInvalid")
        try alter(signature.envelope, signature.envelope)
        try alter(signature.manifest, signature.manifest + [0x20])
        #expect(try await reason(":v1") == "SignatureInvalid")
        try alter(signature.manifest, signature.manifest)
        #expect(try await reason(":v1") == "Verified")
        let other = try scene.image("other")
        try FileManager.default.removeItem(atPath: "\(scene.layout)/\(LayoutScene.name(image.digest))")
        try FileManager.default.copyItem(
            atPath: "\(scene.layout)/\(LayoutScene.name(other.digest))",
            toPath: "\(scene.layout)/\(LayoutScene.name(image.digest))"
        )
        #expect(try await reason(":v1") == "DigestMismatch")
    }

    @Test("a blob has the size that is announced, and no more than is read of one", arguments: [1, 5 << 20])
    func sizes(surplus: Int64) async throws {
        let image = try scene.image("web", tag: "v1")
        let signature = try scene.sign(image, isListed: false)
        guard case .object(var members) = try JSONParser().parse(signature.manifest),
            case .object(var layer)? = members["layers"]?.array?.first, let size = layer["size"]?.integer
        else {
            Issue.record("the signature's manifest has a layer")
            return
        }
        layer["size"] = .integer(size + surplus)
        members["layers"] = .array([.object(layer)])
        try scene.push(JSONSerializer().bytes(.object(members)))
        #expect(try await reason(":v1") == (surplus == 1 ? "SignatureInvalid" : "EvidenceMalformed"))
        try scene.sign(image)
        #expect(try await reason(":v1") == "Verified")
    }

    @Test("what refers to an image and is no signature takes no signature's place")
    func otherReferrers() async throws {
        let image = try scene.image("web", tag: "v1")
        let signature = try scene.sign(image, isListed: false)
        guard case .object(var members) = try JSONParser().parse(signature.manifest) else { return }
        for number in 0...100 {
            members["artifactType"] = "application/vnd.example.sbom"
            members["annotations"] = ["number": .string("\(number)")]
            try scene.push(JSONSerializer().bytes(.object(members)))
        }
        try scene.push(signature.manifest)
        #expect(try await reason(":v1") == "Verified")
    }

    @Test("a manifest that is too large is one that cannot be used, and no outage")
    func large() async throws {
        let image = try scene.image("web", tag: "v1")
        let signature = try scene.sign(image)
        let bytes = signature.manifest + Array(repeating: 0x20, count: Manifest.maximumBytes)
        try scene.folder.write("layout/\(LayoutScene.name(Digest.of(signature.manifest)))", bytes)
        scene.entries[1].artifactType = .notarySignature
        try scene.index([scene.entries[1]], tag: "sha256-\(image.digest.hex)")
        #expect(try await reason(":v1") == "EvidenceMalformed")
    }

    @Test("nothing behind a symbolic link, and nothing but files, is read")
    func links() async throws {
        let image = try scene.image("web", tag: "v1")
        try scene.sign(image)
        #expect(try await reason(":v1") == "Verified")
        let blob = "\(scene.layout)/\(LayoutScene.name(image.digest))"
        let elsewhere = "\(scene.folder.path)/elsewhere"
        try FileManager.default.moveItem(atPath: blob, toPath: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: blob, withDestinationPath: elsewhere)
        #expect(try await reason(":v1") == "RegistryUnreachable")
        try FileManager.default.removeItem(atPath: blob)
        // Reading a pipe would wait for ever.
        #expect(mkfifo(blob, 0o600) == 0)
        #expect(try await reason(":v1") == "RegistryUnreachable")
        try FileManager.default.removeItem(atPath: blob)
        try FileManager.default.moveItem(atPath: elsewhere, toPath: blob)
        let blobs = "\(scene.layout)/blobs"
        try FileManager.default.moveItem(atPath: blobs, toPath: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: blobs, withDestinationPath: elsewhere)
        #expect(try await reason(":v1") == "RegistryUnreachable")
        try FileManager.default.removeItem(atPath: blobs)
        #expect(try await reason(":v1") == "ImageNotFound")
        try FileManager.default.moveItem(atPath: elsewhere, toPath: blobs)
        for name in ["index.json", "oci-layout"] {
            let file = "\(scene.layout)/\(name)"
            try FileManager.default.moveItem(atPath: file, toPath: elsewhere)
            try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: elsewhere)
            let run = await scene.run(":v1")
            #expect(run.status == 2 && run.errors.contains("\(name) cannot be read"), "\(run.errors)")
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.moveItem(atPath: elsewhere, toPath: file)
        }
    }

    @Test("what is no layout, or too large a one, is refused with what is wrong")
    func refused() async throws {
        try scene.image("web", tag: "v1")
        #expect(try await reason(":v1") == "NoSignature")
        func refusal(_ name: String, _ content: String) async throws -> String {
            let file = "\(scene.layout)/\(name)"
            let before = try Data(contentsOf: URL(filePath: file))
            try Data(content.utf8).write(to: URL(filePath: file))
            let run = await scene.run(":v1")
            try before.write(to: URL(filePath: file))
            return "\(run.status) \(run.errors)"
        }
        for content in ["", "{}", #"{"imageLayoutVersion":"2.0.0"}"#, "[]"] {
            #expect(try await refusal("oci-layout", content).hasPrefix("2 "), "\(content)")
        }
        let padding = String(repeating: " ", count: 5000)
        #expect(try await refusal("oci-layout", #"{"imageLayoutVersion":"1.0.0"}"# + padding).contains("larger than"))
        for content in ["", "[]", "{}", #"{"manifests":7}"#, #"{"manifests":[{}]}"#] {
            #expect(try await refusal("index.json", content).hasPrefix("2 "), "\(content)")
        }
        let huge = #"{"manifests":[]}"# + String(repeating: " ", count: Manifest.maximumBytes)
        #expect(try await refusal("index.json", huge).contains("larger than"))
        let entry = Descriptor(of: [1], mediaType: .ociManifest)
        let many = (0...ImageIndex.maximumManifests).map { _ in entry }
        let list = String(decoding: LayoutScene.index(many), as: UTF8.self)
        #expect(try await refusal("index.json", list).contains("lists more than"))
        try FileManager.default.removeItem(atPath: "\(scene.layout)/oci-layout")
        #expect(await scene.run(":v1").errors.contains("oci-layout is missing"))
    }

    @Test("indexes in a circle and in a deep row come to an end, and too many manifests are refused")
    func bounds() throws {
        let files = LayoutFiles(path: scene.layout)
        // Blobs are not compared with digests while the graph is read, so two may list each other.
        let (first, second) = (Digest.of([1]), Digest.of([2]))
        for (digest, other) in [(first, second), (second, first)] {
            let entry = Descriptor(mediaType: .ociIndex, digest: other, size: 1)
            try scene.folder.write("layout/\(LayoutScene.name(digest))", LayoutScene.index([entry]))
        }
        func graph(_ entries: [Descriptor]) throws -> LayoutGraph {
            let json = try JSONParser().parse(LayoutScene.index(entries))
            return try LayoutGraph(try ImageIndex(json: json, mediaType: .ociIndex), files)
        }
        #expect(try graph([Descriptor(mediaType: .ociIndex, digest: first, size: 1)]).descriptors.count == 2)
        var entry = try scene.image("deep")
        for _ in 0..<8 { entry = try scene.index([entry]) }
        #expect(try graph([entry]).descriptors.count == LayoutGraph.maximumDepth + 2)
        let many = (0...LayoutGraph.maximumManifests).map {
            Descriptor(of: Array("\($0)".utf8), mediaType: .ociManifest)
        }
        // What is not there costs a look, and no more.
        #expect(try graph(many).descriptors.count == many.count)
        for descriptor in many { try scene.folder.write("layout/\(LayoutScene.name(descriptor.digest))", "{}") }
        #expect(throws: InputError.self) { try graph(many) }
    }

    @Test("a tag that two manifests have is refused, and a type that the bytes deny too")
    func ambiguous() async throws {
        try scene.image("web", tag: "v1")
        try scene.image("other", tag: "v1")
        #expect(try await reason(":v1") == "RegistryMalformed")
        let image = try scene.image("third", tag: "v3", isListed: false)
        var lie = image
        lie.mediaType = .ociIndex
        scene.entries.append(lie)
        #expect(try await reason(":v3") == "RegistryMalformed")
    }

    // MARK: The command line

    @Test("a reference is a folder, with a tag or a digest behind its last component")
    func references() throws {
        let digest = Digest.of([1])
        func parts(_ text: String) throws -> [String?] {
            let reference = try LayoutReference(text)
            return [reference.path, reference.tag, reference.digest?.description]
        }
        #expect(try parts("a/b") == ["a/b", nil, nil])
        #expect(try parts("a:b/c:v1") == ["a:b/c", "v1", nil])
        #expect(try parts("a@b/c@\(digest)") == ["a@b/c", nil, "\(digest)"])
        #expect(try parts("a/b/") == ["a/b/", nil, nil])
        #expect(try parts("a:b/c") == ["a:b/c", nil, nil])
        #expect(try parts("a@b/c:v1") == ["a@b/c", "v1", nil])
        for text in ["", ":v1", "@\(digest)", "a@sha256:1"] {
            #expect(throws: InputError.self, "\(text)") { try LayoutReference(text) }
        }
        let repository = try RepositoryName(LayoutScene.scope)
        for text in ["a:", "a: ", "a:v1@x", "a:\(String(repeating: "t", count: 129))"] {
            #expect(throws: InputError.self, "\(text)") { try LayoutReference(text).image(in: repository) }
        }
    }

    @Test("a layout is judged alone, under a repository that policies know it by")
    func arguments() async {
        for arguments in [
            ["--oci-layout", "x"], ["--scope", "r.example/a", "r.example/a:v1"],
            ["--oci-layout", "x", "--scope", "a"], ["--oci-layout", "x", "--scope", "r.example/a", "r.example/a:v1"],
            ["--oci-layout", "x", "--scope", "r.example/a", "--bundle", "b"],
        ] {
            let run = await CommandRun(["verify"] + arguments, in: CommandRun.Surroundings())
            #expect(run.status == 2, "\(arguments) \(run.errors)")
        }
    }
}
