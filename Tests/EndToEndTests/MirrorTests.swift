import KubernetesClient
import Testing
import TrustModel
import TrustResources

/// `vigil operator` as a process, with two `docker-registry` of which one has copies of the other's images.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct MirrorTests {
    @Test("what runs at a mirror is named and judged by its origin, by the signatures that only the origin has")
    func copies() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace, name: "origin") { origin in
                    try await RealRegistry.with(workspace, name: "mirror") { mirror in
                        let signed = try await origin.push("web")
                        try await origin.makeKey("team")
                        try await origin.sign(signed, key: "team")
                        try await workspace.tool(
                            "oras",
                            [
                                "cp", "--from-plain-http", "--to-plain-http", "\(origin.host)/web:v1",
                                "\(mirror.host)/copies/web:v1",
                            ]
                        )
                        let policy = cluster.policy(trusting: try origin.certificate("team"))
                        _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
                        let digest = try #require(signed.split(separator: "@").last)
                        try await cluster.runPod(
                            "web-0",
                            image: "\(mirror.host)/copies/web:v1",
                            imageID: "\(mirror.host)/copies/web@\(digest)"
                        )
                        try await judge(String(digest), origin, mirror, cluster)
                    }
                }
            }
        }
    }

    private func judge(
        _ digest: String,
        _ origin: RealRegistry,
        _ mirror: RealRegistry,
        _ cluster: OperatorCluster
    ) async throws {
        let process = OperatorProcess(
            cluster,
            identity: "only",
            arguments: [
                "--plain-http-registry", origin.host, "--plain-http-registry", mirror.host,
                "--registry-mirror", "\(origin.host)=\(mirror.host)/copies=both",
            ]
        )
        try await process.whileRunning {
            let object = try await cluster.firstObject(of: ImageVerification.self, within: 120) {
                $0.status?.verdict == .trusted
            }
            let verification = try #require(object, "\(process.log)")
            #expect(verification.spec.image == "\(origin.host)/web:v1@\(digest)", "\(verification.spec)")
            #expect(verification.status?.repository == "\(origin.host)/web")
        }
    }
}
