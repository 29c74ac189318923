import Testing

@testable import playground

@Suite("A promise")
struct PromiseTests {
    @Test("keeps the first value it is given and hands it to everybody who waits")
    func firstValueCounts() async throws {
        let promise = Promise<Int>()
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 { group.addTask { try await promise.value() } }
            promise.fulfil(1)
            promise.fulfil(2)
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(values == Array(repeating: 1, count: 10))
        #expect(promise.current == 1)
    }

    @Test("ends the wait of a cancelled task")
    func cancellation() async throws {
        let promise = Promise<Int>()
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await promise.value() }
                group.cancelAll()
                _ = try await group.next()
            }
        }
        #expect(promise.current == nil)
    }
}
