import OCIModel
import Testing
import TrustControllers
import TrustModel

@Suite struct RunningImageTests {
    private static let hex = String(repeating: "0a", count: 32)

    @Test(
        "every form in which runtimes report an image from a registry leads to its repository and digest",
        arguments: [
            ("registry.example.com/shop/web:v1", "registry.example.com/shop/web@sha256:\(hex)"),
            ("registry.example.com/shop/web:v1", "docker-pullable://registry.example.com/shop/web@sha256:\(hex)"),
            // containerd names the first of several repositories that share a digest.
            ("registry.example.com/shop/web:v1", "mirror.internal/cache/web@sha256:\(hex)"),
            ("registry.example.com/shop/web:v1@sha256:\(hex)", "registry.example.com/shop/web@sha256:\(hex)"),
        ]
    )
    func fromRegistry(_ image: String, _ imageID: String) throws {
        let running = try #require(RunningImage(image: image, imageID: imageID))
        let expected = try ImageReference("registry.example.com/shop/web:v1@sha256:\(Self.hex)")
        #expect(running.identity == .inRegistry(expected))
        #expect(running.tag == "v1")
    }

    @Test("a short name is expanded, and an unreadable one gives way to what the runtime reports")
    func repository() throws {
        let short = try #require(RunningImage(image: "nginx", imageID: "docker.io/library/nginx@sha256:\(Self.hex)"))
        #expect(short.identity == .inRegistry(try ImageReference("docker.io/library/nginx:latest@sha256:\(Self.hex)")))
        #expect(short.tag == nil && short.followedTag == "latest")
        let odd = try #require(RunningImage(image: "BAD//", imageID: "registry.example.com/a@sha256:\(Self.hex)"))
        #expect(odd.identity == .inRegistry(try ImageReference("registry.example.com/a@sha256:\(Self.hex)")))
        #expect(odd.tag == nil)
    }

    @Test(
        "an image without a repository digest is not in a registry",
        arguments: ["sha256:\(hex)", "docker://sha256:\(hex)", hex, "registry.example.com/shop/web:v1"]
    )
    func local(_ imageID: String) throws {
        let running = try #require(RunningImage(image: "registry.example.com/shop/web:v1", imageID: imageID))
        guard case .unidentified(let reason, _) = running.identity else {
            Issue.record("\(imageID) was identified")
            return
        }
        #expect(reason == .notInRegistry)
    }

    @Test(
        "an image ID that cannot be read is reported as such",
        arguments: [
            "registry.example.com/web@md5:1", "registry.example.com/web@sha256:xyz", "@sha256:\(hex)",
            "https://x/y@sha256:\(hex)",
            "a b@sha256:\(hex)", String(repeating: "a", count: 10_000), "\u{0}",
        ]
    )
    func unreadable(_ imageID: String) throws {
        let running = try #require(RunningImage(image: "registry.example.com/web", imageID: imageID))
        guard case .unidentified(let reason, let message) = running.identity else {
            Issue.record("\(imageID) was identified")
            return
        }
        #expect(reason == .referenceInvalid && !message.isEmpty)
    }

    @Test("a pod that asks for a digest follows no tag; where another runs, that may be an index of it")
    func digests() throws {
        let other = String(repeating: "0b", count: 32)
        let id = "registry.example.com/shop/web@sha256:\(Self.hex)"
        func running(_ image: String) throws -> RunningImage { try #require(RunningImage(image: image, imageID: id)) }
        let same = try running("registry.example.com/shop/web:v1@sha256:\(Self.hex)")
        #expect(same.followedTag == nil && same.index == nil)
        let index = try running("registry.example.com/shop/web@sha256:\(other)")
        let expected = try Digest("sha256:\(other)")
        #expect(index.followedTag == nil && index.index == expected)
        #expect(index.identity == .inRegistry(try ImageReference(id)))
        let tagged = try running("registry.example.com/shop/web:v1")
        #expect(tagged.followedTag == "v1" && tagged.index == nil)
    }

    @Test("no image ID means that the image is not there yet")
    func absent() {
        #expect(RunningImage(image: "nginx", imageID: nil) == nil)
        #expect(RunningImage(image: "nginx", imageID: "") == nil)
    }
}
