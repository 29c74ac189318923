import Testing

/// I6: how much more memory this process may have after a scenario than before it, and take meanwhile.
///
/// What counts as left is the process's own memory (`RssAnon`, so that code which is read for the first time does not
/// count), after the C library gave back what is free. Worlds take turns, but in `make test` tests of other suites run
/// beside them and hold memory for a while: what is too much is looked at again until it has gone, or the patience is
/// over. What a scenario keeps never goes.
struct MemoryCeiling: Sendable {
    /// The most that may be left, in KiB; default 64 MiB.
    ///
    /// The world itself may be part of it, with its objects and its record of requests, for the test still looks at it.
    var limit = 64 << 10
    /// The most that may be taken meanwhile, in KiB; `nil` for any amount.
    var peakLimit: Int?
    /// How often, half a second apart, it is looked at again.
    var looks = 60

    /// What holds for a scenario that says nothing else.
    ///
    /// Alone in its process (`make chaos`) the suite knows whose memory it sees. Beside others it can only notice an
    /// amount that none of those hold.
    static let standard =
        Chaos.runsSlowScenarios ? MemoryCeiling() : MemoryCeiling(limit: 512 << 10, looks: 20)

    /// Runs a scenario.
    ///
    /// - Parameters:
    ///   - scenario: the scenario.
    ///   - inUse: the process's memory now, in KiB; `nil` where that cannot be found out.
    ///   - pause: waits for others to give back theirs.
    ///   - complain: is told in a sentence what was too much.
    /// - Returns: what the scenario returns.
    /// - Throws: what the scenario throws.
    func watch<Result>(
        _ scenario: () async throws -> Result,
        inUse: () -> Int? = { ResidentMemory.inUse },
        pause: () async throws -> Void = { try await Task.sleep(for: .milliseconds(500)) },
        complain: (String) -> Void = { Issue.record("\($0)") }
    ) async rethrows -> Result {
        let before = inUse()
        let start = peakLimit == nil ? nil : ResidentMemory.resetPeak()
        let result = try await scenario()
        if let peakLimit, let start, let peak = ResidentMemory.peak {
            print("I6: \((peak - start) >> 10) MiB more at the peak")
            if peak - start > peakLimit { complain("I6: \((peak - start) >> 10) MiB more were taken meanwhile") }
        } else if peakLimit != nil {
            complain("I6: the peak cannot be measured, for /proc/self/clear_refs cannot be written")
        }
        guard let before, var now = inUse() else { return result }
        var look = 0
        while now - before > limit, look < looks, (try? await pause()) != nil {
            look += 1
            now = inUse() ?? now
        }
        if now - before > limit {
            complain("I6: \((now - before) >> 10) MiB more are left in memory, the ceiling is \(limit >> 10) MiB")
        }
        return result
    }
}
