import Foundation
import JSONModel
import Testing

/// `vigil verify --oci-layout` on layouts that the real `oras` and `notation` made.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct OCILayoutTests {
    private static let scope = "registry.example.com/shop/web"

    private static func verify(_ reference: String, in workspace: Workspace) async throws -> Workspace.Outcome {
        try await workspace.vigil(["verify", "--oci-layout", reference, "--scope", scope, "-o", "json"])
    }

    private static func reason(_ outcome: Workspace.Outcome) throws -> String? {
        let report = try JSONParser().parse(Array(outcome.output.utf8))
        return report["images"]?.array?.first?["reason"]?.string
    }

    @Test("an image and its signatures, copied from a registry that is gone, have the verdict that they had there")
    func copied() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
                try await registry.makeKey("stranger")
                try workspace.apply(NotationPolicy())
                for (name, keys) in [("signed", ["good", "stranger"]), ("strange", ["stranger"]), ("plain", [])] {
                    let image = try await registry.push(name)
                    for (key, format) in zip(keys, ["jws", "cose"]) {
                        try await registry.sign(image, key: key, format: format)
                    }
                    try await workspace.tool(
                        "oras",
                        ["copy", "--from-plain-http", "--to-oci-layout", "-r", image, "layouts/\(name):v1"]
                    )
                }
            }
            for (name, status, reason) in [
                ("signed", 0, "Verified"), ("strange", 1, "NoTrustedSignature"), ("plain", 1, "NoSignature"),
            ] as [(String, Int32, String)] {
                let outcome = try await Self.verify("layouts/\(name):v1", in: workspace)
                #expect(outcome.status == status, "\(name): \(outcome.output)\(outcome.errors)")
                #expect(try Self.reason(outcome) == reason)
            }
        }
    }

    @Test("what notation signs in a layout, vigil verifies there: an index, and by it what it lists")
    func signedInPlace() async throws {
        try await Workspace.with { workspace in
            try await workspace.tool("notation", ["cert", "generate-test", "good"])
            let certificate = try workspace.read("config/notation/localkeys/good.crt")
            try workspace.write(certificate, to: "config/notation/truststore/x509/ca/good/good.crt")
            try workspace.apply(NotationPolicy())
            for platform in ["amd64", "arm64"] {
                try workspace.write(platform, to: "layer.txt")
                try workspace.write(#"{"os":"linux","architecture":"\#(platform)"}"#, to: "config.json")
                try await workspace.tool(
                    "oras",
                    [
                        "push", "--oci-layout", "layout:\(platform)", "--config",
                        "config.json:application/vnd.oci.image.config.v1+json",
                        "layer.txt:application/vnd.oci.image.layer.v1.tar",
                    ]
                )
            }
            try await workspace.tool(
                "oras",
                ["manifest", "index", "create", "--oci-layout", "layout:v1", "amd64", "arm64"]
            )
            let unsigned = try await Self.verify("layout:v1", in: workspace)
            #expect(try Self.reason(unsigned) == "NoSignature")
            let signed = try await workspace.run(
                "/usr/bin/env",
                [
                    "NOTATION_EXPERIMENTAL=1", RealTools.path("notation"), "sign", "--oci-layout", "--key", "good",
                    "layout:v1",
                ]
            )
            try #require(signed.status == 0, "\(signed.errors)")
            for reference in ["layout:v1", "layout:arm64"] {
                let outcome = try await Self.verify(reference, in: workspace)
                #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
                let report = try JSONParser().parse(Array(outcome.output.utf8))
                #expect(report["images"]?.array?.first?["verifiedManifest"] == "Index")
            }
        }
    }
}
