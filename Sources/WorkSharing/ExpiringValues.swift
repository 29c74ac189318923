#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Values that are asked for once at a time and kept until they are to be renewed.
///
/// Whoever wants one that is being asked for waits for it, and shares a failure too. A failure is not kept. What a
/// cancelled task came to counts for nobody else.
public final class ExpiringValues<Key: Hashable & Sendable, Value: Sendable, Failure: Error>: Sendable {
    /// A value, and until when it is used.
    public struct Kept: Sendable {
        /// The value.
        public let value: Value
        /// When another is asked for.
        public let until: Date

        /// Creates the pair.
        public init(_ value: Value, until: Date) {
            self.value = value
            self.until = until
        }
    }

    private let work = SharedWork<Key, Result<Kept, Failure>, [Key: Kept]>(memory: [:])
    private let capacity: Int
    private let now: @Sendable () -> Date

    /// Creates a store that keeps `capacity` values at most.
    public init(capacity: Int, now: @escaping @Sendable () -> Date) {
        self.capacity = max(1, capacity)
        self.now = now
    }

    /// The value at hand, or what `make` brings.
    ///
    /// - Parameters:
    ///   - key: which value.
    ///   - cancelled: what is thrown when this task is cancelled before there is a value.
    ///   - make: asks for it.
    /// - Returns: the value.
    /// - Throws: what `make` throws, to everyone who waits for it; `cancelled`.
    public func value(
        _ key: Key,
        cancelled: @autoclosure () -> Failure,
        make: () async throws(Failure) -> Kept
    ) async throws(Failure) -> Value {
        let date = now()
        let result = await work.value(
            for: key,
            known: { kept in kept[key].flatMap { $0.until > date ? .success($0) : nil } },
            make: { () async -> Result<Kept, Failure> in
                do throws(Failure) {
                    return .success(try await make())
                } catch {
                    return .failure(error)
                }
            },
            keep: { kept, result in
                if case .success(let value) = result { self.keep(value, key, &kept) }
                return result
            }
        )
        guard let result else { throw cancelled() }
        return try result.get().value
    }

    /// Forgets a value that satisfies `isStale`; a newer one stays.
    public func drop(_ key: Key, where isStale: (Value) -> Bool) {
        work.changeMemory { kept in
            if let value = kept[key], isStale(value.value) { kept[key] = nil }
        }
    }

    private func keep(_ value: Kept, _ key: Key, _ kept: inout [Key: Kept]) {
        let date = now()
        if kept.count >= capacity { kept = kept.filter { $0.value.until > date } }
        if kept.count >= capacity { kept = [:] }
        kept[key] = value
    }
}
