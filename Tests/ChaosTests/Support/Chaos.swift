import FoundationEssentials
import TestTiming
import Testing

/// What all scenarios share: seeds, and which of them run.
enum Chaos {
    /// The seed that every run has, and one that is new in each; `VIGIL_CHAOS_SEED` replays a single one.
    static let seeds: [UInt64] = {
        if let given = givenSeed("VIGIL_CHAOS_SEED") { return [given] }
        return [20_260_823, .random(in: 0...UInt64.max)]
    }()

    /// Whether scenarios run that take more than a few seconds: `make chaos` sets `VIGIL_CHAOS=full`.
    static let runsSlowScenarios = ProcessInfo.processInfo.environment["VIGIL_CHAOS"] == "full"

    /// Why they do not otherwise.
    static let slow: Comment = "takes more than a few seconds: make chaos"

    /// How long a test may take before it counts as hanging; it waits for its turn meanwhile.
    static let timeLimit: TimeLimitTrait.Duration = .minutes(runsSlowScenarios ? 90 : 15)

    /// One world after the other: each keeps a processor busy, and tests beside it run in real time.
    private static let turns = Turns()

    /// Runs a scenario when it is its turn, and looks at what it leaves in memory (I6).
    ///
    /// - Parameters:
    ///   - ceiling: how much it may leave and take.
    ///   - scenario: the scenario.
    /// - Returns: what the scenario returns.
    /// - Throws: what the scenario throws.
    static func takeTurn<Result>(
        _ ceiling: MemoryCeiling = .standard,
        _ scenario: () async throws -> Result
    ) async rethrows -> Result {
        try await turns.take { try await ceiling.watch(scenario) }
    }

    /// Says how to replay a scenario that failed.
    static func announce(_ scenario: String, _ seed: UInt64) { print("\(scenario): VIGIL_CHAOS_SEED=\(seed)") }
}
