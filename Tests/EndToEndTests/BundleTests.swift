import Foundation
import JSONModel
import Synchronization
import Testing

@testable import playground

/// `vigil explain --bundle` of images that the real `notation` signed, over a real registry, with real timestamps and real
/// revocation services; and `vigil verify --bundle` when all of those are gone.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5)))
struct BundleTests {
    private static let access = ["--plain-http", "--revocation-allow-host", "127.0.0.1"]

    /// Runs `vigil` in the strongest isolation that the system allows, and expects that it asks nobody.
    static func isolated(_ arguments: [String], in workspace: Workspace) async throws -> Workspace.Outcome {
        let isolation = try await Isolation.namespace(in: workspace) ?? Isolation.proxies
        let run = try await isolation.vigil(arguments, in: workspace)
        #expect(!run.hasAsked, "somebody was asked: \(arguments)")
        return run.outcome
    }

    /// Signs and records: `bundles` is the image and the word of its verdict by the name of the bundle.
    private func record(
        _ names: [String],
        _ workspace: Workspace
    ) async throws -> [String: (image: String, status: Int32, last: String)] {
        let recorded = ResultBox()
        try await LoopbackServer.with { server in
            let ca = try await OpenSSLCA(workspace)
            // Without an accuracy, which would reach back to before certificates that are no older than a second.
            let clock = try await OpenSSLAuthority(workspace, "clock")
            for name in names {
                try await ca.issue(
                    name,
                    ocsp: name == "answered",
                    list: name == "answered" ? nil : "\(server.url)/list"
                )
            }
            try await ca.revoke("revoked", ["-crl_reason", "keyCompromise"])
            server.put(.body(try await ca.list()), at: "/list")
            try ca.configureNotation(signers: names, policy: NotationPolicy(stores: ["ca:pki", "tsa:clock"]))
            try workspace.write(try clock.root, to: "config/notation/truststore/x509/tsa/clock/root.pem")
            try await RealRegistry.with(workspace) { registry in
                try await ca.whileResponding {
                    for (index, name) in names.enumerated() {
                        let image = try await registry.push(name)
                        // A signature that expires must live long enough to be recorded, however busy the machine is.
                        for life in name == "brief" ? [4, 8, 16, 32] : [0] {
                            try await LoopbackServer.with { stamps in
                                stamps.put(clock.exchange, at: "/")
                                let options = [
                                    "--timestamp-url", stamps.url, "--timestamp-root-cert", clock.file("root.pem"),
                                ]
                                try await registry.sign(
                                    image,
                                    key: name,
                                    format: index % 2 == 0 ? "jws" : "cose",
                                    options + (life > 0 ? ["-e", "\(life)s"] : [])
                                )
                            }
                            let outcome = try await workspace.vigil(
                                ["explain", "--bundle", "\(name).tar", image] + Self.access
                            )
                            #expect(outcome.errors.isEmpty, "\(outcome.errors)")
                            recorded.add(name, image, outcome)
                            if outcome.status == 0 { break }
                        }
                        if name == "brief" {
                            // The recorded moment is before the end, this one after it.
                            while try await workspace.vigil(["verify", image] + Self.access).status == 0 {}
                        }
                    }
                }
            }
        }
        return recorded.results
    }

