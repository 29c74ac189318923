import JSONModel
import OCIModel
import Testing

@Suite struct ManifestTests {
    private static let digest = Digest.of([1])
    private static let layer: JSONValue = [
        "mediaType": "application/jose+json", "digest": .string(digest.description), "size": 1,
    ]

    private func manifest(_ changes: [String: JSONValue?] = [:]) -> [UInt8] {
        var members: [String: JSONValue] = [
            "schemaVersion": 2, "mediaType": .string(MediaType.ociManifest.rawValue),
            "artifactType": "application/vnd.cncf.notary.signature",
            "config": [
                "mediaType": "application/vnd.oci.empty.v1+json", "digest": .string(Self.digest.description), "size": 2,
            ],
            "layers": [Self.layer], "subject": Self.layer, "annotations": ["a": "b"],
        ]
        for (key, value) in changes { members[key] = value }
        return JSONSerializer().bytes(.object(members))
    }

    @Test("an artifact manifest is read with its subject and type")
    func image() throws {
        guard case .image(let image) = try Manifest(bytes: manifest(), contentType: .ociManifest) else {
            Issue.record("not an image manifest")
            return
        }
        #expect(image.artifactType == .notarySignature && image.declaresArtifactType)
        #expect(image.layers.map(\.mediaType) == [.jose])
        #expect(image.subject?.digest == Self.digest)
        #expect(image.annotations == ["a": "b"])
    }

    @Test("a manifest of very many small values is refused, as each would take a hundred times its bytes once read")
    func manyValues() throws {
        let few = JSONValue.array(Array(repeating: .object([:]), count: 100_000))
        #expect(throws: Never.self) { try Manifest(bytes: manifest(["x": few]), contentType: .ociManifest) }
        let many = JSONValue.array(Array(repeating: .object([:]), count: Manifest.maximumValues))
        #expect(throws: OCIError.self) { try Manifest(bytes: manifest(["x": many]), contentType: .ociManifest) }
    }

    @Test("without artifactType the config's media type counts, as registries report it")
    func configType() throws {
        guard
            case .image(let image) = try Manifest(
                bytes: manifest(["artifactType": .some(nil)]),
                contentType: .ociManifest
            )
        else { return }
        #expect(image.artifactType == .ociEmpty && !image.declaresArtifactType)
    }

    @Test(
        "ambiguous, mislabelled and malformed manifests are refused",
        arguments: [
            ["manifests": []], ["mediaType": "application/vnd.oci.image.index.v1+json"], ["config": .some(nil)],
            ["layers": [["mediaType": "x", "digest": "sha256:zz", "size": 1]]],
            ["layers": [["mediaType": "x", "digest": .string(Self.digest.description), "size": -1]]],
            ["subject": "text"], ["annotations": ["a": 1]],
        ] as [[String: JSONValue?]]
    )
    func refused(_ changes: [String: JSONValue?]) {
        #expect(throws: OCIError.self) { try Manifest(bytes: manifest(changes), contentType: .ociManifest) }
    }

    @Test("a type that is neither image nor index is refused, and so is a duplicate member")
    func unsupported() {
        #expect(throws: OCIError.self) {
            try Manifest(
                bytes: Array("{}".utf8),
                contentType: MediaType("application/vnd.docker.distribution.manifest.v1+json")
            )
        }
        #expect(throws: OCIError.self) {
            try Manifest(bytes: Array(#"{"manifests":[],"manifests":[]}"#.utf8), contentType: .ociIndex)
        }
    }

    @Test("an index lists its manifests with their platforms, in order")
    func index() throws {
        func entry(_ os: String, _ architecture: String, _ variant: String? = nil) -> JSONValue {
            Descriptor(
                mediaType: .ociManifest,
                digest: Digest.of(Array("\(os)\(architecture)".utf8)),
                size: 3,
                platform: Platform(os: os, architecture: architecture, variant: variant)
            ).json
        }
        let body: JSONValue = [
            "manifests": [entry("linux", "amd64"), entry("linux", "arm64", "v8"), entry("unknown", "unknown")]
        ]
        guard case .index(let index) = try Manifest(bytes: JSONSerializer().bytes(body), contentType: .ociIndex) else {
            return
        }
        let platforms = index.manifests.map { $0.platform?.description }
        #expect(platforms == ["linux/amd64", "linux/arm64/v8", "unknown/unknown"])
    }
}
