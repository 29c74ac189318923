import Synchronization
import Testing

@testable import WorkSharing

@Suite("One attempt for many", .timeLimit(.minutes(5)))
struct SingleFlightTests {
    private struct Refusal: Error {}

    private final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// Opens once, and lets everyone through from then on.
    private final class Gate: Sendable {
        private let stream: AsyncStream<Void>
        private let open: AsyncStream<Void>.Continuation

        init() { (stream, open) = AsyncStream.makeStream() }

        func pass() async { for await _ in stream {} }
        func lift() { open.finish() }
    }

    /// Waits until `count` tasks wait for another's attempt.
    private func waiting<Value>(_ count: Int, on flight: SingleFlight<Value>) async {
        while flight.waitingCount < count { await Task.yield() }
    }

    @Test("all who ask meanwhile get the value of one attempt; who asks later makes another")
    func sharing() async throws {
        let flight = SingleFlight<Int>()
        let attempts = Counter()
        let gate = Gate()
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await flight.value {
                        await gate.pass()
                        return attempts.next()
                    }
                }
            }
            await waiting(19, on: flight)
            gate.lift()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: 1, count: 20))
        #expect(try await flight.value { 2 } == 2)
    }

    @Test("who wants something else does not wait, and who wants the same does")
    func keys() async throws {
        let flights = SingleFlights<String, Int>()
        let gate = Gate()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await flights.value(for: "a") {
                        await gate.pass()
                        return 1
                    }
                }
            }
            while flights.waitingCount(for: "a") < 1 { await Task.yield() }
            #expect(try await flights.value(for: "b") { 2 } == 2)
            #expect(flights.waitingCount(for: "b") == 0)
            gate.lift()
            let values = try await group.reduce(into: []) { $0.append($1) }
            #expect(values == [1, 1])
        }
    }

    @Test("an error is everyone's, and is not kept")
    func failure() async throws {
        let flight = SingleFlight<Int>()
        let gate = Gate()
        let refusals = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do {
                        _ = try await flight.value {
                            await gate.pass()
                            throw Refusal()
                        }
                        return false
                    } catch { return error is Refusal }
                }
            }
            await waiting(4, on: flight)
            gate.lift()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refusals == 5)
        #expect(try await flight.value { 1 } == 1)
    }

    @Test("when the one who makes the attempt is cancelled, another makes it; a cancelled waiter only leaves")
    func cancellation() async throws {
        let flight = SingleFlight<String>()
        let started = Gate()
        let first = Task {
            try await flight.value {
                started.lift()
                // Ends by the cancellation of its task alone.
                try await Task.sleep(for: .seconds(3600))
                return "first"
            }
        }
        await started.pass()
        let leaving = Task { try await flight.value { "leaving" } }
        let second = Task { try await flight.value { "second" } }
        await waiting(2, on: flight)
        leaving.cancel()
        await #expect(throws: CancellationError.self) { try await leaving.value }
        first.cancel()
        #expect(try await second.value == "second")
        await #expect(throws: CancellationError.self) { try await first.value }
    }
}
