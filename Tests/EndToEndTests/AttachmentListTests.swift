import Foundation
import JSONModel
import Testing

/// `vigil list` beside the real `notation list` and `notation inspect`, over a real registry.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct AttachmentListTests {
    /// What both programs say of a signature, in one form.
    private struct Said: Hashable {
        var digest: String?
        var envelope: String?
        var scheme: String?
        var signedAt: String?
        var expiresAt: String?
        var agent: String?
        var metadata: [String: JSONValue]
        var certificates: [[String?]]
        var target: String?

        init(theirs value: JSONValue) {
            digest = value["digest"]?.string
            envelope = value["mediaType"]?.string
            scheme = value.value(at: "signedAttributes", "signingScheme")?.string
            signedAt = value.value(at: "signedAttributes", "signingTime")?.string
            expiresAt = value.value(at: "signedAttributes", "expiry")?.string
            agent = value.value(at: "unsignedAttributes", "signingAgent")?.string
            metadata = value["userDefinedAttributes"]?.object ?? [:]
            certificates = (value["certificates"]?.array ?? []).map {
                [
                    $0["SHA256Fingerprint"]?.string, $0["issuedTo"]?.string, $0["issuedBy"]?.string,
                    $0["expiry"]?.string,
                ]
            }
            target = value.value(at: "signedArtifact", "digest")?.string
        }

        init(ours value: JSONValue) {
            digest = value["digest"]?.string
            envelope = value["envelopeType"]?.string
            scheme = value["scheme"]?.string
            signedAt = value["signedAt"]?.string
            expiresAt = value["expiresAt"]?.string
            agent = value["signingAgent"]?.string
            metadata = value["userMetadata"]?.object ?? [:]
            certificates = (value["certificates"]?.array ?? []).map {
                [$0["fingerprint"]?.string, $0["subject"]?.string, $0["issuer"]?.string, $0["notAfter"]?.string]
            }
            target = value.value(at: "target", "digest")?.string
        }
    }

    @Test("both say the same of every signature, found under the tag where a registry has no referrers API")
    func agreement() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeKey("good")
                try await registry.makeKey("other")
                let image = try await registry.push("web")
                try await registry.sign(image, key: "good", ["-m", "build=7", "-m", "stage=prod", "-e", "24h"])
                try await registry.sign(image, key: "other", format: "cose")
                try workspace.write("{}", to: "sbom.json")
                try await workspace.tool(
                    "oras",
                    ["attach", "--plain-http", "--artifact-type", "application/spdx+json", image, "sbom.json"]
                )
                let theirs = try await workspace.tool(
                    "notation",
                    ["inspect", "--insecure-registry", "--output", "json", image]
                )
                let ours = try await workspace.vigil(["list", "--plain-http", "-o", "json", image])
                try #require(ours.status == 0, "\(ours.errors)")
                let expected = try JSONParser().parse(Array(theirs.utf8))["Signatures"]?.array ?? []
                let list = try JSONParser().parse(Array(ours.output.utf8))
                let found = list["signatures"]?.array ?? []
                #expect(expected.count == 2)
                #expect(Set(found.map(Said.init(ours:))) == Set(expected.map(Said.init(theirs:))))
                #expect(list["attachments"]?.array?.map { $0["artifactType"] } == ["application/spdx+json"])
                try await compareTrees(workspace, image)
            }
        }
    }

    /// The digests of the tree are those of `notation list`.
    private func compareTrees(_ workspace: Workspace, _ image: String) async throws {
        func digests(_ text: String) -> [Substring] {
            text.matches(of: #/^ +[├└]── (sha256:[0-9a-f]{64})/#.anchorsMatchLineEndings()).map(\.output.1)
        }
        let theirs = try await workspace.tool("notation", ["list", "--insecure-registry", image])
        let ours = try await workspace.vigil(["list", "--plain-http", image])
        #expect(digests(theirs).count == 2)
        let tree = ours.output.replacing("│", with: " ")
        #expect(Set(digests(theirs)).isSubset(of: Set(digests(tree))), "\(ours.output)")
    }
}
