import Foundation
import Testing

@testable import playground

/// `vigil verify` beside the real `notation verify` on timestamps of `openssl ts`, whose authorities `openssl ocsp` and lists
/// of `openssl ca` answer for.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5)))
struct RevokedAuthorityTests {
    /// A time-stamping authority, and what becomes of it after it has stamped.
    private struct Clock {
        let name: String
        /// Whether a responder answers for it, rather than a list.
        let hasResponder: Bool
        /// Arguments with which it is revoked; `nil`: never.
        let revocation: [String]?
        let status: Int32
        let word: String
    }

    private static let clocks = [
        Clock(name: "answered", hasResponder: true, revocation: nil, status: 0, word: "Trusted"),
        Clock(name: "listed", hasResponder: false, revocation: nil, status: 0, word: "Trusted"),
        Clock(
            name: "answered-revoked",
            hasResponder: true,
            revocation: ["-crl_reason", "keyCompromise"],
            status: 1,
            word: "CertificateRevoked"
        ),
        Clock(
            name: "listed-revoked",
            hasResponder: false,
            revocation: ["-crl_reason", "keyCompromise"],
            status: 1,
            word: "CertificateRevoked"
        ),
        Clock(
            name: "held",
            hasResponder: false,
            revocation: ["-crl_reason", "certificateHold"],
            status: 1,
            word: "is on hold"
        ),
    ]

    @Test("a timestamp counts while its authority is good, and no more once that is revoked or nobody answers")
    func revoked() async throws {
        try await Workspace.with { workspace in
            try await LoopbackServer.with { server in
                let ca = try await OpenSSLCA(workspace)
                for clock in Self.clocks {
                    try await ca.issue(
                        clock.name,
                        ocsp: clock.hasResponder,
                        list: clock.hasResponder ? nil : "\(server.url)/list.crl",
                        usage: "critical, timeStamping"
                    )
                }
                server.put(.body(try await ca.list()), at: "/list.crl")
                try await RealRegistry.with(workspace) { registry in
                    try await registry.makeTrustedKey("good")
                    try workspace.write(
                        try workspace.read("pki/root.pem"),
                        to: "config/notation/truststore/x509/tsa/clocks/root.pem"
                    )
                    try workspace.apply(
                        NotationPolicy(stores: ["ca:good", "tsa:clocks"], verifyTimestamp: "always")
                    )
                    let images = try await ca.whileResponding {
                        let images = try await Self.stamped(by: ca, server, registry)
                        for clock in Self.clocks {
                            let (status, text) = try await workspace.askBoth(images[clock.name] ?? "", clock.name)
                            #expect(status == 0, "\(clock.name), before: \(text)")
                            if let how = clock.revocation { try await ca.revoke(clock.name, how) }
                        }
                        server.put(.body(try await ca.list()), at: "/list.crl")
                        try FileManager.default.removeItem(atPath: "\(workspace.path)/cache")
                        for clock in Self.clocks {
                            let (status, text) = try await workspace.askBoth(images[clock.name] ?? "", clock.name)
                            #expect(status == clock.status && text.contains(clock.word), "\(clock.name): \(text)")
                        }
                        return images
                    }
                    server.put(.status(404), at: "/list.crl")
                    try FileManager.default.removeItem(atPath: "\(workspace.path)/cache")
                    for clock in Self.clocks where clock.revocation == nil {
                        let (status, text) = try await workspace.askBoth(images[clock.name] ?? "", clock.name)
                        #expect(status == 3 && text.contains("RevocationUnavailable"), "\(clock.name): \(text)")
                    }
                }
            }
        }
    }

    /// Images that are signed with one key and stamped by each of the clocks.
    private static func stamped(
        by ca: OpenSSLCA,
        _ server: LoopbackServer,
        _ registry: RealRegistry
    ) async throws -> [String: String] {
        var images: [String: String] = [:]
        for clock in clocks {
            server.put(try OpenSSLAuthority(ca, certificate: clock.name).exchange, at: "/\(clock.name)")
            let image = try await registry.push(clock.name)
            let options = [
                "--timestamp-url", "\(server.url)/\(clock.name)", "--timestamp-root-cert", ca.file("root.pem"),
            ]
            try await registry.sign(image, key: "good", options)
            images[clock.name] = image
        }
        return images
    }
}
