import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// `vigil operator` as a process, and `docker-registry` behind a password.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct PrivateRegistryTests {
    @Test("an image is read with the pull secret of its pod, and without one it is Unknown; no log shows the password")
    func pullSecret() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace, htpasswd: HtpasswdUser.line) { registry in
                    try workspace.write(HtpasswdUser.configuration(for: registry.host), to: "docker/config.json")
                    let signed = try await registry.push("signed")
                    let hidden = try await registry.push("hidden")
                    try await registry.makeKey("team")
                    try await registry.sign(signed, key: "team", ["-u", "alice", "-p", HtpasswdUser.password])
                    let policy = cluster.policy(trusting: try registry.certificate("team"))
                    _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
                    _ = try await cluster.client.resource(Secret.self).create(
                        Secret(
                            metadata: ObjectMeta(name: "regcred", namespace: cluster.namespace),
                            type: "kubernetes.io/dockerconfigjson",
                            data: [".dockerconfigjson": Data(HtpasswdUser.configuration(for: registry.host).utf8)]
                        )
                    )
                    try await cluster.runPod("web-0", signed, pullSecrets: ["regcred"])
                    try await cluster.runPod("hidden-0", hidden, pullSecrets: ["gone"])
                    try await judge(signed, hidden, registry, cluster)
                }
            }
        }
    }

    private func judge(
        _ signed: String,
        _ hidden: String,
        _ registry: RealRegistry,
        _ cluster: OperatorCluster
    ) async throws {
        let process = OperatorProcess(
            cluster,
            identity: "only",
            arguments: ["--plain-http-registry", registry.host, "--log-level", "debug"]
        )
        try await process.whileRunning {
            // A slow answer may come first, which is repaired.
            _ = try await cluster.status(of: signed) { $0.verdict == .trusted }
            let unknown = try await cluster.status(of: hidden) { $0.reason == .registryUnauthorized }
            #expect(unknown.verdict == .unknown, "\(unknown)")
            #expect(unknown.message?.contains("pull secret \(cluster.namespace)/gone does not exist") == true)
        }
        #expect(!process.log.contains(HtpasswdUser.password))
        let encoded = Data("alice:\(HtpasswdUser.password)".utf8).base64EncodedString()
        #expect(!process.log.contains(encoded))
    }
}
