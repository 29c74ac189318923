import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import TestTiming
import Testing
import TrustModel
import TrustResources

@testable import TrustControllers

/// Images for several platforms whose tags move while they run.
///
/// With `VIGIL_TEST_KUBECONFIG` the cluster is a real one.
@Suite(.timeLimit(.minutes(5))) struct TagMovedTests {
    private static let arm = Platform(os: "linux", architecture: "arm64")
    private static let intel = Platform(os: "linux", architecture: "amd64")

    /// Asks for everything to be asked again, and waits until it was.
    private static func ask(_ token: String, of image: Descriptor, in world: ControllerWorld) async throws
        -> ImageVerificationStatus
    {
        let name = ImageVerification.name(for: image.digest)
        _ = try await world.client.resource(ImageVerification.self).patch(
            name,
            namespace: world.namespace,
            .merge(["metadata": ["annotations": [TrustAPI.verifyAnnotation: .string(token)]]])
        )
        let found = try await world.verification(of: image) { $0.status?.lastHandledVerifyRequest == token }
        return try #require(found.status)
    }

    /// How many Events say that the tag of an image moved, with repetitions.
    private static func events(about image: Descriptor, in world: ControllerWorld) async throws -> Int {
        let events = try await world.client.resource(Event.self).list(ObjectSelection(namespace: world.namespace))
        return events.items.filter {
            $0.reason == ConditionType.tagMoved && $0.regarding?.name == ImageVerification.name(for: image.digest)
        }.reduce(0) { $0 + max(1, $1.series?.count ?? 1) }
    }

    @Test("a tag that moves is told by a condition and one Event, changes no verdict, and is over when it leads back")
    func moves() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let image = try world.registry.push("web")
            let other = try world.registry.push("web, the next")
            try world.registry.sign(image, by: world.chain)
            world.registry.tag("v1", image)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            let first = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            #expect(first.status?.verifiedManifest == .platform)
            #expect(first.status?.conditions?[type: ConditionType.tagMoved] == nil)
            world.registry.tag("v1", other)
            for token in ["once", "twice"] {
                let status = try await Self.ask(token, of: image, in: world)
                let condition = try #require(status.conditions?[type: ConditionType.tagMoved])
                #expect(condition.status == .true && condition.reason == ConditionReason.leadsElsewhere)
                #expect(condition.message.contains("shop/web:v1 leads to \(other.digest)"))
                #expect(status.verdict == .trusted && status.history?.count == 1)
            }
            let event = try await world.event(
                about: ImageVerification.name(for: image.digest),
                reason: ConditionType.tagMoved
            )
            #expect(event.type == "Normal" && event.note?.contains("\(other.digest)") == true)
            #expect(try await Self.events(about: image, in: world) == 1)
            // An outage, and a tag that is gone, say nothing about where it leads.
            world.registry.setDown(true)
            let outage = try await Self.ask("outage", of: image, in: world)
            #expect(outage.conditions?[type: ConditionType.tagMoved]?.status == .true)
            world.registry.setDown(false)
            world.registry.tag("v1", image)
            let back = try await Self.ask("back", of: image, in: world)
            #expect(back.conditions?[type: ConditionType.tagMoved] == nil && back.verdict == .trusted)
        }
    }

    @Test("who asks for a digest follows no tag; who asks for neither follows latest")
    func digests() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let pinned = try world.registry.push("pinned")
            let floating = try world.registry.push("floating")
            let other = try world.registry.push("other")
            for tag in ["v1", "latest"] { world.registry.tag(tag, other) }
            try await world.apply(world.policy())
            let name = "\(InMemoryRegistry.host)/shop/web"
            try await world.runPod("a", image: "\(name):v1@\(pinned.digest)", imageID: "\(name)@\(pinned.digest)")
            try await world.runPod("b", image: name, imageID: "\(name)@\(floating.digest)")
            let first = try await world.verification(of: pinned) { $0.status?.verdict != nil }
            #expect(first.status?.conditions?[type: ConditionType.tagMoved] == nil)
            let second = try await world.verification(of: floating) { $0.status?.verdict != nil }
            let message = second.status?.conditions?[type: ConditionType.tagMoved]?.message
            #expect(message?.contains("shop/web:latest leads to \(other.digest)") == true)
        }
    }

    @Test("a platform manifest is trusted by its signed index, and stays so when the tag moves")
    func index() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let image = try world.registry.push("web for arm64")
            let index = try world.registry.push(index: [
                (Self.intel, try world.registry.push("web for amd64")), (Self.arm, image),
            ])
            try world.registry.sign(index, by: world.chain)
            world.registry.tag("v1", index)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            let first = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            #expect(first.status?.digest == "\(image.digest)" && first.status?.verifiedDigest == "\(index.digest)")
            #expect(first.status?.verifiedManifest == .index)
            #expect(first.status?.conditions?[type: ConditionType.tagMoved] == nil)
            world.registry.tag("v1", try world.registry.push(index: [(Self.arm, try world.registry.push("next"))]))
            let moved = try await Self.ask("moved", of: image, in: world)
            #expect(moved.verdict == .trusted && moved.verifiedDigest == "\(index.digest)")
            #expect(moved.conditions?[type: ConditionType.tagMoved]?.status == .true)
        }
    }

    @Test("an operator that begins after the tag moved knows of the index by the status")
    func restart() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let image = try world.registry.push("web for arm64")
            let index = try world.registry.push(index: [(Self.arm, image)])
            try world.registry.sign(index, by: world.chain)
            try await world.apply(world.policy())
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.reason == .noSignature }
            _ = try await world.client.resource(ImageVerification.self).patch(
                ImageVerification.name(for: image.digest),
                namespace: world.namespace,
                .merge(["status": ["verifiedDigest": .string("\(index.digest)"), "verifiedManifest": "Index"]]),
                subresource: "status"
            )
            let status = try await Self.ask("now", of: image, in: world)
            #expect(status.verdict == .trusted && status.verifiedDigest == "\(index.digest)")
        }
    }

    @Test("the index by whose digest a pod asks vouches for the platform manifest that it runs")
    func reference() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let image = try world.registry.push("web for arm64")
            let index = try world.registry.push(index: [(Self.arm, image)])
            try world.registry.sign(index, by: world.chain)
            try await world.apply(world.policy())
            let name = "\(InMemoryRegistry.host)/shop/web"
            try await world.runPod("web-0", image: "\(name)@\(index.digest)", imageID: "\(name)@\(image.digest)")
            let found = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            #expect(found.status?.verifiedDigest == "\(index.digest)")
        }
    }

    @Test("an unsigned index counts as signed where all that can run on the pods' nodes is")
    func nodes() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let image = try world.registry.push("web for arm64")
            let index = try world.registry.push(index: [
                (Self.intel, try world.registry.push("web for amd64")), (Self.arm, image),
            ])
            try world.registry.sign(image, by: world.chain)
            try await world.apply(world.policy())
            let name = "\(InMemoryRegistry.host)/shop/web"
            let id = "\(name)@\(index.digest)"
            let selector = ["kubernetes.io/arch": "arm64", "kubernetes.io/os": "linux"]
            try await world.runPod("arm", image: id, imageID: id, nodeSelector: selector)
            let found = try await world.verification(of: index) { $0.status?.verdict == .trusted }
            #expect(found.status?.verifiedDigest == "\(image.digest)" && found.status?.verifiedManifest == .platform)
            // Where another pod may be on any node, everything must be signed.
            try await world.runPod("any", image: id, imageID: id)
            let both = try await world.verification(of: index) { $0.status?.verdict == .unknown }
            #expect(both.status?.reason == .noSignature)
        }
    }

    @Test("a tag is asked about as seldom as signatures are, and not in the same look")
    func budget() {
        func age(_ interval: Duration, _ wasJudgedNow: Bool) -> Duration {
            ImageReconciler.tagAge(
                .seconds(300),
                interval: interval,
                maxStaleness: .seconds(3600),
                wasJudgedNow: wasJudgedNow
            )
        }
        #expect(age(.seconds(60), false) == .seconds(300))
        #expect(age(.seconds(60), true) == .seconds(600))
        #expect(age(.seconds(3600), true) == .seconds(5400))
    }
}
