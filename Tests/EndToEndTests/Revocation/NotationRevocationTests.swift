import Foundation
import SigningTestKit
import Testing

@testable import playground

/// `vigil verify` beside the real `notation verify` on signatures of certificates that real services answer for.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5)))
struct NotationRevocationTests {
    @Test(
        "openssl ocsp as responder and as client: all agree on good, revoked, on hold, unknown, and on a responder that is down"
    )
    func ocsp() async throws {
        let expected: [(name: String, status: Int32, word: String)] = [
            ("good", 0, "Trusted"), ("revoked", 1, "CertificateRevoked"), ("held", 1, "is on hold"),
            ("unknown", 1, "RevocationUnknown"),
        ]
        try await Workspace.with { workspace in
            let ca = try await OpenSSLCA(workspace)
            for (name, _, _) in expected { try await ca.issue(name, ocsp: true, isRecorded: name != "unknown") }
            try await ca.revoke("revoked", ["-crl_reason", "keyCompromise"])
            try await ca.revoke("held", ["-crl_reason", "certificateHold"])
            try ca.configureNotation(signers: expected.map(\.name))
            try await RealRegistry.with(workspace) { registry in
                var signed: [String: String] = [:]
                for (index, (name, _, _)) in expected.enumerated() {
                    let image = try await registry.push(name)
                    try await registry.sign(image, key: name, format: index % 2 == 0 ? "jws" : "cose")
                    signed[name] = image
                }
                let images = signed
                try await ca.whileResponding {
                    for (name, status, word) in expected {
                        let (found, text) = try await workspace.askBoth(images[name] ?? "", name)
                        #expect(found == status && text.contains(word), "\(name): \(found) \(text)")
                        let answer = try await ca.askResponder(name)
                        #expect(answer == (name == "held" ? "revoked" : name[...]), "openssl ocsp: \(name)")
                    }
                    // Without the flag a certificate cannot send Vigil into the internal network.
                    let kept = try await workspace.vigil(["verify", "--plain-http", "-v", images["good"] ?? ""])
                    #expect(
                        kept.status == 3 && kept.output.contains("--revocation-allow-host 127.0.0.1"),
                        "\(kept.output)"
                    )
                }
                let (status, text) = try await workspace.askBoth(images["good"] ?? "", "down")
                #expect(status == 3 && text.contains("RevocationUnavailable"), "\(status) \(text)")
                try workspace.apply(NotationPolicy(level: "permissive", stores: ["ca:pki"]))
                let (logged, warning) = try await workspace.askBoth(images["good"] ?? "", "down, logged")
                #expect(logged == 0 && warning.contains("revocation"), "\(logged) \(warning)")
            }
        }
    }

    @Test("openssl ca -gencrl: both, and openssl verify -crl_check, agree on lists with every kind of entry")
    func lists() async throws {
        let names = ["fine", "compromised", "held", "superseded", "invalid", "fallback"]
        try await Workspace.with { workspace in
            try await LoopbackServer.with { server in
                let ca = try await OpenSSLCA(workspace)
                for name in names {
                    try await ca.issue(name, ocsp: name == "fallback", list: "\(server.url)/list.crl")
                }
                try await ca.revoke("compromised", ["-crl_reason", "keyCompromise"])
                try await ca.revoke("held", ["-crl_reason", "certificateHold"])
                try await ca.revoke("superseded", ["-crl_reason", "superseded"])
                try await ca.revoke("invalid", ["-crl_compromise", "20200101000000Z"])
                server.put(.body(try await ca.list()), at: "/list.crl")
                try ca.configureNotation(signers: names)
                try await RealRegistry.with(workspace) { registry in
                    var images: [String: String] = [:]
                    for name in names {
                        let image = try await registry.push(name)
                        try await registry.sign(image, key: name)
                        images[name] = image
                        let (status, text) = try await workspace.askBoth(image, name)
                        let isGood = try await ca.accepts(name)
                        #expect((status == 0) == isGood, "\(name): \(status) \(text)")
                        #expect(isGood == (name == "fine" || name == "fallback"))
                        #expect(status == 0 || text.contains("CertificateRevoked"), "\(text)")
                    }
                    // The list is gone; notation has kept it for a day, Vigil's process has ended.
                    server.put(.redirect("https://127.0.0.1:1/"), at: "/list.crl")
                    try FileManager.default.removeItem(atPath: "\(workspace.path)/cache")
                    let (status, text) = try await workspace.askBoth(images["fine"] ?? "", "redirected")
                    #expect(status == 3 && text.contains("not http"), "\(text)")
                }
            }
        }
    }

    @Test("Servers that send without end, lead in circles or say nothing end in an error, in bounded time")
    func hostile() async throws {
        try await Workspace.with { workspace in
            try await LoopbackServer.with { server in
                let ca = try await OpenSSLCA(workspace)
                let kinds: [(String, LoopbackServer.Answer, String)] = [
                    ("endless", .endless, "larger than"), ("circle", .redirect("/circle"), "redirects"),
                    ("silence", .silence, "timed out"), ("rubbish", .body([0x30, 0x03, 0x02]), "cannot be read"),
                    ("elsewhere", .redirect("http://10.0.0.1/"), "internal network"),
                ]
                for (name, answer, _) in kinds {
                    server.put(answer, at: "/\(name)")
                    try await ca.issue(name, ocsp: false, list: "\(server.url)/\(name)")
                }
                try ca.configureNotation(signers: kinds.map(\.0))
                try await RealRegistry.with(workspace) { registry in
                    for (name, _, word) in kinds {
                        let image = try await registry.push(name)
                        try await registry.sign(image, key: name)
                        let ours = try await workspace.vigil([
                            "verify", "--plain-http", "--revocation-allow-host", "127.0.0.1:\(server.port)", "-v",
                            image,
                        ])
                        let text = ours.output + ours.errors
                        // Whether the limit of bytes or that of time is reached first is a matter of the machine.
                        let isBounded = text.contains(word) || (name == "endless" && text.contains("timed out"))
                        #expect(ours.status == 3 && isBounded, "\(name): \(ours.status) \(text)")
                    }
                }
            }
        }
    }
}
