import FoundationEssentials
import ImageTrust
import JSONModel
import OCIModel
import OCIRegistry
import SigningTestDescriptors
import SigningTestKit
import TrustModel

/// A registry with one image in it, a signer and a policy that trusts the signer; a test changes what it is about.
struct TrustScene {
    /// 1 June 2026: inside every validity that the test kit makes by default.
    static let now = Date(timeIntervalSince1970: 1_780_272_000)

    let registry = ScriptedRegistry()
    let repository: RepositoryName
    let chain: TestChain
    /// The image: an unsigned manifest.
    let image: Descriptor

    init() throws {
        repository = try RepositoryName("\(ScriptedRegistry.host)/shop/web")
        chain = try TestChain.make()
        image = try registry.push(Self.manifest("web"), as: .ociManifest, tag: "v1")
    }

    /// The image, pinned to its digest.
    var pinned: ImageReference { ImageReference(repository: repository, digest: image.digest) }
    /// A stranger's chain: another root, another key.
    func stranger() throws -> TestChain { try TestChain.make(number: 1) }

    // MARK: Content

    /// The manifest of an image; different names give different digests.
    static func manifest(_ name: String) -> [UInt8] {
        let config = Descriptor(of: Array("config of \(name)".utf8), mediaType: .ociConfig)
        return JSONSerializer().bytes([
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue), "config": config.json,
            "layers": .array([]),
        ])
    }

    /// An index of `entries`.
    static func index(_ entries: [Descriptor]) -> [UInt8] {
        JSONSerializer().bytes([
            "schemaVersion": 2, "mediaType": .string(MediaType.ociIndex.rawValue),
            "manifests": .array(entries.map(\.json)),
        ])
    }

    /// Stores a manifest for each platform, `nil` for an entry without one, and returns the entries for an index.
    func push(platforms: [String?]) throws -> [Descriptor] {
        try platforms.enumerated().map { number, platform in
            var entry = try registry.push(Self.manifest("\(number) \(platform ?? "any")"), as: .ociManifest)
            entry.platform = try platform.map { try Platform($0) }
            return entry
        }
    }

    /// Signs `subject`, as the policy demands unless another chain is given.
    @discardableResult
    func sign(
        _ subject: Descriptor,
        by chain: TestChain? = nil,
        format: TestSignature.Format = .jws,
        request: SigningRequest? = nil
    ) throws -> TestSignature {
        let signature = try TestSignature.sign(subject, chain: chain ?? self.chain, format: format, request: request)
        try registry.attach(signature, to: subject)
        return signature
    }

    /// Attaches the manifest of a would-be signature, of any shape.
    @discardableResult
    func attach(
        _ members: [String: JSONValue],
        to subject: Descriptor,
        as mediaType: MediaType = .ociManifest
    ) throws -> Digest {
        var all: [String: JSONValue] = [
            "schemaVersion": 2, "mediaType": .string(mediaType.rawValue),
            "artifactType": .string(MediaType.notarySignature.rawValue),
            "config": Descriptor(of: TestSignature.config, mediaType: .ociEmpty).json, "layers": .array([]),
            "subject": subject.json,
        ]
        all.merge(members) { $1 }
        var descriptor = try registry.push(JSONSerializer().bytes(.object(all)), as: mediaType)
        descriptor.artifactType = .notarySignature
        registry.list(descriptor, under: subject.digest)
        return descriptor.digest
    }

    // MARK: Policies

    func trust(_ chain: TestChain? = nil, level: VerificationLevel = .strict) -> NotaryTrust {
        guard level != .skip else { return NotaryTrust(level: .skip) }
        return NotaryTrust(
            level: level,
            trustedIdentities: ["x509.subject: C=US, ST=WA, O=Example"],
            trustStores: [TrustStore(kind: .ca, name: "acme", certificates: [(chain ?? self.chain).root.der])]
        )
    }

    func authority(
        _ name: String = "acme",
        _ chain: TestChain? = nil,
        level: VerificationLevel = .strict
    ) -> Authority {
        Authority(name: name, source: .notary(trust(chain, level: level)))
    }

    func policy(
        _ name: String = "shop",
        _ authorities: [Authority]? = nil,
        require: Requirement = .any,
        decisions: [Decision] = [],
        scope: ImageScope = ImageScope(),
        revision: String = ""
    ) throws -> PreparedPolicy {
        try PreparedPolicy(
            Policy(
                name: PolicyName(kind: .trustPolicy, namespace: "shop", name: name),
                scope: scope,
                authorities: authorities ?? [authority()],
                require: require,
                decisions: decisions
            ),
            revision: revision
        )
    }

    /// Judges an image, the pinned one unless another is given, under the usual policy unless others are given.
    func judge(
        _ reference: ImageReference? = nil,
        platform: String? = nil,
        indexes: Set<Digest> = [],
        policies: [PreparedPolicy]? = nil,
        memory: IndexMemory? = nil,
        now: Date = TrustScene.now
    ) async throws -> ImageJudgement {
        let policies = try policies ?? [policy()]
        let context = ImageContext(platform: try platform.map { try Platform($0) }, indexes: indexes)
        return await ImageJudge(registry: registry, indexes: memory)
            .judge(reference ?? pinned, in: context, policies: policies, now: now)
    }
}
