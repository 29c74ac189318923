import Foundation
import JSONModel
import OCIModel
import SigningTestKit
import Testing

@testable import playground

/// `vigil verify` beside the real `notation verify` on timestamped signatures, with the same configuration folder.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(5)))
struct NotationTimestampTests {
    /// Runs `body` with the URL of a time-stamping authority that answers so (RFC 3161 §3.4).
    private func withAuthority(
        _ answer: @escaping @Sendable ([UInt8]) async throws -> [UInt8],
        _ body: (String) async throws -> Void
    ) async throws {
        let (query, reply) = ("application/timestamp-query", "application/timestamp-reply")
        try await LoopbackServer.with { server in
            let exchange = LoopbackServer.Answer.exchange(query: query, reply: reply) { request in
                do {
                    return try await answer(request)
                } catch {
                    Issue.record(error)
                    throw error
                }
            }
            server.put(exchange, at: "/")
            try await body(server.url)
        }
    }

    /// What both say of an image: whether each accepts it.
    private func verdicts(_ image: String, in workspace: Workspace) async throws -> (
        theirs: Bool, ours: Bool, text: String
    ) {
        let theirs = try await workspace.run(
            RealTools.path("notation"),
            ["verify", "--insecure-registry", image]
        )
        let ours = try await workspace.vigil(["verify", "--plain-http", image])
        #expect(ours.status == 0 || ours.status == 1, "\(ours.errors)")
        return (
            theirs.status == 0, ours.status == 0,
            "notation: \(theirs.status) \(theirs.errors)\nvigil: \(ours.status) \(ours.output)\(ours.errors)"
        )
    }

    @Test("notation gets its timestamps from openssl and from the test kit, and both verify them alike")
    func signedByNotation() async throws {
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                try await registry.makeTrustedKey("good")
                // Without an accuracy, which would reach back to before a certificate that is no older than a second.
                let openssl = try await OpenSSLAuthority(workspace, "openssl")
                let chain = try TestChain.make(.rsa2048, number: 8, leaf: .timestamping())
                let kit = TestTimestampAuthority(chain) { Date() }
                try workspace.write(chain.root.pem, to: "kit.pem")
                try workspace.write(try openssl.root, to: "config/notation/truststore/x509/tsa/openssl/root.pem")
                try workspace.write(chain.root.pem, to: "config/notation/truststore/x509/tsa/kit/root.pem")

                var images: [String: String] = ["none": try await registry.push("none")]
                try await registry.sign(images["none"] ?? "", key: "good")
                for format in ["jws", "cose"] {
                    let first = try await registry.push("openssl-\(format)")
                    try await withAuthority {
                        try await openssl.answer($0)
                    } _: { url in
                        let options = [
                            "--timestamp-url", url, "--timestamp-root-cert", openssl.file("root.pem"),
                        ]
                        try await registry.sign(first, key: "good", format: format, options)
                    }
                    images["openssl-\(format)"] = first
                    let second = try await registry.push("kit-\(format)")
                    try await withAuthority {
                        kit.answer($0)
                    } _: { url in
                        let options = [
                            "--timestamp-url", url, "--timestamp-root-cert", "\(workspace.path)/kit.pem",
                        ]
                        try await registry.sign(second, key: "good", format: format, options)
                    }
                    images["kit-\(format)"] = second
                }
                for (stores, good) in [
                    (["ca:good", "tsa:openssl"], ["openssl-jws", "openssl-cose"]),
                    (["ca:good", "tsa:kit"], ["kit-jws", "kit-cose"]),
                    (["ca:good", "tsa:kit", "tsa:openssl"], ["openssl-jws", "openssl-cose", "kit-jws", "kit-cose"]),
                ] {
                    try workspace.apply(NotationPolicy(stores: stores, verifyTimestamp: "always"))
                    for (name, image) in images {
                        let (theirs, ours, text) = try await verdicts(image, in: workspace)
                        #expect(ours == good.contains(name), "\(name) with \(stores)\n\(text)")
                        #expect(ours == theirs, "\(name) with \(stores)\n\(text)")
                    }
                }
            }
        }
    }

    @Test("both say the same of signatures whose certificates have expired, with timestamps good and flawed")
    func expired() async throws {
        let cases = try TimestampCase.all()
        try await Workspace.with { workspace in
            try await RealRegistry.with(workspace) { registry in
                let folder = "config/notation/truststore/x509"
                try workspace.write(try TimestampCase.signer.root.pem, to: "\(folder)/ca/signer/root.pem")
                for (index, root) in try TimestampCase.roots.enumerated() {
                    try workspace.write(root.pem, to: "\(folder)/tsa/clock/\(index).pem")
                }
                var images: [String] = []
                for (index, flaw) in cases.enumerated() {
                    let image = try await registry.push("case\(index)")
                    try await registry.attach(
                        try await flaw.envelope(registry.descriptor(image)),
                        flaw.format,
                        to: image
                    )
                    images.append(image)
                }
                for option in ["always", "afterCertExpiry"] {
                    try workspace.apply(
                        NotationPolicy(stores: ["ca:signer", "tsa:clock"], verifyTimestamp: option)
                    )
                    let trusted = try await trusted(images, in: workspace)
                    for (flaw, image) in zip(cases, images) {
                        // What is not asked for is not looked at.
                        let isAsked = option == "always" || flaw.notAfter < Date()
                        let ours = trusted.contains(image)
                        #expect(ours == (flaw.isGood || !isAsked), "\(flaw.name), \(option)")
                        let theirs = try await workspace.run(
                            RealTools.path("notation"),
                            ["verify", "--insecure-registry", image]
                        )
                        #expect(
                            (theirs.status == 0) == (ours || flaw.isStricter),
                            "\(flaw.name), \(option): \(theirs.status) \(theirs.errors)"
                        )
                    }
                }
            }
        }
    }

    /// The images that `vigil verify` trusts, of all of them at once.
    private func trusted(_ images: [String], in workspace: Workspace) async throws -> Set<String> {
        let outcome = try await workspace.vigil(["verify", "--plain-http", "-o", "json"] + images)
        let report = try JSONParser().parse(Array(outcome.output.utf8))
        let judged = try #require(report["images"]?.array, "\(outcome.errors)")
        #expect(judged.count == images.count)
        return Set(judged.filter { $0["verdict"] == "Trusted" }.compactMap { $0["image"]?.string })
    }
}
