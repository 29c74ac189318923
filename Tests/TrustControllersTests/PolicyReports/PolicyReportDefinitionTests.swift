import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import Logging
import OperatorTestKit
import ServiceLifecycle
import TestTiming
import Testing
import TrustModel
import TrustResources

@testable import TrustControllers

/// Reports on a server whose definition of them comes and goes, in virtual time.
@Suite("Policy reports whose definition comes and goes", .timeLimit(.minutes(3)))
struct PolicyReportDefinitionTests {
    /// Verifications, and what keeps reports of them.
    private struct Scene: Sendable {
        static let count = 5
        let time: VirtualTime
        let plan: FaultPlan
        let cluster: EmbeddedCluster
        /// A client without faults.
        let client: APIClient
        let services: [any Service]

        init(seed: UInt64) {
            time = VirtualTime(limit: .seconds(20_000), seed: seed)
            plan = FaultPlan(seed: seed)
            cluster = EmbeddedCluster(configuration: .virtual(time.clock, faults: plan))
            let quiet = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() })
            let (clock, server) = (time.clock, cluster)
            func makeClient(_ name: String) -> APIClient {
                let transport = server.transport(userAgent: name, client: name)
                return APIClient(transport: transport, userAgent: name, clock: clock, logger: quiet)
            }
            client = makeClient("tests")
            let operatorClient = makeClient("operator")
            let verifications = Informer<ImageVerification, ImageVerification>(
                client: operatorClient,
                clock: time.clock,
                seed: seed,
                logger: quiet
            )
            services =
                [verifications]
                + TrustControllerSet.policyReportController(
                    operatorClient,
                    verifications,
                    clock: time.clock,
                    seed: 1,
                    logger: quiet,
                    metricsFactory: nil
                )
        }

        static func run(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
            let scene = Scene(seed: testSeed("Policy reports"))
            try await scene.time.run {
                try await IntegrationCluster(scene.cluster).installDefinitions()
                for number in 0..<count { try await scene.makeVerification(number) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for service in scene.services { group.addTask { try await service.run() } }
                    try await body(scene)
                    group.cancelAll()
                    while let result = await group.nextResult() { _ = result }
                }
            }
        }

        func makeVerification(_ number: Int) async throws {
            let digest = "sha256:" + String(repeating: "\(number)", count: 64)
            let made = try await client.resource(ImageVerification.self).create(
                ImageVerification(
                    metadata: ObjectMeta(name: "image-\(number)", namespace: "default"),
                    spec: ImageVerificationSpec(image: "registry.example.com/web@\(digest)")
                )
            )
            try await judge(made, .noSignature)
        }

        func judge(_ verification: ImageVerification, _ reason: Reason) async throws {
            var status = ImageVerificationStatus()
            status.verdict = .unknown
            status.reason = reason
            _ = try #require(try await StatusWriter(client: client).write(status, of: verification))
        }

        func define() async throws {
            let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
            let file = "\(folder)/Fixtures/policy-report/policyreports.yaml"
            _ = try await client.send(
                APIRequest(
                    .post,
                    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                    headers: ["content-type": "application/yaml"],
                    body: Array(try String(contentsOfFile: file, encoding: .utf8).utf8)
                )
            )
        }

        func withdraw() async throws {
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/policyreports.wgpolicyk8s.io"
            _ = try await client.send(APIRequest(.delete, path))
        }

        /// The reasons in the reports that there are, in order of their names.
        func reasons() async throws -> [String] {
            do {
                return try await client.resource(PolicyReport.self).list().items
                    .sorted { $0.metadata.name < $1.metadata.name }
                    .map { $0.results?.first?.properties?["reason"] ?? "?" }
            } catch let error as APIError where error.httpStatus == 404 {
                return []
            }
        }

        /// Lets time pass until there are reports that say `reasons`.
        func wait(for reasons: [String], atMost limit: Duration) async throws {
            let deadline = time.clock.elapsed + limit
            while true {
                let found = try await self.reasons()
                if found == reasons { return }
                try #require(time.clock.elapsed < deadline, "after \(limit): \(found)")
                try await time.clock.sleep(for: .seconds(1))
            }
        }

        func pass(_ duration: Duration) async throws { try await time.clock.sleep(for: duration) }

        /// How often somebody asked for reports to be made.
        var attempts: Int {
            get async {
                await cluster.recordedMutations.count { $0.method == "POST" && $0.path.hasSuffix("/policyreports") }
            }
        }
    }

    private static let unsigned = Array(repeating: "NoSignature", count: Scene.count)

    @Test("when the definition comes back, the reports do, however long it was gone", arguments: [1, 30, 250, 3000])
    func again(_ seconds: Int) async throws {
        try await Scene.run { scene in
            try await scene.define()
            try await scene.wait(for: Self.unsigned, atMost: .seconds(61))
            try await scene.withdraw()
            try await scene.pass(.seconds(seconds))
            #expect(try await scene.reasons() == [])
            try await scene.define()
            // The reflector asks again after 60 s at the latest.
            try await scene.wait(for: Self.unsigned, atMost: .seconds(61))
        }
    }

    @Test("what was judged otherwise while the definition was gone is reported when it comes back")
    func meanwhile() async throws {
        try await Scene.run { scene in
            try await scene.define()
            try await scene.wait(for: Self.unsigned, atMost: .seconds(61))
            try await scene.withdraw()
            try await scene.pass(.seconds(20))
            let verifications = scene.client.resource(ImageVerification.self)
            try await scene.judge(try await verifications.get("image-2", namespace: "default"), .noTrustedSignature)
            try await verifications.delete("image-4", namespace: "default")
            try await scene.pass(.seconds(100))
            try await scene.define()
            let reasons = ["NoSignature", "NoSignature", "NoTrustedSignature", "NoSignature"]
            try await scene.wait(for: reasons, atMost: .seconds(61))
        }
    }

    @Test("a report of somebody's that took the place of ours while the watch was cut off is not changed")
    func replaced() async throws {
        try await Scene.run { scene in
            try await scene.define()
            try await scene.wait(for: Self.unsigned, atMost: .seconds(61))
            let reads = FaultMatch([.list, .watch], "policyreports.wgpolicyk8s.io", client: "operator")
            let cut = scene.plan.refuseConnections(reads)
            scene.plan.endStreams(reads)
            let reports = scene.client.resource(PolicyReport.self)
            try await reports.delete("vigil-image-2", namespace: "default")
            let theirs = try await reports.create(
                PolicyReport(metadata: ObjectMeta(name: "vigil-image-2", namespace: "default"))
            )
            let verifications = scene.client.resource(ImageVerification.self)
            try await scene.judge(try await verifications.get("image-2", namespace: "default"), .noTrustedSignature)
            for _ in 0..<2 {
                try await scene.pass(.seconds(200))
                let found = try await reports.get("vigil-image-2", namespace: "default")
                #expect(found.metadata.resourceVersion == theirs.metadata.resourceVersion)
                scene.plan.remove(cut)
            }
            #expect(scene.plan.firings(of: cut) > 0)
        }
    }

    @Test("for a verification that is going no report is made any more")
    func going() async throws {
        try await Scene.run { scene in
            try await scene.define()
            try await scene.wait(for: Self.unsigned, atMost: .seconds(61))
            let verifications = scene.client.resource(ImageVerification.self)
            _ = try await verifications.patch(
                "image-1",
                namespace: "default",
                .merge(["metadata": ["finalizers": ["example.com/wait"]]])
            )
            try await verifications.delete("image-1", namespace: "default")
            // Two watches tell of it: that of reports must not be the first.
            try await scene.pass(.seconds(5))
            try await scene.client.resource(PolicyReport.self).delete("vigil-image-1", namespace: "default")
            try await scene.pass(.seconds(120))
            #expect(try await scene.reasons().count == Scene.count - 1)
        }
    }

    @Test("a server without the definition is not asked to make reports over and over")
    func quiet() async throws {
        try await Scene.run { scene in
            try await scene.pass(.seconds(3600))
            #expect(await scene.attempts == 0, "nothing is asked before the kind was there")
            try await scene.define()
            try await scene.wait(for: Self.unsigned, atMost: .seconds(61))
            try await scene.withdraw()
            let before = await scene.attempts
            try await scene.pass(.seconds(3600))
            let attempts = await scene.attempts - before
            #expect(attempts <= Scene.count * 14, "each every five minutes, and at the beginning: \(attempts)")
        }
    }
}
