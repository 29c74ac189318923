import Foundation
import JSONModel
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// `vigil operator` as a process, and `docker-registry` behind a password.
@Suite(.enabled(if: RealTools.areInstalled, RealTools.reason), .timeLimit(.minutes(3)))
struct PrivateRegistryTests {
    /// alice with the password below, as `perl -e 'print crypt("s3cr3t-alice", q($2y$05$VigilTestsSaltForHtpas.))'` makes
    /// it on Linux: bcrypt with its least cost.
    private static let htpasswd = "alice:$2y$05$VigilTestsSaltForHtpae2f1PYcYF0QG3kE6X8vrxhqX3rxAZUMq"
    private static let password = "s3cr3t-alice"

    private static func configuration(for host: String) -> String {
        let auth = Data("alice:\(password)".utf8).base64EncodedString()
        return "{\"auths\":{\"\(host)\":{\"auth\":\"\(auth)\"}}}"
    }

    private static func policy(trusting certificate: String, in namespace: String) -> TrustPolicy {
        let store = TrustStoreSource(type: "ca", name: "team", certificates: CertificateSource(inline: certificate))
        let notary = NotarySource(
            level: "strict",
            trustedIdentities: ["x509.subject: C=US, ST=WA, O=Notary"],
            trustStores: [store]
        )
        return TrustPolicy(
            metadata: ObjectMeta(name: "shop", namespace: namespace),
            spec: TrustPolicySpec(authorities: [AuthoritySource(name: "team", notary: notary)])
        )
    }

    /// Creates a pod that is reported to run `reference`, a repository with a digest.
    private static func runPod(
        _ name: String,
        _ reference: String,
        pullSecrets: [String],
        in cluster: OperatorCluster
    ) async throws {
        let pods = cluster.client.resource(Pod.self)
        var specification = Pod.Specification(containers: [Pod.Container(name: "web", image: reference)])
        specification.imagePullSecrets = pullSecrets.map { Pod.LocalReference(name: $0) }
        let metadata = ObjectMeta(name: name, namespace: cluster.namespace)
        _ = try await pods.create(Pod(metadata: metadata, spec: specification))
        _ = try await pods.patch(
            name,
            namespace: cluster.namespace,
            .merge([
                "status": [
                    "phase": "Running",
                    "containerStatuses": [
                        [
                            "name": "web", "image": .string(reference), "imageID": .string(reference), "ready": true,
                            "restartCount": 0,
                        ]
                    ],
                ]
            ]),
            subresource: "status"
        )
    }

    /// The status of the image `reference`, as soon as it has a verdict.
    private static func status(of reference: String, in cluster: OperatorCluster) async throws
        -> ImageVerificationStatus
    {
        let object = try await cluster.firstObject(of: ImageVerification.self, within: 60) { object in
            object.spec.image == reference && object.status?.verdict != nil
        }
        return try #require(object?.status, "\(reference) has no verdict")
    }

    @Test("an image is read with the pull secret of its pod, and without one it is Unknown; no log shows the password")
    func pullSecret() async throws {
        try await OperatorCluster.with { cluster in
            try await Workspace.with { workspace in
                try await RealRegistry.with(workspace, htpasswd: Self.htpasswd) { registry in
                    try workspace.write(Self.configuration(for: registry.host), to: "docker/config.json")
                    let signed = try await registry.push("signed")
                    let hidden = try await registry.push("hidden")
                    try await registry.makeKey("team")
                    try await registry.sign(signed, key: "team", ["-u", "alice", "-p", Self.password])
                    let policy = Self.policy(trusting: try registry.certificate("team"), in: cluster.namespace)
                    _ = try await cluster.client.resource(TrustPolicy.self).create(policy)
                    _ = try await cluster.client.resource(Secret.self).create(
                        Secret(
                            metadata: ObjectMeta(name: "regcred", namespace: cluster.namespace),
                            type: "kubernetes.io/dockerconfigjson",
                            data: [".dockerconfigjson": Data(Self.configuration(for: registry.host).utf8)]
                        )
                    )
                    try await Self.runPod("web-0", signed, pullSecrets: ["regcred"], in: cluster)
                    try await Self.runPod("hidden-0", hidden, pullSecrets: ["gone"], in: cluster)
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
        try await withThrowingTaskGroup(of: Int32.self) { group in
            let process = OperatorProcess(
                cluster,
                identity: "only",
                arguments: ["--plain-http-registry", registry.host, "--log-level", "debug"]
            )
            group.addTask { try await process.run() }
            let trusted = try await Self.status(of: signed, in: cluster)
            #expect(trusted.verdict == .trusted, "\(trusted) \(process.log)")
            let unknown = try await Self.status(of: hidden, in: cluster)
            #expect(unknown.verdict == .unknown && unknown.reason == .registryUnauthorized, "\(unknown)")
            #expect(unknown.message?.contains("pull secret \(cluster.namespace)/gone does not exist") == true)
            process.terminate()
            #expect(try await group.next() == 0, "\(process.log)")
            #expect(!process.log.contains(Self.password))
            let encoded = Data("alice:\(Self.password)".utf8).base64EncodedString()
            #expect(!process.log.contains(encoded))
        }
    }
}
