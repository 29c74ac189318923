import Foundation
import KubernetesAPI
import KubernetesClient
import Testing
import TrustModel
import TrustResources

@testable import playground

/// `vigil operator` as a process, signatures of `notation`, and a CA of `openssl` that revokes certificates.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct OperatorRevocationTests {
    /// A cluster in which a pod runs an image that was signed with a certificate of `ca`, under a policy that trusts it.
    private static func runSigned(
        by ca: OpenSSLCA,
        _ registry: RealRegistry,
        _ cluster: OperatorCluster
    ) async throws -> String {
        let workspace = ca.workspace
        try workspace.write(
            "{\"keys\": [{\"name\": \"signer\", \"keyPath\": \"\(ca.file("signer.key"))\", "
                + "\"certPath\": \"\(ca.file("signer.chain.pem"))\"}]}",
            to: "config/notation/signingkeys.json"
        )
        let image = try await registry.push("web")
        try await registry.sign(image, key: "signer")
        var policy = cluster.policy(trusting: try workspace.read("pki/root.pem"), organization: "Revocable")
        policy.spec.interval = "1s"
        _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
        try await cluster.runPod("web-0", image)
        return image
    }

    /// Runs `body` while an operator runs that may ask this machine about revocation.
    private static func whileOperatorRuns(
        _ identity: String,
        _ registry: RealRegistry,
        _ cluster: OperatorCluster,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let process = OperatorProcess(
            cluster,
            identity: identity,
            arguments: ["--plain-http-registry", registry.host, "--revocation-allow-host", "127.0.0.1"]
        )
        try await process.whileRunning(body)
    }

    @Test("a certificate that is revoked while its image runs stops counting when the list that spoke for it ends")
    func revoked() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await LoopbackServer.with { server in
                    let ca = try await OpenSSLCA(workspace)
                    try await ca.issue("signer", ocsp: false, list: "\(server.url)/list.crl")
                    try await RealRegistry.with(workspace) { registry in
                        let image = try await Self.runSigned(by: ca, registry, cluster)
                        server.put(.body(try await ca.list(.seconds(45))), at: "/list.crl")
                        try await Self.whileOperatorRuns("only", registry, cluster) {
                            _ = try await cluster.status(of: image) { $0.verdict == .trusted }
                            try await ca.revoke("signer", ["-crl_reason", "keyCompromise"])
                            server.put(.body(try await ca.list()), at: "/list.crl")
                            let bad = try await cluster.status(of: image) { $0.verdict != .trusted }
                            #expect(bad.verdict == .untrusted && bad.reason == .certificateRevoked, "\(bad)")
                            // A slow answer may have come before.
                            #expect(bad.history?.prefix(2).map(\.to) == [.untrusted, .trusted])
                        }
                    }
                }
            }
        }
    }

    @Test("a responder that is down takes no verdict away; one that comes back and says revoked does")
    func outage() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                let ca = try await OpenSSLCA(workspace)
                try await ca.issue("signer", ocsp: true)
                try await RealRegistry.with(workspace) { registry in
                    let image = try await Self.runSigned(by: ca, registry, cluster)
                    try await ca.whileResponding {
                        try await Self.whileOperatorRuns("first", registry, cluster) {
                            _ = try await cluster.status(of: image) { $0.verdict == .trusted && $0.isFresh }
                        }
                    }
                    // What the first one was told has ended with it.
                    try await Self.whileOperatorRuns("second", registry, cluster) {
                        let kept = try await cluster.status(of: image) { !$0.isFresh }
                        #expect(kept.verdict == .trusted, "\(kept)")
                        let fresh = kept.conditions?[type: ConditionType.fresh]
                        #expect(fresh?.reason == Reason.revocationUnavailable.rawValue, "\(kept)")
                    }
                    try await ca.revoke("signer", ["-crl_reason", "keyCompromise"])
                    try await ca.whileResponding {
                        try await Self.whileOperatorRuns("third", registry, cluster) {
                            let bad = try await cluster.status(of: image) { $0.verdict != .trusted }
                            #expect(bad.verdict == .untrusted && bad.reason == .certificateRevoked, "\(bad)")
                        }
                    }
                }
            }
        }
    }
}

extension ImageVerificationStatus {
    /// Whether the latest attempt confirmed the verdict.
    fileprivate var isFresh: Bool { conditions?[type: ConditionType.fresh]?.status == .true }
}
