import FoundationEssentials
import Synchronization
import TestTiming
import Testing

@testable import WorkSharing

/// Values that are asked for once at a time and kept until they are to be renewed.
@Suite(.timeLimit(.minutes(2))) struct ExpiringValuesTests {
    private struct Refusal: Error, Equatable {
        var isCancellation = false
    }

    private final class Box: Sendable {
        private let state = Mutex((seconds: 0.0, count: 0))

        var now: Date { Date(timeIntervalSince1970: state.withLock(\.seconds)) }
        var count: Int { state.withLock(\.count) }

        func advance(by seconds: Double) { state.withLock { $0.seconds += seconds } }

        func next() -> Int {
            state.withLock { state in
                state.count += 1
                return state.count
            }
        }
    }

    private typealias Values = ExpiringValues<String, Int, Refusal>
    private let box = Box()

    private func values(capacity: Int = 4) -> Values {
        let box = box
        return Values(capacity: capacity) { box.now }
    }

    private func get(
        _ values: Values,
        _ key: String = "a",
        life: Double = 10,
        gate: Latch? = nil
    ) async throws(Refusal) -> Int {
        try await values.value(key, cancelled: Refusal(isCancellation: true)) { () async throws(Refusal) in
            await gate?.wait()
            return .init(box.next(), until: box.now.addingTimeInterval(life))
        }
    }

    @Test("a value is kept until its moment, and dropped where somebody says so")
    func life() async throws {
        let values = values()
        #expect(try await get(values) == 1)
        box.advance(by: 9)
        #expect(try await get(values) == 1)
        #expect(try await get(values, "b") == 2)
        box.advance(by: 1)
        #expect(try await get(values) == 3)
        values.drop("a") { $0 == 1 }
        #expect(try await get(values) == 3)
        values.drop("a") { $0 == 3 }
        #expect(try await get(values) == 4)
    }

    @Test("all who ask meanwhile get one value")
    func sharing() async throws {
        let values = values()
        let gate = Latch()
        let got = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await get(values, gate: gate) } }
            gate.open()
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(got == [1])
    }

    @Test("a failure is not kept")
    func failure() async throws {
        let values = values()
        await #expect(throws: Refusal()) {
            try await values.value("a", cancelled: Refusal(isCancellation: true)) { () async throws(Refusal) in
                throw Refusal()
            }
        }
        #expect(try await get(values) == 1)
    }

    @Test("who is cancelled before there is a value is told so")
    func cancellation() async throws {
        let values = values()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await get(values)
        }
        await #expect(throws: Refusal(isCancellation: true)) { try await task.value }
        #expect(box.count == 0)
    }

    @Test("no more are kept than there is room for")
    func capacity() async throws {
        let values = values(capacity: 2)
        #expect(try await get(values, "a", life: 1) == 1)
        #expect(try await get(values, "b") == 2)
        box.advance(by: 2)
        #expect(try await get(values, "c") == 3)
        #expect(try await get(values, "b") == 2)
        #expect(try await get(values, "d") == 4)
        #expect(try await get(values, "b") == 5)
    }
}
