import EmbeddedKubernetes
import JSONModel
import Synchronization
import Testing

@Suite("Recorded conversations with a real API server")
struct TraceReplayTests {
    @Test("Every recorded exchange gets the recorded answer, but for the gaps that are listed", .timeLimit(.minutes(5)))
    func replay() async throws {
        // The recorded cluster ran no namespace controller.
        let cluster = EmbeddedCluster(configuration: ClusterConfiguration(controllers: [.garbageCollection]))
        let replay = TraceReplay(cluster)
        let exchanges = try TraceFixtures.exchanges()
        let watches = try ConsoleRecording.all().compactMap(\.watch)
        // What was seen of watches, most of which no proxy recorded; one, from a version to come, stays silent.
        #expect(watches.count == 5)
        let unexpected = FrameLog()
        var silent: [Task<Void, Never>] = []
        defer { for task in silent { task.cancel() } }
        let results = try await withThrowingTaskGroup(of: (TraceExchange, [String]).self) { group in
            var results: [(TraceExchange, [String])] = []
            for exchange in exchanges {
                if exchange.identity == "09-rawwatch#0" {
                    for watch in try watches.map(replay.withoutHistory) {
                        guard watch.responseText?.isEmpty == true else {
                            results.append((watch, try await replay.watch(watch) {}))
                            continue
                        }
                        silent.append(
                            Task {
                                do {
                                    try await replay.follow(watch) { unexpected.append($0) }
                                    unexpected.append("the end")
                                } catch {
                                    unexpected.append("\(error)")
                                }
                            }
                        )
                    }
                }
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
        #expect(results.count == exchanges.count + watches.count - 1)
        #expect(silent.count == 1 && unexpected.frames.isEmpty, "\(unexpected.frames)")
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

/// Frames that nobody expects.
private final class FrameLog: Sendable {
    private let kept = Mutex<[String]>([])
    var frames: [String] { kept.withLock(\.self) }
    func append(_ frame: String) { kept.withLock { $0.append(frame) } }
}
