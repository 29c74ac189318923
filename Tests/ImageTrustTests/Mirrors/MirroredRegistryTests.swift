import EmbeddedRegistry
import OCIModel
import OCIRegistry
import OutboundHTTP
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel

@testable import ImageTrust

/// An image whose signatures are at its origin, at a mirror or at both, over HTTP.
@Suite(.timeLimit(.minutes(5))) struct MirroredRegistryTests {
    /// Where something is.
    enum Place: String, CaseIterable {
        case origin, mirror
    }

    /// What is where, and what follows.
    struct Case: CustomTestStringConvertible, Sendable {
        var evidence: RegistryMirror.Evidence
        /// Where the image is.
        var image: Set<Place> = [.origin, .mirror]
        var signed: Set<Place> = []
        /// Which place does not answer.
        var down: Place?
        var verdict: Verdict
        var reason: Reason
        /// Who is asked.
        var asked: Set<Place>

        var testDescription: String {
            "\(evidence), image at \(image), signed at \(signed), \(down.map { "\($0) down" } ?? "all up")"
        }
    }

    static let cases: [Case] = [
        // The origin alone.
        Case(evidence: .origin, signed: [.origin], verdict: .trusted, reason: .verified, asked: [.origin]),
        Case(evidence: .origin, signed: [.mirror], verdict: .unknown, reason: .noSignature, asked: [.origin]),
        Case(
            evidence: .origin,
            signed: [.origin],
            down: .mirror,
            verdict: .trusted,
            reason: .verified,
            asked: [.origin]
        ),
        Case(
            evidence: .origin,
            signed: [.mirror],
            down: .origin,
            verdict: .unknown,
            reason: .registryUnreachable,
            asked: []
        ),
        // The mirror alone.
        Case(evidence: .mirror, signed: [.mirror], verdict: .trusted, reason: .verified, asked: [.mirror]),
        Case(evidence: .mirror, signed: [.origin], verdict: .unknown, reason: .noSignature, asked: [.mirror]),
        Case(
            evidence: .mirror,
            signed: [.mirror],
            down: .origin,
            verdict: .trusted,
            reason: .verified,
            asked: [.mirror]
        ),
        Case(
            evidence: .mirror,
            signed: [.origin],
            down: .mirror,
            verdict: .unknown,
            reason: .registryUnreachable,
            asked: []
        ),
        // Both.
        Case(
            evidence: .both,
            signed: [.origin],
            verdict: .trusted,
            reason: .verified,
            asked: [.origin, .mirror]
        ),
        Case(
            evidence: .both,
            signed: [.mirror],
            verdict: .trusted,
            reason: .verified,
            asked: [.origin, .mirror]
        ),
        Case(evidence: .both, verdict: .unknown, reason: .noSignature, asked: [.origin, .mirror]),
        Case(
            evidence: .both,
            image: [.origin],
            signed: [.origin],
            verdict: .trusted,
            reason: .verified,
            asked: [.origin, .mirror]
        ),
        Case(
            evidence: .both,
            image: [.mirror],
            signed: [.mirror],
            verdict: .trusted,
            reason: .verified,
            asked: [.origin, .mirror]
        ),
        Case(
            evidence: .both,
            image: [],
            verdict: .unknown,
            reason: .imageNotFound,
            asked: [.origin, .mirror]
        ),
        // An outage of one of them is none of "unsigned", wherever the signature is.
        Case(
            evidence: .both,
            signed: [.origin],
            down: .mirror,
            verdict: .unknown,
            reason: .registryUnreachable,
            asked: [.origin]
        ),
        Case(
            evidence: .both,
            signed: [.origin],
            down: .origin,
            verdict: .unknown,
            reason: .registryUnreachable,
            asked: [.mirror]
        ),
    ]

    private static func push(_ scene: TrustScene, to server: EmbeddedRegistry) throws {
        try server.push(blob: Array("config of web".utf8), mediaType: .ociConfig, to: "shop/web")
        try server.push(manifest: TrustScene.manifest("web"), to: "shop/web", tag: "v1")
    }

    private static func sign(_ scene: TrustScene, at server: EmbeddedRegistry) throws {
        let signature = try TestSignature.sign(scene.image, chain: scene.chain)
        try server.push(blob: TestSignature.config, mediaType: .ociEmpty, to: "shop/web")
        try server.push(blob: signature.envelope, to: "shop/web")
        try server.push(manifest: signature.manifest, to: "shop/web")
    }

    @Test("who is asked, and what an outage of one of them means", arguments: cases)
    func judgements(_ example: Case) async throws {
        let scene = try TrustScene()
        try await EmbeddedRegistry.with { origin in
            try await EmbeddedRegistry.with { mirror in
                let servers = [Place.origin: origin, .mirror: mirror]
                for (place, server) in servers where example.image.contains(place) { try Self.push(scene, to: server) }
                for (place, server) in servers where example.signed.contains(place) {
                    try Self.sign(scene, at: server)
                }
                // It keeps its port: another server could get that.
                if let down = example.down { servers[down]?.inject(.reset, target: "/v2/") }
                let mirrors = try RegistryMirrors([
                    try #require(RegistryMirror("\(origin.host)=\(mirror.host)=\(example.evidence.rawValue)"))
                ])
                try await OutboundHTTPClient.with { http in
                    var configuration = RegistryConfiguration()
                    configuration.usesPlainHTTPEverywhere = true
                    configuration.retry = .never
                    let client = RegistryClient(http: http, configuration: configuration)
                    let judge = ImageJudge(
                        registry: mirrors.registry(over: CachingRegistry(client, cache: ContentCache()))
                    )
                    // However the pod names it, the image is the origin's.
                    for host in [origin.host, mirror.host] {
                        let image = mirrors.origin(
                            of: ImageReference(
                                repository: try RepositoryName(registry: host, path: "shop/web"),
                                digest: scene.image.digest
                            )
                        )
                        #expect(image.repository.registry == origin.host)
                        let judgement = await judge.judge(
                            image,
                            policies: [try scene.policy()],
                            now: TrustScene.now
                        )
                        #expect(judgement.verdict == example.verdict && judgement.reason == example.reason)
                    }
                }
                let asked = servers.filter { !$0.value.requests.isEmpty }.keys
                #expect(Set(asked.filter { $0 != example.down }) == example.asked)
                if let down = example.down { #expect(asked.contains(down) == example.evidence.includes(down)) }
            }
        }
    }

    /// A registry for each host.
    private struct Hosts: ImageRegistry {
        var registries: [String: ScriptedRegistry]

        private func registry(_ repository: RepositoryName) -> ScriptedRegistry {
            registries[repository.registry] ?? ScriptedRegistry()
        }

        func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
            try await registry(reference.repository).resolve(reference)
        }

        func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
            try await registry(repository).manifest(repository, digest)
        }

        func blob(
            _ repository: RepositoryName,
            _ descriptor: Descriptor,
            limit: Int
        ) async throws(RegistryError) -> [UInt8] {
            try await registry(repository).blob(repository, descriptor, limit: limit)
        }

        func referrers(
            _ repository: RepositoryName,
            to subject: Digest,
            artifactType: MediaType?
        ) async throws(RegistryError) -> [Descriptor] {
            try await registry(repository).referrers(repository, to: subject, artifactType: artifactType)
        }

        func target(
            _ repository: RepositoryName,
            of tag: String,
            within age: Duration
        ) async throws(RegistryError) -> Digest {
            try await registry(repository).target(repository, of: tag, within: age)
        }
    }

    /// A mirror in front of the scene's registry, asked with the origin.
    private func pair(_ scene: TrustScene) throws -> (ScriptedRegistry, any ImageRegistry) {
        let mirror = ScriptedRegistry()
        let mirrors = try RegistryMirrors([
            try #require(RegistryMirror("\(ScriptedRegistry.host)=mirror.example=both"))
        ])
        let hosts = Hosts(registries: [ScriptedRegistry.host: scene.registry, "mirror.example": mirror])
        return (mirror, mirrors.registry(over: hosts))
    }

    @Test(
        "content comes from the mirror, else from the origin; only what neither has is not there",
        arguments: [
            // What each answers, and what that comes to; nil has it.
            (nil, nil, nil), (.notFound, nil, nil), (.unreachable, nil, nil), (.digestMismatch, nil, nil),
            (.unauthorized, nil, nil), (.notFound, .notFound, .notFound), (.unreachable, .notFound, .unreachable),
            (.notFound, .unreachable, .unreachable), (.digestMismatch, .notFound, .digestMismatch),
            (.repositoryNotFound, .throttled, .throttled), (.cancelled, nil, .cancelled),
        ] as [(RegistryError.Code?, RegistryError.Code?, RegistryError.Code?)]
    )
    func content(_ mirrored: RegistryError.Code?, _ original: RegistryError.Code?, _ expected: RegistryError.Code?)
        async throws
    {
        let scene = try TrustScene()
        let (mirror, registry) = try pair(scene)
        try mirror.push(TrustScene.manifest("web"), as: .ociManifest)
        mirror.fail(.manifest(scene.image.digest), mirrored)
        scene.registry.fail(.manifest(scene.image.digest), original)
        do {
            let fetched = try await registry.manifest(scene.repository, scene.image.digest)
            #expect(expected == nil && fetched.descriptor.digest == scene.image.digest)
            #expect(scene.registry.calls.isEmpty == (mirrored == nil))
        } catch {
            #expect(error.code == expected)
        }
    }

    @Test("the same signature at both places is listed once, and a tag means what the origin says")
    func lists() async throws {
        let scene = try TrustScene()
        let (mirror, registry) = try pair(scene)
        let signature = try scene.sign(scene.image)
        try mirror.attach(signature, to: scene.image)
        let other = try TestSignature.sign(scene.image, chain: scene.chain, format: .cose)
        try mirror.attach(other, to: scene.image)
        let listed = try await registry.referrers(scene.repository, to: scene.image.digest, artifactType: nil)
        #expect(listed.map(\.digest) == [signature.descriptor.digest, other.descriptor.digest])
        try mirror.push(TrustScene.manifest("old"), as: .ociManifest, tag: "v1")
        let tagged = try await registry.resolve(ImageReference(repository: scene.repository, tag: "v1"))
        #expect(tagged.descriptor.digest == scene.image.digest)
        #expect(try await registry.target(scene.repository, of: "v1", within: .zero) == scene.image.digest)
    }

    @Test("the mirror is shown the pull secret for the mirror, the origin that for the origin")
    func credentials() async throws {
        let scene = try TrustScene()
        let mirrors = try RegistryMirrors([
            try #require(RegistryMirror("\(ScriptedRegistry.host)=mirror.example=both"))
        ])
        let text = """
            {"\(ScriptedRegistry.host)":{"username":"origin","password":"p"},\
            "mirror.example":{"username":"mirror","password":"p"}}
            """
        let keyring = try RegistryKeyring(Array(text.utf8), format: .legacy)
        let mirror = ScriptedRegistry()
        try mirror.push(TrustScene.manifest("web"), as: .ociManifest)
        let registries = PrincipalRegistries(
            shared: ScriptedRegistry(),
            credentialed: Users(registries: [
                "\(ScriptedRegistry.host) origin": scene.registry, "mirror.example mirror": mirror,
            ]),
            mirrors: mirrors
        )
        let access = try #require(registries.access(to: [scene.repository], with: keyring, now: TrustScene.now))
        _ = try await access.registry.manifest(scene.repository, scene.image.digest)
        #expect(mirror.calls == [.manifest(scene.image.digest)] && scene.registry.calls.isEmpty)
        _ = try await access.registry.referrers(scene.repository, to: scene.image.digest, artifactType: nil)
        #expect(mirror.calls.contains(.referrers(scene.image.digest)))
        #expect(scene.registry.calls.contains(.referrers(scene.image.digest)))
    }

    /// A registry for each host and user.
    private struct Users: CredentialedRegistries {
        var registries: [String: ScriptedRegistry]

        func registry(at host: String, with credential: RegistryCredential) -> any ImageRegistry {
            guard case .basic(let user, _) = credential else { return ScriptedRegistry() }
            return registries["\(host) \(user)"] ?? ScriptedRegistry()
        }
    }
}

extension RegistryMirror.Evidence {
    /// Whether a place is asked.
    fileprivate func includes(_ place: MirroredRegistryTests.Place) -> Bool {
        self == .both || (self == .origin) == (place == .origin)
    }
}
