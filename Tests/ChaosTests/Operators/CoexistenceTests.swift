import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

/// Chaos 14: two operators of different versions on the same objects, with an election and without.
///
/// The fence is the Lease and nothing else: no object carries a fencing epoch, and operators that were told not to elect
/// do not notice each other. What must hold then is that they do no harm.
@Suite struct CoexistenceTests {
    @Test("chaos 14: with an election the other version writes nothing, and rewrites each object once when it leads")
    func elected() async throws {
        for seed in Chaos.seeds {
            try await OperatorWorld.run("chaos 14 (elected)", seed: seed) { world in
                let alpha = try world.start("alpha")
                let image = try await world.runTrustedImage()
                try world.start("beta", isOfAnotherVersion: true)
                try await world.pass(.seconds(120))
                #expect(await world.attempts(by: "beta").isEmpty)
                alpha.terminate()
                try await world.waitForLeader("beta")
                try await world.pass(.seconds(120))
                try await world.expectVerdicts([(image, "Trusted")])
                let writes = await world.writes(by: "beta").filter { !$0.key.hasPrefix("events") }.map(\.key)
                #expect(!writes.isEmpty && Set(writes).count == writes.count, "rewritten more than once: \(writes)")
                try await world.expectQuiet()
                try await Self.expectOneVerdict(of: image, in: world)
            }
        }
    }

    @Test(
        "chaos 14: two of one version without an election repeat nothing of each other's work",
        arguments: Chaos.seeds
    )
    func sameVersion(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 14 (no election)", seed: seed) { world in
            for name in ["alpha", "beta"] { try world.start(name, isElecting: false) }
            let image = try await world.runTrustedImage()
            try await world.pass(.seconds(30))
            try await world.expectVerdicts([(image, "Trusted")])
            try await world.expectQuiet(for: .seconds(180))
            let created = await world.writes().filter {
                $0.request.verb == .create && $0.key.hasPrefix("imageverifications")
            }
            #expect(created.count == 1)
            try await Self.expectOneVerdict(of: image, in: world)
        }
    }

    @Test(
        "chaos 14: two versions without an election overwrite each other, slowly, and the verdict stays",
        arguments: Chaos.seeds
    )
    func otherVersion(_ seed: UInt64) async throws {
        try await OperatorWorld.run("chaos 14 (no election, two versions)", seed: seed) { world in
            try world.start("alpha", isElecting: false)
            let image = try await world.runTrustedImage()
            try world.start("beta", isElecting: false, isOfAnotherVersion: true)
            try await world.pass(.seconds(10))
            let start = world.simulation.now
            try await world.pass(.seconds(300))
            let writers = Set(await world.writes(since: start).map(\.client))
            #expect(writers == ["alpha", "beta"], "nothing fences them: the record shows both")
            let attempts = Dictionary(grouping: await world.attempts(since: start), by: \.key).mapValues(\.count)
            #expect(attempts.values.allSatisfy { $0 <= 300 }, "more than one write a second of an object: \(attempts)")
            try await world.expectVerdicts([(image, "Trusted")])
            try await Self.expectOneVerdict(of: image, in: world)
        }
    }

    /// Whatever was written: nobody ever read another verdict.
    private static func expectOneVerdict(of image: Descriptor, in world: OperatorWorld) async throws {
        let one = try await world.verification(of: image) { _ in true }
        #expect(one.status?.history?.count == 1, "\(String(describing: one.status?.history))")
        let events = try await world.client.resource(Event.self).list(ObjectSelection(namespace: world.namespace)).items
        #expect(events.filter { $0.type == "Warning" }.isEmpty)
    }
}
