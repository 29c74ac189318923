import EmbeddedClouds
import KubernetesAPI
import OperatorTestKit
import SigningTestKit
import TestTiming
import Testing
import TrustModel
import TrustResources

/// What becomes of images when the anchors that vouch for them are in a vault.
///
/// The controllers' clock stands still: a change of the policy brings them back to it, and the wall clock says whether
/// the vault is read again.
@Suite(.timeLimit(.minutes(5))) struct VaultAnchorTests {
    private func policy(_ world: ControllerWorld, interval: Int) -> TrustPolicy {
        var policy = world.policy()
        let source = KeyVaultSource(vaultURI: "https://\(VaultScene.host)", name: "wabbit")
        policy.spec.authorities[0].notary?.trustStores = [
            TrustStoreSource(type: "ca", name: "example", certificates: CertificateSource(azureKeyVault: source))
        ]
        policy.spec.interval = "\(interval)s"
        return policy
    }

    /// Lets the controllers read the vault again.
    private func look(_ world: ControllerWorld, interval: Int) async throws {
        world.time.advance(by: .seconds(301))
        world.vault.azure.advance(by: 301)
        try await world.apply(policy(world, interval: interval))
    }

    private func policy(
        _ world: ControllerWorld,
        where isAsExpected: @escaping @Sendable ([Condition]) -> Bool
    ) async throws -> [Condition] {
        let found = try await world.object(TrustPolicy.self, "shop") { policy in
            policy.status?.observedGeneration == policy.metadata.generation
                && isAsExpected(policy.status?.conditions ?? [])
        }
        return found.status?.conditions ?? []
    }

    private static func isReady(_ conditions: [Condition]) -> Bool {
        conditions[type: ConditionType.ready]?.status == .true
    }

    @Test(
        "anchors of a vault vouch for images; an outage keeps them and says since when; a disabled version is dropped"
    )
    func life() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            let anchor = TestChain([world.chain.root])
            world.vault.put(anchor, 0)
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.runPod("web-0", image: image)
            try await world.apply(policy(world, interval: 60))
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }

            world.vault.azure.fail("/", count: 1000, with: CloudAnswer(0))
            try await look(world, interval: 61)
            var conditions = try await policy(world) { $0[type: ConditionType.trustStoreStale]?.status == .true }
            #expect(Self.isReady(conditions))
            let message = conditions[type: ConditionType.trustStoreStale]?.message ?? ""
            #expect(message.contains("could not be read since 2026-06-01T00:00:"), "\(message)")
            #expect(try await world.event(about: "shop", reason: "TrustStoreStale").type == "Warning")
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }

            world.vault.azure.heal()
            world.vault.put(try TestChain.selfSigned(), 1)
            world.vault.disable(0)
            try await look(world, interval: 62)
            conditions = try await policy(world) { Self.isReady($0) && $0[type: ConditionType.trustStoreStale] == nil }
            _ = try await world.verification(of: image) { $0.status?.reason == .noTrustedSignature }

            world.vault.disable(1)
            try await look(world, interval: 63)
            conditions = try await policy(world) { !Self.isReady($0) }
            #expect(conditions[type: ConditionType.ready]?.reason == "PolicyInvalid")
            #expect(conditions[type: ConditionType.ready]?.message.contains("has no enabled version") == true)
        }
    }

    @Test("a disabled version is dropped although another cannot be read")
    func partialOutage() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            world.vault.put(TestChain([world.chain.root]), 0)
            world.vault.put(try TestChain.selfSigned(), 1)
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.runPod("web-0", image: image)
            try await world.apply(policy(world, interval: 60))
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            world.vault.disable(0)
            world.vault.azure.fail("/secrets/", count: 1000, with: CloudAnswer(500))
            try await look(world, interval: 61)
            _ = try await world.verification(of: image) { $0.status?.reason == .noTrustedSignature }
            let conditions = try await policy(world, where: Self.isReady)
            let message = conditions[type: ConditionType.ready]?.message ?? ""
            #expect(message.contains("could not be read again, and counts as it was"), "\(message)")
        }
    }

    @Test("where secrets are forbidden the certificate itself vouches, and the status says so")
    func forbidden() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            world.vault.put(TestChain([world.chain.root]), 0)
            world.vault.azure.updateVault(VaultScene.host) { $0.permissions.getSecrets = false }
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.runPod("web-0", image: image)
            try await world.apply(policy(world, interval: 60))
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            let conditions = try await policy(world, where: Self.isReady)
            let message = conditions[type: ConditionType.ready]?.message ?? ""
            #expect(message.contains("secrets may not be read (ForbiddenByRbac)"), "\(message)")
        }
    }

    @Test("a vault that was never read makes no verdict, and no outage of the vault reads as one of the image")
    func neverRead() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            world.vault.azure.fail("/", count: 1000, with: CloudAnswer(0))
            let image = try world.registry.push("web")
            try world.registry.sign(image, by: world.chain)
            try await world.runPod("web-0", image: image)
            try await world.apply(policy(world, interval: 60))
            let conditions = try await policy(world) { !Self.isReady($0) && !$0.isEmpty }
            #expect(conditions[type: ConditionType.ready]?.reason == "TrustStoreUnavailable")
            let held = try await world.verification(of: image) { $0.status?.reason == .trustStoreUnavailable }
            #expect(held.status?.verdict == .unknown)
            world.vault.azure.heal()
            world.vault.put(TestChain([world.chain.root]), 0)
            try await look(world, interval: 61)
            _ = try await world.verification(of: image) { $0.status?.verdict == .trusted }
        }
    }

    @Test("a host that is no vault of Azure is not asked, and the policy is not valid")
    func foreign() async throws {
        try await ControllerWorld.run(clock: ManualClock()) { world in
            var policy = policy(world, interval: 60)
            let source = KeyVaultSource(vaultURI: "https://vault.example.com", name: "wabbit")
            policy.spec.authorities[0].notary?.trustStores?[0].certificates = CertificateSource(azureKeyVault: source)
            try await world.apply(policy)
            let conditions = try await self.policy(world) { !Self.isReady($0) && !$0.isEmpty }
            #expect(conditions[type: ConditionType.ready]?.reason == "PolicyInvalid")
            #expect(world.vault.azure.requests.isEmpty)
        }
    }
}