    @Test(
        "what was judged with timestamps, OCSP and lists is judged the same when everything is gone, and time has passed"
    )
    func offline() async throws {
        let expected: [String: (status: Int32, reason: String)] = [
            "answered": (0, "Verified"), "listed": (0, "Verified"), "revoked": (1, "CertificateRevoked"),
            "brief": (0, "Verified"),
        ]
        try await Workspace.with { workspace in
            let recorded = try await record(expected.keys.sorted(), workspace)
            for (name, (status, reason)) in expected {
                let (image, first, last) = try #require(recorded[name])
                #expect(first == status && last.contains(", \(reason): "), "\(name): \(last)")
                let run = try await Self.isolated(["verify", "--bundle", "\(name).tar", "-o", "json"], in: workspace)
                let report = try JSONParser().parse(Array(run.output.utf8))
                #expect(run.status == status && run.errors.isEmpty, "\(name): \(run.output)\(run.errors)")
                #expect(report["images"]?.array?.first?["reason"] == .string(reason))
                #expect(report["bundle"]?["images"]?.array?.first?["same"] == true)
                #expect(report["images"]?.array?.first?["image"] == .string(image))
                let tree = try await Self.isolated(["explain", "--from-bundle", "\(name).tar"], in: workspace)
                #expect(tree.output.contains(last), "\(name): \(tree.output)")
                #expect(tree.output.contains("timestamp passed: "), "\(tree.output)")
                let own = try await workspace.vigil([
                    "verify", "--bundle", "\(name).tar", "--notation-config", "\(workspace.path)/config/notation",
                ])
                #expect(own.status == status && own.output.contains("by the policies given here"), "\(own.output)")
            }
        }
    }

    @Test("tar lists and unpacks a bundle, and oras reads what is in it as an OCI image layout")
    func otherTools() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeKey("good")
                try workspace.write(
                    try registry.certificate("good"),
                    to: "config/notation/truststore/x509/ca/pki/good.crt"
                )
                try workspace.apply(NotationPolicy(stores: ["ca:pki"]))
                let image = try await registry.push("good")
                try await registry.sign(image, key: "good")
                for name in ["one.tar", "two.tar"] {
                    let run = try await workspace.vigil(["explain", "--plain-http", "--bundle", name, image])
                    #expect(run.status == 0, "\(run.output)\(run.errors)")
                }
                let listing = try await workspace.run("/usr/bin/tar", ["-tvf", "one.tar"])
                #expect(listing.status == 0 && listing.errors.isEmpty && listing.output.contains("-rw-r--r-- 0/0"))
                #expect(listing.output.contains(" notation/truststore/x509/ca/pki/0000.crt\n"), "\(listing.output)")
                try FileManager.default.createDirectory(
                    atPath: "\(workspace.path)/unpacked",
                    withIntermediateDirectories: true
                )
                #expect(try await workspace.run("/usr/bin/tar", ["-xf", "one.tar", "-C", "unpacked"]).status == 0)
                let digest = image.split(separator: "@")[1]
                let manifest = try await workspace.tool(
                    "oras",
                    ["manifest", "fetch", "--oci-layout", "unpacked@\(digest)"]
                )
                #expect(manifest.contains("application/vnd.oci.image.manifest.v1+json"))
                let tree = try await workspace.tool("oras", ["discover", "--oci-layout", "unpacked@\(digest)"])
                #expect(tree.contains("application/vnd.cncf.notary.signature"), "\(tree)")
                // The unpacked configuration is one for notation, and for vigil.
                let verified = try await workspace.vigil([
                    "verify", "--plain-http", "--notation-config", "unpacked/notation", image,
                ])
                #expect(verified.status == 0, "\(verified.errors)")
                // Packed by another program it is another archive.
                _ = try await workspace.run("/usr/bin/tar", ["-cf", "again.tar", "-C", "unpacked", "."])
                let again = try await workspace.vigil(["verify", "--bundle", "again.tar"])
                #expect(again.status == 2 && again.errors.contains("again.tar: "), "\(again.errors)")
            }
        }
    }
}

/// What was recorded, from within closures that run elsewhere.
private final class ResultBox: Sendable {
    private let kept = Mutex<[String: (image: String, status: Int32, last: String)]>([:])

    var results: [String: (image: String, status: Int32, last: String)] { kept.withLock(\.self) }

    func add(_ name: String, _ image: String, _ outcome: Workspace.Outcome) {
        let last = outcome.output.split(separator: "\n").last.map(String.init) ?? ""
        kept.withLock { $0[name] = (image, outcome.status, last) }
    }
}
