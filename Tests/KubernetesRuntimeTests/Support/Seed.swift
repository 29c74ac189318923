import FoundationEssentials

/// The seed of a random test: chosen anew each run and printed, or given by `TEST_SEED` to replay one.
func testSeed(_ name: String) -> UInt64 {
    let seed = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
    print("\(name): TEST_SEED=\(seed)")
    return seed
}
