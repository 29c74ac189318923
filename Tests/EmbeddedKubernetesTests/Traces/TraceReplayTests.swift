import EmbeddedKubernetes
import JSONModel
import Testing

@Suite("Recorded conversations with a real API server")
struct TraceReplayTests {
    @Test("Every recorded exchange gets the recorded answer, but for the gaps that are listed", .timeLimit(.minutes(5)))
    func replay() async throws {
        // The recorded cluster ran no namespace controller.
        let cluster = EmbeddedCluster(configuration: ClusterConfiguration(controllers: [.garbageCollection]))
        let replay = TraceReplay(cluster)
        let exchanges = try TraceFixtures.exchanges()
        let results = try await withThrowingTaskGroup(of: (TraceExchange, [String]).self) { group in
            var results: [(TraceExchange, [String])] = []
            for exchange in exchanges {
                guard exchange.isWatch else {
                    results.append((exchange, try await replay.differences(exchange)))
                    continue
                }
                let (opened, signal) = AsyncStream<Void>.makeStream()
                group.addTask {
                    defer { signal.finish() }
                    return (exchange, try await replay.watch(exchange) { signal.finish() })
                }
                for await _ in opened {}
            }
            for try await result in group { results.append(result) }
            return results
        }
        #expect(results.count == exchanges.count)
        #expect(exchanges.count == 422)
        var gaps = try TraceFixtures.knownGaps()
        for (exchange, differences) in results {
            if let reason = gaps.removeValue(forKey: exchange.identity) {
                if differences.isEmpty {
                    Issue.record("\(exchange.identity) agrees; take it off known-gaps.json (\(reason))")
                }
            } else if !differences.isEmpty {
                Issue.record("\(exchange.title)\n  \(differences.prefix(12).joined(separator: "\n  "))")
            }
        }
        #expect(gaps.isEmpty, "known-gaps.json names exchanges that do not exist: \(gaps.keys.sorted())")
    }
}
