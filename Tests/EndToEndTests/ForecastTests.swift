import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import Testing
import TrustModel
import TrustResources

/// `vigil forecast` as a process, beside a cluster.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.timeLimit(.minutes(10)))
struct ForecastTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)

    /// What the operator writes about an image whose verdict ends.
    private func write(_ name: String, in cluster: OperatorCluster, days: Double) async throws {
        let images = cluster.client.resource(ImageVerification.self)
        var image = try await images.create(
            ImageVerification(
                metadata: ObjectMeta(name: name, namespace: cluster.namespace),
                spec: ImageVerificationSpec(image: "r.example/\(name)@\(Self.digest)")
            )
        )
        let end = KubernetesTime(Date().addingTimeInterval(days * 86_400))
        var status = ImageVerificationStatus()
        status.verdict = .trusted
        status.reason = .verified
        status.repository = "r.example/\(name)"
        status.digest = Self.digest
        status.validUntil = end
        var finding = FindingStatus(
            Finding(
                policy: PolicyName(kind: .trustPolicy, namespace: cluster.namespace, name: "release"),
                authority: "acme",
                verdict: .trusted,
                reason: .verified,
                message: "good",
                signer: "CN=signer"
            )
        )
        finding.expiresAt = end
        status.findings = [finding]
        image.status = status
        _ = try await images.replaceStatus(image)
    }

    @Test("verdicts that lapse within the time are told with their cause")
    func forecast() async throws {
        try await OperatorCluster.with { cluster in
            try await write("soon", in: cluster, days: 9.5)
            try await write("late", in: cluster, days: 45)
            try await Workspace.with { workspace in
                let options = ["forecast", "--kubeconfig", cluster.kubeconfig, "-n", cluster.namespace]
                let table = try await workspace.vigil(options)
                #expect(table.status == 0, "\(table.errors)")
                #expect(table.output.contains("Trusted r.example/soon@sha256:"), "\(table.output)")
                #expect(table.output.contains("  9d ") && !table.output.contains("late"), "\(table.output)")
                #expect(table.output.hasSuffix(": 1 of 2 verdicts will lapse, 0 trust anchors will expire\n"))
                let longer = try await workspace.vigil(options + ["--within", "46d", "-o", "json"])
                let value = try JSONParser().parse(Array(longer.output.utf8))
                let names = value["verdicts"]?.array?.compactMap { $0["name"]?.string }
                #expect(names == ["soon", "late"], "\(longer.output)\(longer.errors)")
                let cause = value["verdicts"]?.array?.first?["cause"]?.string
                #expect(cause == "the signature for acme of TrustPolicy/\(cluster.namespace)/release expires")
            }
        }
    }
}
