import KubernetesRuntime
import Synchronization

extension Chaos {
    /// Numbers in 0..<1 that a seed repeats, for the waits of a client.
    static func spread(_ seed: UInt64) -> @Sendable () -> Double {
        let random = Mutex(SplitMix64(seed: seed))
        return { random.withLock { Double.random(in: 0..<1, using: &$0) } }
    }
}
