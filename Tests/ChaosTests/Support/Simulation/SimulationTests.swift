import KubernetesRuntime
import Testing

@Suite struct SimulationTests {
    @Test("time passes only when nobody has anything left to do, and wakes sleepers in their order")
    func order() async throws {
        let woken = Shared<[Int]>([])
        try await Simulation.run(seed: 1) { simulation in
            await withTaskGroup(of: Void.self) { group in
                for hour in [3, 1, 2] {
                    group.addTask {
                        try? await simulation.sleep(for: .seconds(3600 * hour))
                        woken.change { $0.append(hour) }
                    }
                }
            }
            #expect(simulation.now == .seconds(3 * 3600))
        }
        #expect(woken.value == [1, 2, 3])
    }

    @Test("a stopped lane does nothing until it goes on, and finds that time has passed")
    func stop() async throws {
        try await Simulation.run(seed: 2) { simulation in
            let lane = simulation.lane()
            let steps = Shared<[Duration]>([])
            let task = Task(executorPreference: lane) {
                while steps.value.count < 4 {
                    try await simulation.sleep(for: .seconds(1))
                    steps.change { $0.append(simulation.now) }
                }
            }
            try await simulation.sleep(for: .milliseconds(1500))
            lane.stop()
            try await simulation.sleep(for: .seconds(20))
            #expect(steps.value.count == 1)
            lane.proceed()
            try await task.value
            #expect(steps.value == [1, 21.5, 22.5, 23.5].map { .seconds($0) })
        }
    }

    @Test("equal seeds give equal orders, and some seed gives another")
    func seeds() async throws {
        func order(_ seed: UInt64) async throws -> [Int] {
            let order = Shared<[Int]>([])
            try await Simulation.run(seed: seed) { simulation in
                await withTaskGroup(of: Void.self) { group in
                    for index in 0..<20 { group.addTask { order.change { $0.append(index) } } }
                }
            }
            return order.value
        }
        let first = try await order(7)
        #expect(try await order(7) == first)
        #expect(try await order(8) != first)
    }

    @Test("a clock of another rate wakes when its own time has come")
    func rate() async throws {
        try await Simulation.run(seed: 3) { simulation in
            let fast = SimulatedClock(simulation, rate: 1.25, start: .seconds(1000))
            let start = fast.now
            try await fast.sleep(for: .seconds(10))
            #expect(simulation.now >= .seconds(8) && simulation.now < .seconds(8.001))
            #expect(start.duration(to: fast.now) >= .seconds(10))
        }
    }

    @Test("unstructured tasks belong to the world that begins them: its time waits for them")
    func unassignedWork() async throws {
        try await Simulation.run(seed: 4) { simulation in
            for _ in 0..<200 {
                let answer = Exchange<Duration>()
                Task {
                    // Even if it lets others go first.
                    for _ in 0..<10 { await Task.yield() }
                    answer.finish(.success(simulation.now))
                }
                let begun = simulation.now
                async let alarm: Void = simulation.sleep(for: .milliseconds(1))
                #expect(try await answer.value() == begun)
                try await alarm
            }
        }
    }
}
