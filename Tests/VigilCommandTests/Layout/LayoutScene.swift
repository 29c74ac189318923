import FoundationEssentials
import JSONModel
import OCIModel
import SigningTestDescriptors
import SigningTestKit

@testable import VigilCommand

/// An OCI image layout in a folder of its own, and a policy that trusts one chain.
final class LayoutScene {
    static let scope = "r.example/shop/web"

    let folder: TemporaryFolder
    let chain: TestChain
    /// What `index.json` lists.
    var entries: [Descriptor] = []

    init() throws {
        folder = try TemporaryFolder()
        chain = try TestChain.make()
        try folder.write("policy.yaml", PolicyText.trusting(chain, include: "r.example/*"))
        try folder.write("layout/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
    }

    var layout: String { "\(folder.path)/layout" }

    @discardableResult
    func put(_ bytes: [UInt8]) throws -> String {
        try folder.write("layout/\(Self.name(Digest.of(bytes)))", bytes)
    }

    static func name(_ digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

    /// Puts a manifest in, and lists it unless told otherwise.
    @discardableResult
    func push(_ bytes: [UInt8], as type: MediaType = .ociManifest, tag: String? = nil, isListed: Bool = true) throws
        -> Descriptor
    {
        try put(bytes)
        var descriptor = Descriptor(of: bytes, mediaType: type)
        if let tag { descriptor.annotations = [LayoutGraph.tagAnnotation: tag] }
        if isListed { entries.append(descriptor) }
        return descriptor
    }

    /// Puts an image in whose content depends on its name.
    @discardableResult
    func image(_ name: String, tag: String? = nil, isListed: Bool = true) throws -> Descriptor {
        let config = Descriptor(of: Array("config of \(name)".utf8), mediaType: .ociConfig)
        let manifest: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
            "layers": [],
        ]
        return try push(JSONSerializer().bytes(manifest), tag: tag, isListed: isListed)
    }

    /// Puts an index in.
    @discardableResult
    func index(_ entries: [Descriptor], tag: String? = nil) throws -> Descriptor {
        try push(Self.index(entries), as: .ociIndex, tag: tag)
    }

    static func index(_ entries: [Descriptor]) -> [UInt8] {
        JSONSerializer().bytes([
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue),
            "manifests": .array(entries.map(\.json)),
        ])
    }

    /// Signs a manifest.
    @discardableResult
    func sign(_ subject: Descriptor, isListed: Bool = true) throws -> TestSignature {
        let plain = Descriptor(mediaType: subject.mediaType, digest: subject.digest, size: subject.size)
        let signature = try TestSignature.sign(plain, chain: chain)
        try push(signature.manifest, isListed: isListed)
        try put(signature.envelope)
        return signature
    }

    /// Judges what `reference` names behind the folder, such as `:v1`.
    func verify(_ reference: String, _ arguments: [String] = []) async throws -> CommandRun {
        try folder.write("layout/index.json", Self.index(entries))
        return await run(reference, arguments)
    }

    /// The same with the `index.json` that is there.
    func run(_ reference: String, _ arguments: [String] = []) async -> CommandRun {
        let policy = ["--policy", "\(folder.path)/policy.yaml", "-o", "json"]
        let command = ["verify", "--oci-layout", layout + reference, "--scope", Self.scope]
        // No registry answers.
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = ImagesInMemory(unreachableHosts: ["r.example"])
        return await CommandRun(command + policy + arguments, in: surroundings)
    }

    /// The first image of a report.
    static func image(_ run: CommandRun) throws -> JSONValue {
        try JSONParser().parse(Array(run.output.utf8))["images"]?.array?.first ?? .null
    }
}
