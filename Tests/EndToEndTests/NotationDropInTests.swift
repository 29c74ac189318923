import Foundation
import JSONModel
import Testing

/// `vigil verify` beside the real `notation verify`, on the same images, with the same configuration folder.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct NotationDropInTests {
    @Test("both say the same of signed, unsigned, strange, altered and expired images, under several policies")
    func agreement() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
                try await registry.makeKey("stranger")
                let jws = try await registry.push("jws")
                try await registry.sign(jws, key: "good")
                let cose = try await registry.push("cose")
                try await registry.sign(cose, key: "good", format: "cose")
                let unsigned = try await registry.push("unsigned")
                let strange = try await registry.push("strange")
                try await registry.sign(strange, key: "stranger")
                let both = try await registry.push("both")
                try await registry.sign(both, key: "stranger")
                try await registry.sign(both, key: "good")
                let tag = jws.replacing(#/@.*/#, with: ":v1")

                let policies = [
                    NotationPolicy(), NotationPolicy(level: "permissive"), NotationPolicy(level: "audit"),
                    NotationPolicy(identity: "x509.subject: C=US, ST=WA, O=Notary"),
                    NotationPolicy(identity: "x509.subject: C=US, ST=WA, O=Somebody"),
                ]
                for policy in policies {
                    try workspace.apply(policy)
                    for image in [jws, cose, unsigned, strange, both, tag] {
                        let theirs = try await workspace.run(
                            RealTools.path("notation"),
                            ["verify", "--insecure-registry", image]
                        )
                        let ours = try await workspace.vigil(["verify", "--plain-http", image])
                        #expect(
                            (ours.status == 0) == (theirs.status == 0),
                            """
                            \(image) under \(policy)
                            notation: \(theirs.status) \(theirs.errors)
                            vigil: \(ours.status) \(ours.output)\(ours.errors)
                            """
                        )
                        #expect(ours.status == 0 || ours.status == 1, "\(ours.errors)")
                    }
                }
            }
        }
    }

    @Test("an RSA key of a few bits less than it should have is good enough for notation alone, in JWS")
    func shortKey() async throws {
        try await Workspace.with { workspace in
            let ca = try await OpenSSLCA(workspace)
            let lengths = [2048, 2047, 2041]
            for bits in lengths { try await ca.issue("rsa\(bits)", ocsp: false, rsaBits: bits) }
            try ca.configureNotation(signers: lengths.map { "rsa\($0)" })
            try await RealRegistry.with(workspace) { registry in
                for bits in lengths {
                    let image = try await registry.push("rsa\(bits)")
                    try await registry.sign(image, key: "rsa\(bits)")
                    let theirs = try await workspace.run(
                        RealTools.path("notation"),
                        ["verify", "--insecure-registry", image]
                    )
                    #expect(theirs.status == 0, "\(theirs.errors)")
                    let ours = try await workspace.vigil(["verify", "--plain-http", "-v", image])
                    #expect(ours.status == (bits == 2048 ? 0 : 1), "\(bits): \(ours.output)\(ours.errors)")
                    #expect(bits == 2048 || ours.output.contains("use RSA 2048"), "\(bits): \(ours.output)")
                }
            }
        }
    }

    @Test("both ask signatures for the same user metadata")
    func userMetadata() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
                try workspace.apply(NotationPolicy())
                let image = try await registry.push("metadata")
                try await registry.sign(image, key: "good", ["-m", "build=7", "-m", "path=a=b"])
                for pairs in [
                    ["build=7"], ["build=7", "path=a=b"], ["build=8"], ["Build=7"], ["build=7", "other=1"], ["build"],
                    ["=7"], ["build="], ["build=7", "build=7"],
                ] {
                    let options = pairs.flatMap { ["--user-metadata", $0] }
                    let theirs = try await workspace.run(
                        RealTools.path("notation"),
                        ["verify", "--insecure-registry"] + options + [image]
                    )
                    let ours = try await workspace.vigil(["verify", "--plain-http"] + options + [image])
                    #expect(
                        (ours.status == 0) == (theirs.status == 0),
                        "\(pairs): notation \(theirs.status) \(theirs.errors) vigil \(ours.status) \(ours.output)\(ours.errors)"
                    )
                }
            }
        }
    }

    @Test("a signature whose bytes are altered in the registry is bad evidence, not silence")
    func altered() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
                try workspace.apply(NotationPolicy())
                let image = try await registry.push("altered")
                try await registry.sign(image, key: "good")
                try alterEnvelope(in: "\(workspace.path)/storage")
                let outcome = try await workspace.vigil(["verify", "--plain-http", "-o", "json", image])
                #expect(outcome.status == 1)
                let report = try JSONParser().parse(Array(outcome.output.utf8))
                let first = try #require(report["images"]?.array?.first)
                #expect(first["verdict"] == "Untrusted" && first["reason"] == "SignatureInvalid", "\(outcome.output)")
            }
        }
    }

    /// Changes one byte of the one blob that is a JWS envelope.
    private func alterEnvelope(in storage: String) throws {
        let files = try #require(FileManager.default.enumerator(atPath: storage))
        for case let file as String in files where file.hasSuffix("/data") {
            let url = URL(filePath: "\(storage)/\(file)")
            var bytes = try Data(contentsOf: url)
            guard bytes.starts(with: Data(#"{"payload":"#.utf8)) else { continue }
            bytes[bytes.startIndex + 20] ^= 1
            try bytes.write(to: url)
            return
        }
        Issue.record("no envelope in \(storage)")
    }

    @Test("a registry that is not there is an outage with its own exit status")
    func unreachable() async throws {
        try await Workspace.with { workspace in
            try workspace.apply(NotationPolicy())
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
            }
            let digest = String(repeating: "a", count: 64)
            let outcome = try await workspace.vigil(["verify", "--plain-http", "127.0.0.1:9/web@sha256:\(digest)"])
            #expect(outcome.status == 3)
            #expect((outcome.output + outcome.errors).contains("127.0.0.1:9"))
        }
    }

    @Test("every image of a manifest is judged under a TrustPolicy file, and the status says whether all are trusted")
    func manifests() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeKey("good")
                let signed = try await registry.push("signed")
                try await registry.sign(signed, key: "good")
                let unsigned = try await registry.push("unsigned")
                let pem = try registry.certificate("good").split(separator: "\n").map { "            \($0)" }
                try workspace.write(
                    """
                    apiVersion: vigil.dev/v1alpha1
                    kind: TrustPolicy
                    metadata: {name: shop, namespace: shop}
                    spec:
                      authorities:
                      - name: good
                        notary:
                          trustedIdentities: ["*"]
                          trustStores:
                          - type: ca
                            certificates:
                              inline: |
                    \(pem.map { "    \($0)" }.joined(separator: "\n"))
                    """,
                    to: "policies/shop.yaml"
                )
                func deployment(_ sidecar: String) -> String {
                    """
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata: {name: web, namespace: shop}
                    spec:
                      template:
                        spec:
                          initContainers: [{name: init, image: "\(signed)"}]
                          containers: [{name: web, image: "\(signed)"}, {name: side, image: "\(sidecar)"}]
                    """
                }
                try workspace.write(deployment(signed), to: "good/web.yaml")
                try workspace.write(deployment(unsigned), to: "mixed/web.yaml")
                let options = ["verify", "--plain-http", "--policy", "policies", "-f"]
                let good = try await workspace.vigil(options + ["good"])
                #expect(good.status == 0, "\(good.output)\(good.errors)")
                let mixed = try await workspace.vigil(options + ["mixed"])
                #expect(mixed.status == 1 && mixed.output.contains("NoSignature"), "\(mixed.output)\(mixed.errors)")
            }
        }
    }
}
