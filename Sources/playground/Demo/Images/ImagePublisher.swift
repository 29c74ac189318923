import Foundation
import JSONModel
import OCIModel

/// Builds small images and pushes them: an image manifest with a configuration and one layer, as a build tool would.
struct ImagePublisher: Sendable {
    let tools: Toolbox
    /// `host:port` of the registry.
    let registry: String

    /// Pushes the image and returns what a node would run.
    func publish(_ image: DemoImage) async throws -> PublishedImage {
        let repository = "\(registry)/\(image.repository)"
        guard image.isMultiPlatform else {
            let digest = try await push(image, architecture: "amd64", to: "\(repository):\(image.tag)")
            return PublishedImage(image: image, repository: repository, signed: digest, running: digest)
        }
        var platforms: [String] = []
        for architecture in ["amd64", "arm64"] {
            platforms.append(
                try await push(image, architecture: architecture, to: "\(repository):\(image.tag)-\(architecture)")
            )
        }
        let tagged = "\(repository):\(image.tag)"
        try await tools.run(.oras, ["manifest", "index", "create", "--plain-http", tagged] + platforms)
        let written = try await tools.run(.oras, ["resolve", "--plain-http", tagged])
        let index = try digest(in: written, of: image)
        return PublishedImage(image: image, repository: repository, signed: index, running: platforms.first ?? index)
    }

    private func push(_ image: DemoImage, architecture: String, to reference: String) async throws -> String {
        let name = "\(image.role.rawValue)-\(architecture)"
        var archive = TarArchive()
        archive.append(
            path: "etc/motd",
            contents: [UInt8]("\(image.repository) \(image.tag) for \(architecture)\n".utf8)
        )
        let layer = archive.closed
        try tools.folder.write(layer, to: "images/\(name).tar")
        let configuration = """
            {"architecture":"\(architecture)","os":"linux","config":{"Cmd":["/\(image.role.rawValue)"]},\
            "rootfs":{"type":"layers","diff_ids":["\(Digest.of(layer))"]}}
            """
        try tools.folder.write(configuration, to: "images/\(name).json")
        let written = try await tools.run(
            .oras,
            [
                "push", "--plain-http", "--format", "go-template={{.digest}}",
                "--config", "images/\(name).json:application/vnd.oci.image.config.v1+json", reference,
                "images/\(name).tar:application/vnd.oci.image.layer.v1.tar",
            ]
        )
        return try digest(in: written, of: image)
    }

    private func digest(in written: String, of image: DemoImage) throws -> String {
        let text = written.trimmingCharacters(in: .whitespacesAndNewlines)
        do {
            return try Digest(text).description
        } catch {
            throw DemoError(
                .unreadable,
                "oras pushed \(image.repository) but printed no digest (\(error.message)). It wrote: \(text)"
            )
        }
    }
}

/// An image in the registry.
struct PublishedImage: Sendable {
    let image: DemoImage
    /// `host:port/path`.
    let repository: String
    /// The digest that is signed: the index of a multi-platform image, or the manifest itself.
    let signed: String
    /// The digest that the node runs.
    let running: String

    /// What the pod's author wrote.
    var tagged: String { "\(repository):\(image.tag)" }
    /// What the node reports.
    var imageID: String { "\(repository)@\(running)" }
    /// What is signed.
    var signedReference: String { "\(repository)@\(signed)" }
}
