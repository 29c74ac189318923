internal import FoundationEssentials

/// The seed of a random test: chosen anew each run and printed, or given by an environment variable to replay one.
///
/// - Parameters:
///   - name: what the test is about.
///   - variable: the variable's name.
/// - Returns: the seed.
public func testSeed(_ name: String, variable: String = "TEST_SEED") -> UInt64 {
    let seed = givenSeed(variable) ?? .random(in: 0...UInt64.max)
    print("\(name): \(variable)=\(seed)")
    return seed
}

/// The seed that an environment variable gives, if it does.
public func givenSeed(_ variable: String) -> UInt64? {
    ProcessInfo.processInfo.environment[variable].flatMap(UInt64.init)
}
