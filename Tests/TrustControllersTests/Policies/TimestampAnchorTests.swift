import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import SigningTestDescriptors
import SigningTestKit
import Testing
import TrustModel
import TrustResources

/// Time-stamping authorities that a TrustPolicy names, from the signature in the registry to the verdict and the policy's status.
@Suite(.timeLimit(.minutes(5))) struct TimestampAnchorTests {
    private static let stamped = ControllerWorld.start - 30 * 86_400

    /// A signer whose certificate ended a month ago, an hour after an authority saw what he signed.
    private static func sign(_ image: Descriptor, in world: ControllerWorld, by clock: TestChain) throws -> TestChain {
        var leaf = CertificateRecipe.leaf()
        leaf.notBefore = stamped - 3600
        leaf.notAfter = stamped + 3600
        let signer = try TestChain.make(leaf: leaf)
        let signature = try StampedSignature(SigningRequest(image), chain: signer, format: .jws)
        let token = try TimestampRecipe(of: signature.value, at: stamped, by: clock).token()
        let made = TestSignature(
            subject: image,
            envelope: try signature.envelope(token: token),
            mediaType: .jose,
            chain: signer
        )
        try world.registry.attach(made, to: image)
        return signer
    }

    private static func policy(_ world: ControllerWorld, signer: TestChain, clock: TestChain?) -> TrustPolicy {
        var policy = world.policy()
        var stores = [
            TrustStoreSource(type: "ca", name: "example", certificates: CertificateSource(inline: signer.root.pem))
        ]
        if let clock {
            let source = CertificateSource(inline: clock.root.pem)
            stores.append(TrustStoreSource(type: "tsa", name: "clock", certificates: source))
        }
        policy.spec.authorities[0].notary?.trustStores = stores
        return policy
    }

    @Test("a store of type tsa carries a signature over the end of its certificate, and its anchor counts the image")
    func carried() async throws {
        try await ControllerWorld.run { world in
            let clock = try TestChain.make(number: 7, leaf: .timestamping())
            let other = try TestChain.make(number: 11, leaf: .timestamping())
            let image = try world.registry.push("web")
            let signer = try Self.sign(image, in: world, by: clock)
            try await world.apply(Self.policy(world, signer: signer, clock: nil))
            try await world.runPod("web-0", image: image)
            _ = try await world.verification(of: image) { $0.status?.reason == .certificateExpired }
            try await world.apply(Self.policy(world, signer: signer, clock: clock))
            let trusted = try await world.verification(of: image) { $0.status?.verdict == .trusted }
            let finding = try #require(trusted.status?.findings?.first)
            #expect(finding.anchor == Digest.of(signer.root.der).hex)
            #expect(finding.timestampAnchor == Digest.of(clock.root.der).hex)
            #expect(finding.message?.contains("timestamped at 2026-05-02T00:00:00Z") == true, "\(finding)")
            let counted = try await world.object(TrustPolicy.self, "shop") { policy in
                policy.status?.anchors?.map(\.images) == [1, 1]
            }
            #expect(Set(counted.status?.anchors?.compactMap(\.type) ?? []) == ["ca", "tsa"])
            // Whom nobody trusts with times cannot carry it.
            try await world.apply(Self.policy(world, signer: signer, clock: other))
            _ = try await world.verification(of: image) { $0.status?.reason == .timestampUnavailable }
            _ = try await world.object(TrustPolicy.self, "shop") { $0.status?.anchors?.map(\.images) == [0, 0] }
        }
    }
}
