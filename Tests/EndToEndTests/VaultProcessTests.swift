import EmbeddedClouds
import KubernetesAPI
import KubernetesClient
import Testing
import TrustModel
import TrustResources

/// `vigil operator` as a process, signatures of `notation`, and a vault that the process reads over TLS, as a workload of
/// the cluster does.
///
/// A process reads a vault when it begins to lead, half a minute after it could not, and every five minutes. The first two
/// are what is waited for here.
@Suite(.enabled(if: try RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(10)))
struct VaultProcessTests {
    @Test("what a certificate of a vault signed is trusted; once its version is disabled its successor alone vouches")
    func disabled() async throws {
        try await VaultedImage.with { scene in
            let (vault, cluster) = (scene.vault, scene.cluster)
            let first = scene.process("first")
            try await first.whileRunning {
                _ = try await cluster.status(of: scene.image) { $0.verdict == .trusted }
                _ = try await scene.ready(.true)
            }
            #expect(vault.paths.isSuperset(of: [ServedVault.list, ServedVault.secret(0)]), "\(vault.paths)")
            try await scene.makeVersion(1, key: "successor")
            vault.disable(0)
            vault.azure.forgetRequests()
            // What the first one has read would count for five minutes, and has ended with it.
            let second = scene.process("second")
            try await second.whileRunning {
                let lost = try await cluster.status(of: scene.image) { $0.reason == .noTrustedSignature }
                #expect(lost.verdict == .unknown, "\(lost)")
                try await scene.registry.sign(scene.image, key: "successor")
                _ = try await cluster.status(of: scene.image) { $0.verdict == .trusted }
            }
            #expect(vault.paths.contains(ServedVault.secret(1)), "\(vault.paths)")
            #expect(!vault.paths.contains(ServedVault.secret(0)), "a disabled version was asked for")
            scene.expectSecrecy(of: [first, second])
        }
    }

    @Test("a vault that cannot be read makes no verdict, and is read again; what secrets it keeps back is said")
    func unread() async throws {
        try await VaultedImage.with { scene in
            let (vault, cluster) = (scene.vault, scene.cluster)
            vault.azure.fail("/certificates/", count: .max, with: CloudAnswer(503))
            let process = scene.process("only")
            try await process.whileRunning {
                let held = try await cluster.status(of: scene.image) { $0.reason == .trustStoreUnavailable }
                #expect(held.verdict == .unknown, "\(held)")
                let unready = try await scene.ready(.false)
                #expect(unready.reason == "TrustStoreUnavailable", "\(unready)")
                #expect(unready.message.contains("answered 503"), "\(unready.message)")
                vault.azure.updateVault(vault.authority) { $0.permissions.getSecrets = false }
                vault.azure.heal()
                // Nobody touches the policy: it is the process that comes back to the vault.
                _ = try await cluster.status(of: scene.image) { $0.verdict == .trusted }
                let ready = try await scene.ready(.true)
                #expect(ready.message.contains("secrets may not be read (ForbiddenByRbac)"), "\(ready.message)")
            }
            scene.expectSecrecy(of: [process])
        }
    }
}

/// An image that runs, signed with a certificate of a vault, under a policy whose only anchors are in that vault.
private struct VaultedImage: Sendable {
    let cluster: OperatorCluster
    let registry: RealRegistry
    let vault: ServedVault
    let image: String

    static func with(_ body: @escaping @Sendable (VaultedImage) async throws -> Void) async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace) { registry in
                    try await ServedVault.with(workspace) { vault in
                        let image = try await registry.push("web")
                        let scene = VaultedImage(cluster: cluster, registry: registry, vault: vault, image: image)
                        try await scene.makeVersion(0, key: "team")
                        try await registry.sign(image, key: "team")
                        var policy = cluster.policy(trusting: vault.source)
                        policy.spec.interval = "1s"
                        _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
                        try await cluster.runPod("web-0", image)
                        try await body(scene)
                    }
                }
            }
        }
    }

    /// An operator that is not running yet, and that the cluster's token makes one of Azure's applications.
    func process(_ identity: String) -> OperatorProcess {
        let arguments = ["--plain-http-registry", registry.host, "--log-level", "debug"] + vault.arguments
        return OperatorProcess(cluster, identity: identity, arguments: arguments).with(vault.environment)
    }

    /// Makes a key that notation knows, and puts its certificate into the vault.
    func makeVersion(_ version: Int, key: String) async throws {
        try await registry.makeKey(key)
        vault.put(try registry.certificate(key), version)
    }

    /// The condition `Ready` of the policy, as soon as it has this status.
    func ready(_ status: Condition.Status) async throws -> Condition {
        let policy = try await cluster.firstObject(of: TrustPolicy.self) { policy in
            policy.status?.conditions?[type: ConditionType.ready]?.status == status
        }
        return try #require(policy?.status?.conditions?[type: ConditionType.ready], "Ready did not become \(status)")
    }

    /// Nothing that was logged proves who the process is.
    func expectSecrecy(of processes: [OperatorProcess]) {
        #expect(!vault.azure.tokens.isEmpty)
        for process in processes {
            let isTold = vault.secrets.contains { process.log.contains($0) }
            #expect(!isTold, "a token is in the log")
        }
    }
}
