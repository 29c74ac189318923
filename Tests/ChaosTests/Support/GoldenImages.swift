import OCIModel
import OperatorTestKit
import SigningTestKit
import TrustResources

/// The golden scenario: a policy that changes, images signed and not, pods that come and go.
///
/// The images are made once, so that runs can be compared to the letter.
struct GoldenImages: Sendable {
    let registry = InMemoryRegistry()
    private let signed: Descriptor
    private let unsigned: Descriptor
    private let leaving: Descriptor

    init() throws {
        signed = try registry.push("signed")
        unsigned = try registry.push("unsigned")
        leaving = try registry.push("leaving")
        try registry.sign(signed, by: try TestChain.make())
    }

    /// Plays the scenario; returns the verdicts that it must end with.
    func play(in world: OperatorWorld) async throws -> [(image: Descriptor, verdict: String)] {
        try await world.apply(world.policy())
        try await world.runPod("signed-0", image: signed)
        try await world.runPod("signed-1", image: signed)
        try await world.runPod("unsigned-0", image: unsigned)
        try await world.runPod("leaving-0", image: leaving)
        try await world.pass(.seconds(20))
        var changed = world.policy()
        changed.spec.interval = "30s"
        try await world.apply(changed)
        try await world.deletePod("leaving-0")
        try await world.deletePod("signed-1")
        try await world.pass(.seconds(100))
        return [(signed, "Trusted"), (unsigned, "Unknown")]
    }
}
