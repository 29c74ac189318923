import JSONModel
import Testing

/// `vigil explain` of images that the real `notation` signed, over a real registry.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct ExplanationTests {
    /// The state of a step of the first signature.
    private func state(of step: String, _ document: JSONValue) -> JSONValue? {
        let authority = document["policies"]?.array?.first?["authorities"]?.array?.first
        let signature = authority?["manifests"]?.array?.first?["signatures"]?.array?.first
        return signature?["steps"]?.array?.first { $0["step"] == .string(step) }?["state"]
    }

    @Test("a good, a bad, an unsigned, a wrongly named and an expired one are explained as they are verified")
    func agreement() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
                try await registry.makeKey("stranger")
                let good = try await registry.push("good")
                try await registry.sign(good, key: "good")
                let strange = try await registry.push("strange")
                try await registry.sign(strange, key: "stranger", format: "cose")
                let expired = try await registry.push("expired")
                try await registry.sign(expired, key: "good", ["-e", "1s"])
                let unsigned = try await registry.push("unsigned")
                // The shortest life that notation gives: over as soon as it no longer verifies.
                try workspace.apply(NotationPolicy())
                while try await workspace.vigil(["verify", "--plain-http", expired]).status == 0 {}
                let stranger = "x509.subject: C=US, ST=WA, O=Somebody"
                for (image, identity, step, reason) in [
                    (good, "*", nil, "Verified"), (strange, "*", "chain", "NoTrustedSignature"),
                    (good, stranger, "identity", "NoTrustedSignature"), (expired, "*", "expiry", "SignatureExpired"),
                    (unsigned, "*", nil, "NoSignature"),
                ] as [(String, String, String?, String)] {
                    try workspace.apply(NotationPolicy(identity: identity))
                    let verified = try await workspace.vigil(["verify", "--plain-http", image])
                    let tree = try await workspace.vigil(["explain", "--plain-http", image])
                    let json = try await workspace.vigil(["explain", "--plain-http", "-o", "json", image])
                    #expect(verified.status == tree.status && verified.status == json.status, "\(tree.output)")
                    let document = try JSONParser().parse(Array(json.output.utf8))
                    #expect(document["reason"] == .string(reason), "\(tree.output)\(tree.errors)")
                    if let step { #expect(state(of: step, document) == "failed", "\(tree.output)") }
                    let last = tree.output.split(separator: "\n").last ?? ""
                    #expect(last.hasPrefix("└── verdict: ") && last.contains(", \(reason): "), "\(tree.output)")
                }
            }
        }
    }
}
