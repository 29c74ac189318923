import JSONModel
import Synchronization
import TestCertificates
import Testing

/// `vigil verify` with a configuration, and `docker-registry` with TLS, client certificates and copies of images.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5)))
struct RegistryConnectionTests {
    /// What `vigil verify` says with what stands under `registry` in its configuration.
    private static func verify(
        _ reference: String,
        _ registry: String,
        _ workspace: Workspace
    ) async throws -> (status: Int32, reason: String?, repository: String?) {
        try workspace.write("registry: \(registry)\n", to: "config.yaml")
        let arguments = ["verify", "--config", "config.yaml", "--timeout", "20s", "-o", "json", reference]
        let outcome = try await workspace.vigil(arguments)
        #expect(!outcome.errors.contains("PRIVATE KEY") && !outcome.output.contains("PRIVATE KEY"))
        let image = (try? JSONParser().parse(Array(outcome.output.utf8)))?["images"]?.array?.first
        return (outcome.status, image?["reason"]?.string, image?["image"]?.string)
    }

    /// Pushes a signed image through a registry without TLS, whose data the next registry finds.
    private static func pushSigned(_ workspace: Workspace) async throws -> String {
        let image = Mutex("")
        try await RealRegistry.with(workspace) { registry in
            try await registry.makeTrustedKey("good")
            try workspace.apply(NotationPolicy())
            let signed = try await registry.push("signed")
            try await registry.sign(signed, key: "good")
            image.withLock { $0 = String(signed.split(separator: "/")[1]) }
        }
        return image.withLock(\.self)
    }

    @Test("a registry that asks for a certificate is read with that of its entry, and not without")
    func clientCertificate() async throws {
        let (authority, clients) = (try TestAuthority(), try TestAuthority())
        let server = try authority.issue(addresses: [[127, 0, 0, 1]])
        let (client, stranger) = (try clients.issue(name: "vigil"), try TestAuthority().issue(name: "stranger"))
        try await Workspace.with { workspace in
            for (name, text) in [
                ("ca.crt", try authority.pem), ("clients.crt", try clients.pem), ("server.crt", server.certificate),
                ("server.key", server.key), ("client.crt", client.certificate), ("client.key", client.key),
                ("stranger.crt", stranger.certificate), ("stranger.key", stranger.key),
            ] { try workspace.write(text, to: name) }
            let image = try await Self.pushSigned(workspace)
            let tls = "certificate: server.crt, key: server.key, clientcas: [clients.crt]"
            try await RealRegistry.with(workspace, tls: tls) { registry in
                let reference = "\(registry.host)/\(image)"
                func entry(_ members: String) -> String { "{hosts: [{host: \"\(registry.host)\", \(members)}]}" }
                let own = "ca: ca.crt, clientCertificate: client.crt, clientKey: client.key"
                let read = try await Self.verify(reference, entry(own), workspace)
                #expect(read.status == 0 && read.reason == "Verified", "\(read)")
                for members in [
                    "ca: ca.crt", "clientCertificate: client.crt, clientKey: client.key",
                    "ca: ca.crt, clientCertificate: stranger.crt, clientKey: stranger.key",
                ] {
                    let refused = try await Self.verify(reference, entry(members), workspace)
                    #expect(refused.status == 3, "\(members): \(refused)")
                }
                let broken = "ca: ca.crt, clientCertificate: client.crt, clientKey: stranger.key"
                #expect(try await Self.verify(reference, entry(broken), workspace).status == 2)
            }
        }
    }

    @Test("a registry with a password, and a certificate of an authority of its own, wants both right")
    func passwordAndTLS() async throws {
        let authority = try TestAuthority()
        let server = try authority.issue(addresses: [[127, 0, 0, 1]])
        try await Workspace.with { workspace in
            for (name, text) in [
                ("ca.crt", try authority.pem), ("stranger.crt", try TestAuthority().pem),
                ("server.crt", server.certificate), ("server.key", server.key),
            ] { try workspace.write(text, to: name) }
            let image = try await Self.pushSigned(workspace)
            let tls = "certificate: server.crt, key: server.key"
            try await RealRegistry.with(workspace, htpasswd: HtpasswdUser.line, tls: tls) { registry in
                let reference = "\(registry.host)/\(image)"
                let cases: [(password: String?, authority: String, status: Int32, reason: String)] = [
                    (HtpasswdUser.password, "ca", 0, "Verified"),
                    (nil, "ca", 3, "RegistryUnauthorized"), ("", "ca", 3, "RegistryUnauthorized"),
                    ("\(HtpasswdUser.password) ", "ca", 3, "RegistryUnauthorized"),
                    (HtpasswdUser.password.uppercased(), "ca", 3, "RegistryUnauthorized"),
                    (HtpasswdUser.password, "stranger", 3, "RegistryUnreachable"),
                ]
                for (password, authority, status, reason) in cases {
                    let user = password.map { HtpasswdUser.configuration(for: registry.host, password: $0) }
                    try workspace.write(user ?? "{}", to: "docker/config.json")
                    let entry = "{hosts: [{host: \"\(registry.host)\", ca: \(authority).crt}]}"
                    let judged = try await Self.verify(reference, entry, workspace)
                    #expect(judged.status == status && judged.reason == reason, "\(password ?? "none"): \(judged)")
                }
            }
        }
    }

    @Test("an image at a mirror is judged by what the origin, the mirror or both hold of its signatures")
    func mirrors() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace, name: "origin") { origin in
                try await RealRegistry.with(workspace, name: "mirror") { mirror in
                    try await origin.makeTrustedKey("good")
                    try workspace.apply(NotationPolicy())
                    // One is signed at its origin, one at the mirror as well, one at the mirror alone.
                    for name in ["bare", "whole", "late"] {
                        let image = try await origin.push(name)
                        if name != "late" { try await origin.sign(image, key: "good") }
                        try await workspace.tool(
                            "oras",
                            ["cp", "--from-plain-http", "--to-plain-http"] + (name == "whole" ? ["-r"] : [])
                                + ["\(origin.host)/\(name):v1", "\(mirror.host)/copies/\(name):v1"]
                        )
                        if name == "late" {
                            let digest = image.split(separator: "@")[1]
                            try await origin.sign("\(mirror.host)/copies/late@\(digest)", key: "good")
                        }
                    }
                    for (name, evidence, status, reason) in [
                        ("bare", "origin", Int32(0), "Verified"), ("bare", "mirror", 1, "NoSignature"),
                        ("bare", "both", 0, "Verified"), ("whole", "mirror", 0, "Verified"),
                        ("whole", "both", 0, "Verified"), ("late", "origin", 1, "NoSignature"),
                        ("late", "mirror", 0, "Verified"), ("late", "both", 0, "Verified"),
                    ] {
                        let registry = """
                            {plainHTTP: ["\(origin.host)", "\(mirror.host)"], mirrors: [\
                            {from: "\(origin.host)", to: "\(mirror.host)/copies", evidence: \(evidence)}]}
                            """
                        let judged = try await Self.verify("\(mirror.host)/copies/\(name):v1", registry, workspace)
                        #expect(judged.status == status && judged.reason == reason, "\(name) \(evidence): \(judged)")
                        #expect(judged.repository == "\(origin.host)/\(name):v1", "\(judged)")
                    }
                }
            }
        }
    }
}
