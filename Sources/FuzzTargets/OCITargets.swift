import JSONModel
import OCIModel

/// What registries serve and what people call images.
enum OCITargets {
    static let all = [
        DecoderTarget("oci-manifest", manifest),
        .text("oci-reference", reference),
        .text("oci-digest", maximumLength: 256) { text in
            guard let digest = try? Digest(text) else { return }
            try demand(digest.description == text, "a digest has one spelling")
        },
        .text("oci-platform", maximumLength: 256) { text in
            guard let platform = try? Platform(text) else { return }
            try demand(platform.description == text, "a platform has one spelling")
        },
    ]

    private static let mediaTypes = [
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ]

    private static func manifest(_ bytes: [UInt8]) throws {
        var kinds: Set<String> = []
        for mediaType in mediaTypes {
            switch try? Manifest(bytes: bytes, contentType: MediaType(mediaType)) {
            case .image(let image):
                kinds.insert("image")
                for layer in image.layers { try digest(of: layer) }
            case .index(let index):
                kinds.insert("index")
                for manifest in index.manifests { try digest(of: manifest) }
            case nil: break
            }
        }
        try demand(kinds.count <= 1, "the same bytes are never both an image and an index")
    }

    private static func digest(of descriptor: Descriptor) throws {
        try demand((try? Digest(descriptor.digest.description)) == descriptor.digest, "a digest is one")
        try demand(descriptor.size >= 0, "a size is not negative")
    }

    private static func reference(_ text: String) throws {
        if let name = try? RepositoryName(text) {
            try demand((try? RepositoryName(name.description)) == name, "a repository is what it is written as")
        }
        guard let reference = try? ImageReference(text) else { return }
        let written = reference.description
        try demand((try? ImageReference(written)) == reference, "\(written) means the same image again")
    }
}
