import ImageTrust
import KubernetesAPI
import KubernetesRuntime
import OCIModel
import Testing
import TrustResources

@testable import TrustControllers

/// Images that pods pull from a mirror, by its name or by that of the origin.
struct MirroredImageTests {
    private static let digest = "sha256:\(String(repeating: "ab", count: 32))"

    private func subject(image: String, imageID: String, _ mirror: String) throws -> [String] {
        let running = try #require(RunningImage(image: image, imageID: imageID))
        let images = PodImages.images([PodImages.Container(name: "web", image: running)], on: nil)
        let pod = RunningPod(
            key: ObjectKey(namespace: "shop", name: "web-0"),
            uid: "1",
            resourceVersion: "1",
            value: PodImages(
                created: nil,
                labels: LabelSet([:]),
                images: images,
                pullSecrets: PullSecretReferences(Pod(metadata: ObjectMeta(name: "web-0")))
            )
        )
        let key = ObjectKey(namespace: "shop", name: try #require(images.first).verification)
        let mirrors = try RegistryMirrors([try #require(RegistryMirror(mirror))])
        let entries = [pod].entries(of: key.name)
        guard case .references(let references) = ImageGatherer.subject(of: entries, mirrors) else { return [] }
        return references.map(\.description)
    }

    @Test(
        "both names of a mirrored image are that of its origin",
        arguments: [
            ("nginx:1.27", "docker.io/library/nginx"), ("nginx:1.27", "mirror.example:5000/hub/library/nginx"),
            ("mirror.example:5000/hub/library/nginx:1.27", "mirror.example:5000/hub/library/nginx"),
            ("mirror.example:5000/hub/library/nginx:1.27", "docker.io/library/nginx"),
        ]
    )
    func names(_ image: String, _ reported: String) throws {
        let references = try subject(
            image: image,
            imageID: "\(reported)@\(Self.digest)",
            "docker.io=mirror.example:5000/hub=both"
        )
        #expect(references == ["docker.io/library/nginx:1.27@\(Self.digest)"])
    }

    @Test("an image of the mirror's own stays what it is")
    func own() throws {
        let references = try subject(
            image: "mirror.example:5000/tools/cat:1",
            imageID: "mirror.example:5000/tools/cat@\(Self.digest)",
            "docker.io=mirror.example:5000/hub=both"
        )
        #expect(references == ["mirror.example:5000/tools/cat:1@\(Self.digest)"])
    }
}
