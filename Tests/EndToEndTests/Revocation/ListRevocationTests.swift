import Foundation
import Testing

@testable import playground

/// `vigil verify` beside the real `notation verify` and `openssl verify` on lists of `openssl ca` that change or end.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5)))
struct ListRevocationTests {
    /// Runs `body` with a CA, a server for its lists and images that are signed with certificates that name `/list.crl`.
    private static func withSigned(
        _ names: [String],
        _ body: @escaping @Sendable (OpenSSLCA, LoopbackServer, [(name: String, image: String)]) async throws -> Void
    ) async throws {
        try await Workspace.with { workspace in
            try await LoopbackServer.with { server in
                let ca = try await OpenSSLCA(workspace)
                for name in names { try await ca.issue(name, ocsp: false, list: "\(server.url)/list.crl") }
                try ca.configureNotation(signers: names)
                try await RealRegistry.with(workspace) { registry in
                    var images: [(String, String)] = []
                    for name in names {
                        let image = try await registry.push(name)
                        try await registry.sign(image, key: name)
                        images.append((name, image))
                    }
                    try await body(ca, server, images)
                }
            }
        }
    }

    /// A certificate, and how it stands by the base list alone, with its delta list, and with that for notation and Vigil.
    private static let standings: [(name: String, alone: Bool, withDelta: Bool, forBoth: Bool)] = [
        ("fine", true, true, true), ("late", true, false, false), ("held", false, false, false),
        ("released", false, true, true), ("at-once", false, true, false),
    ]

    @Test("a delta list revokes and restores as openssl verify -use_deltas says, but not at the moment of the hold")
    func delta() async throws {
        try await Self.withSigned(Self.standings.map(\.name)) { ca, server, images in
            for name in ["held", "released", "at-once"] {
                try await ca.revoke(name, ["-crl_reason", "certificateHold"])
            }
            server.put(.body(try await ca.list(delta: "\(server.url)/delta.crl")), at: "/list.crl")
            try await ca.revoke("late", ["-crl_reason", "keyCompromise"])
            let changes = try await ca.delta(since: 1, restoring: ["released": 1, "at-once": 0])
            server.put(.body(changes), at: "/delta.crl")
            for (standing, (name, image)) in zip(Self.standings, images) {
                #expect(try await ca.accepts(name) == standing.alone, "openssl, base alone: \(name)")
                #expect(try await ca.accepts(name, withDelta: true) == standing.withDelta, "openssl: \(name)")
                let (status, text) = try await ca.workspace.askBoth(image, name)
                #expect(status == (standing.forBoth ? 0 : 1), "\(name): \(status) \(text)")
                #expect(status == 0 || text.contains("CertificateRevoked"), "\(name): \(text)")
            }
        }
    }

    @Test("a list that names a delta which is not there, or is a delta to a later list, says nothing")
    func withoutDelta() async throws {
        try await Self.withSigned(["fine"]) { ca, server, images in
            let image = try #require(images.first?.image)
            server.put(.body(try await ca.list(delta: "\(server.url)/delta.crl")), at: "/list.crl")
            server.put(.status(404), at: "/delta.crl")
            let (missing, words) = try await ca.workspace.askBoth(image, "missing")
            #expect(missing == 3 && words.contains("RevocationUnavailable"), "\(missing) \(words)")
            server.put(.body(try await ca.delta(since: 7, restoring: [:])), at: "/delta.crl")
            let (later, text) = try await ca.workspace.askBoth(image, "later")
            #expect(later == 3 && text.contains("newer list"), "\(later) \(text)")
        }
    }

    @Test("a list that has ended says nothing, even that somebody is revoked; a new one at its place does")
    func ended() async throws {
        try await Self.withSigned(["fine", "revoked"]) { ca, server, images in
            try await ca.revoke("revoked", ["-crl_reason", "keyCompromise"])
            server.put(.body(try await ca.list(.past)), at: "/list.crl")
            for (name, image) in images {
                #expect(try await !ca.accepts(name))
                let (status, text) = try await ca.workspace.askBoth(image, name)
                #expect(status == 3 && text.contains("is past"), "\(name): \(status) \(text)")
            }
            server.put(.body(try await ca.list()), at: "/list.crl")
            for (name, image) in images {
                let (status, text) = try await ca.workspace.askBoth(image, name)
                #expect(status == (name == "fine" ? 0 : 1), "\(name): \(status) \(text)")
                #expect(try await ca.accepts(name) == (name == "fine"))
            }
        }
    }
}
