import Foundation
import SigningTestKit
import Testing

@testable import playground

/// `vigil verify` beside the real `notation verify` on signatures of certificates that real services answer for.
@Suite(.enabled(if: RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5)))
struct NotationRevocationTests {
    private static func configure(_ workspace: Workspace, _ keys: [String], root: String, level: String = "strict")
        throws
    {
        let list = keys.map {
            #"{"name": "\#($0)", "keyPath": "\#(workspace.path)/pki/\#($0).key", "#
                + #""certPath": "\#(workspace.path)/pki/\#($0).chain.pem"}"#
        }
        try workspace.write("{\"keys\": [\(list.joined(separator: ", "))]}", to: "config/notation/signingkeys.json")
        try workspace.write(root, to: "config/notation/truststore/x509/ca/pki/root.pem")
        try workspace.apply(NotationPolicy(level: level, stores: ["ca:pki"]))
    }

    /// Asks both about an image; they must agree.
    ///
    /// - Returns: the status and the words of `vigil`.
    private static func ask(_ image: String, _ name: String, in workspace: Workspace) async throws -> (Int32, String) {
        let theirs = try await workspace.run(RealTools.path("notation"), ["verify", "--insecure-registry", image])
        let ours = try await workspace.vigil([
            "verify", "--plain-http", "--revocation-allow-host", "127.0.0.1", "-v", image,
        ])
        let text = ours.output + ours.errors
        #expect((theirs.status == 0) == (ours.status == 0), "\(name)\nnotation: \(theirs.errors)\nvigil: \(text)")
        return (ours.status, text)
    }

    @Test("openssl ocsp: both agree on good, revoked, on hold, unknown, and on a responder that is down")
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
            try Self.configure(workspace, expected.map(\.name), root: try workspace.read("pki/root.pem"))
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
                        let (found, text) = try await Self.ask(images[name] ?? "", name, in: workspace)
                        #expect(found == status && text.contains(word), "\(name): \(found) \(text)")
                    }
                    // Without the flag a certificate cannot send Vigil into the internal network.
                    let kept = try await workspace.vigil(["verify", "--plain-http", "-v", images["good"] ?? ""])
                    #expect(
                        kept.status == 3 && kept.output.contains("--revocation-allow-host 127.0.0.1"),
                        "\(kept.output)"
                    )
                }
                let (status, text) = try await Self.ask(images["good"] ?? "", "down", in: workspace)
                #expect(status == 3 && text.contains("RevocationUnavailable"), "\(status) \(text)")
                try Self.configure(
                    workspace,
                    expected.map(\.name),
                    root: try workspace.read("pki/root.pem"),
                    level: "permissive"
                )
                let (logged, warning) = try await Self.ask(images["good"] ?? "", "down, logged", in: workspace)
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
                try Self.configure(workspace, names, root: try workspace.read("pki/root.pem"))
                try await RealRegistry.with(workspace) { registry in
                    var images: [String: String] = [:]
                    for name in names {
                        let image = try await registry.push(name)
                        try await registry.sign(image, key: name)
                        images[name] = image
                        let (status, text) = try await Self.ask(image, name, in: workspace)
                        let isGood = try await ca.accepts(name)
                        #expect((status == 0) == isGood, "\(name): \(status) \(text)")
                        #expect(isGood == (name == "fine" || name == "fallback"))
                        #expect(status == 0 || text.contains("CertificateRevoked"), "\(text)")
                    }
                    // The list is gone; notation has kept it for a day, Vigil's process has ended.
                    server.put(.redirect("https://127.0.0.1:1/"), at: "/list.crl")
                    try FileManager.default.removeItem(atPath: "\(workspace.path)/cache")
                    let (status, text) = try await Self.ask(images["fine"] ?? "", "redirected", in: workspace)
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
                try Self.configure(workspace, kinds.map(\.0), root: try workspace.read("pki/root.pem"))
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
