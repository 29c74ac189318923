import EmbeddedKubernetes
import TestTiming

/// A scenario with a user at work: the trouble goes on beside it, then all faults end, and the invariants are checked.
struct MachineryScenario: Sendable {
    var title: String
    var settings = WidgetWorld.Settings()
    /// How many things the user does.
    var steps = 30
    /// For how long.
    var duration = Duration.seconds(120)
    var invariants = Invariants()

    /// Runs it.
    ///
    /// - Parameters:
    ///   - seed: decides about everything random.
    ///   - trouble: what goes wrong, from when the operator's copies are complete.
    /// - Throws: what the trouble throws.
    func run(seed: UInt64, _ trouble: @escaping @Sendable (WidgetWorld) async throws -> Void) async throws {
        Chaos.announce(title, seed)
        let user = WidgetUser(seed: seed, steps: steps, within: duration)
        var invariants = invariants
        invariants.golden = try await WidgetLedger.golden(seed: seed, user)
        invariants.stepsByName = user.stepsByName
        let (checks, world) = (invariants, try WidgetWorld(seed: seed, settings))
        try await world.run { world in
            if settings.definesWidgets { try await world.define() }
            _ = try await world.wait(atMost: .seconds(120)) { $0.isSynced }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await user.work(in: world) }
                group.addTask { try await trouble(world) }
                try await group.waitForAll()
            }
            world.plan.heal()
            try await checks.check(world)
        }
    }
}
