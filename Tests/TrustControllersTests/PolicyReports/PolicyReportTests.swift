import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Reports beside verifications, on a server that has the kind, has it not yet, or has it no more.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite("Policy reports", .timeLimit(.minutes(3)))
struct PolicyReportControllerTests {
    private static let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

    /// Installs the definition where it is absent.
    private static func install(_ world: ControllerWorld) async throws {
        let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try String(contentsOfFile: "\(folder)/Fixtures/policy-report/policyreports.yaml", encoding: .utf8)
        try await world.cluster.install(definition: Array(text.utf8), headers: ["content-type": "application/yaml"])
        try await world.cluster.waitUntilServed(PolicyReport.resource.path())
    }

    /// How often reports were written, as the stand-in knows, which counts writes that change nothing too.
    private static func writes(_ world: ControllerWorld) async -> Int? {
        await world.cluster.embedded?.recordedMutations.count { $0.path.contains("/policyreports") }
    }

    private static func name(_ image: Descriptor) -> String { "vigil-\(ImageVerification.name(for: image.digest))" }

    private static func outcome(_ report: PolicyReport) -> PolicyReport.Outcome? { report.results?.first?.result }

    @Test("a report comes with the verdict, follows it, is not written for nothing, and goes with the verification")
    func life() async throws {
        try await ControllerWorld.run(writesPolicyReports: true) { world in
            try await Self.install(world)
            let image = try world.registry.push("web")
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            let unsigned = try await world.object(PolicyReport.self, Self.name(image)) { Self.outcome($0) == .fail }
            #expect(unsigned.results?.first?.properties?["reason"] == "NoSignature")
            #expect(unsigned.metadata.labels["app.kubernetes.io/managed-by"] == "vigil")
            try world.registry.sign(image, by: world.chain)
            try await Self.verifyNow(image, world)
            let signed = try await world.object(PolicyReport.self, Self.name(image)) { Self.outcome($0) == .pass }
            #expect(signed.metadata.uid == unsigned.metadata.uid)
            let written = await Self.writes(world)
            for _ in 0..<3 { try await Self.verifyNow(image, world) }
            #expect(await Self.writes(world) == written, "the verdict was confirmed, and the report is the same")
            let confirmed = try await world.client.resource(PolicyReport.self).get(
                Self.name(image),
                namespace: world.namespace
            )
            #expect(confirmed.metadata.resourceVersion == signed.metadata.resourceVersion)
            try await world.deletePod("web-0")
            try await world.waitUntilGone(ImageVerification.self, ImageVerification.name(for: image.digest))
            try await world.waitUntilGone(PolicyReport.self, Self.name(image))
        }
    }

    private static func verifyNow(_ image: Descriptor, _ world: ControllerWorld) async throws {
        let token = "\(UInt64.random(in: .min ... .max))"
        let name = ImageVerification.name(for: image.digest)
        _ = try await world.client.resource(ImageVerification.self).patch(
            name,
            namespace: world.namespace,
            .merge(["metadata": ["annotations": [TrustAPI.verifyAnnotation: .string(token)]]])
        )
        _ = try await world.verification(of: image) { $0.status?.lastHandledVerifyRequest == token }
    }

    @Test(
        "verdicts come on a server without the kind; the kind may come later, and go",
        .disabled(if: IntegrationCluster.isReal, "others may need the definition that it takes away")
    )
    func definition() async throws {
        try await ControllerWorld.run(writesPolicyReports: true) { world in
            // What is not there is looked for ever more rarely.
            var world = world
            world.patience = .seconds(100)
            let image = try world.registry.push("web")
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.reason == .noSignature }
            try await Self.install(world)
            _ = try await world.object(PolicyReport.self, Self.name(image)) { Self.outcome($0) == .fail }
            _ = try await world.client.send(APIRequest(.delete, "\(Self.path)/policyreports.wgpolicyk8s.io"))
            try world.registry.sign(image, by: world.chain)
            try await Self.verifyNow(image, world)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("what others change or delete of a report is put right; another's report of that name is left alone")
    func others() async throws {
        try await ControllerWorld.run(writesPolicyReports: true) { world in
            try await Self.install(world)
            let (image, other) = (try world.registry.push("web"), try world.registry.push("api"))
            let foreign = PolicyReport(metadata: ObjectMeta(name: Self.name(other), namespace: world.namespace))
            let resource = world.client.resource(PolicyReport.self)
            let before = try await resource.create(foreign)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            try await world.runPod("api-0", image: other)
            let first = try await world.object(PolicyReport.self, Self.name(image)) { Self.outcome($0) == .fail }
            _ = try await resource.patch(
                Self.name(image),
                namespace: world.namespace,
                .merge(["results": [["policy": "x", "result": "pass"]], "summary": ["fail": .null]])
            )
            _ = try await world.object(PolicyReport.self, Self.name(image)) {
                $0.content == first.content && $0.metadata.resourceVersion != first.metadata.resourceVersion
            }
            try await resource.delete(Self.name(image), namespace: world.namespace)
            let again = try await world.object(PolicyReport.self, Self.name(image)) { $0.content == first.content }
            #expect(again.metadata.uid != first.metadata.uid)
            _ = try await world.verification(of: other) { $0.status?.reason == .noSignature }
            let left = try await resource.get(Self.name(other), namespace: world.namespace)
            #expect(left.metadata.resourceVersion == before.metadata.resourceVersion)
        }
    }

    @Test("without the setting nothing is written, and nothing asked for")
    func off() async throws {
        try await ControllerWorld.run { world in
            try await Self.install(world)
            let image = try world.registry.push("web")
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.reason == .noSignature }
            let reports = world.client.resource(PolicyReport.self)
            #expect(try await reports.list(ObjectSelection(namespace: world.namespace)).items.isEmpty)
        }
    }
}
