import Foundation

/// The images of a run, in its registry: each with a manifest and a signature of its own, and one without.
struct SignedImages: Sendable {
    /// `host:port/path@digest` of each signed image.
    let references: [String]
    /// An image that nobody signed: what a program must refuse.
    let unsigned: String

    /// Pushes and signs `count` images, and writes the trust policy of notation that both programs verify by.
    static func publish(_ count: Int, to registry: String, with tools: Toolbox) async throws -> SignedImages {
        BenchCommand.tell("==> pushing \(count) images with oras and signing them with notation")
        let signer = Signer(tools: tools)
        try await signer.prepare()
        try writeTrustPolicy(anchor: try signer.trustAnchor(of: .wabbit), in: tools.folder)
        let publisher = ImagePublisher(tools: tools, registry: registry)
        var references: [String] = []
        for number in 1...count {
            let image = try await publisher.publish(image(tag: "v\(number)"))
            try await tools.run(
                .notation,
                Signer.arguments(.jws(.wabbit), reference: image.signedReference)
            )
            references.append(image.signedReference)
            if number.isMultiple(of: 50) { BenchCommand.tell("    \(number) of \(count)") }
        }
        let unsigned = try await publisher.publish(image(tag: "unsigned"))
        return SignedImages(references: references, unsigned: unsigned.signedReference)
    }

    private static func image(tag: String) -> DemoImage {
        DemoImage(
            role: .web,
            team: .shop,
            tag: tag,
            story: "one of many",
            expected: .verdict("Trusted", "Verified")
        )
    }

    private static func writeTrustPolicy(anchor: String, in folder: DemoFolder) throws {
        let store = "home/.config/notation/truststore/x509/ca/bench"
        try FileManager.default.createDirectory(
            atPath: folder.path + "/" + store,
            withIntermediateDirectories: true
        )
        try folder.write(anchor, to: store + "/root.pem")
        try folder.write(
            """
            {"version": "1.0", "trustPolicies": [{"name": "bench", "registryScopes": ["*"],
              "signatureVerification": {"level": "strict"}, "trustStores": ["ca:bench"],
              "trustedIdentities": ["x509.subject: \(SigningKey.wabbit.identity)"]}]}
            """,
            to: "home/.config/notation/trustpolicy.json"
        )
    }
}
