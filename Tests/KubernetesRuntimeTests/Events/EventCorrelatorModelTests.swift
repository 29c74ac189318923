import FoundationEssentials
import KubernetesAPI
import KubernetesRuntime
import TestTiming
import Testing

/// The rules of Events against a model of what a server would hold, on random walks.
@Suite("Event rules on random walks")
struct EventCorrelatorModelTests {
    /// What was observed and what a server has of it.
    private struct Model {
        var correlator: EventCorrelator
        var now = Duration.zero
        /// The count of each Event, by its name.
        var stored: [String: Int] = [:]
        var created: [String: [Duration]] = [:]
        var observed = 0
        var dropped = 0
        var defects: [String] = []

        mutating func observe(_ notice: EventNotice) {
            observed += 1
            let decision = correlator.observe(notice, at: now, wallClock: wallClock)
            if decision.isDropped { dropped += 1 }
            let creations = apply(decision.writes)
            if creations > 1 || (decision.isDropped && creations > 0) { defects.append("\(creations) created") }
            if creations == 1 { created["\(notice.regarding.name ?? "") \(notice.kind)", default: []].append(now) }
        }

        @discardableResult
        mutating func apply(_ writes: [EventCorrelator.Write]) -> Int {
            var creations = 0
            for write in writes {
                switch write {
                case .create(let event):
                    if stored[event.metadata.name] != nil { defects.append("\(event.metadata.name) was made twice") }
                    stored[event.metadata.name] = 1
                    creations += 1
                case .series(let event):
                    let count = event.series?.count ?? 0
                    let before = stored[event.metadata.name] ?? 0
                    if before == 0 || count < max(2, before) { defects.append("\(before) became \(count)") }
                    stored[event.metadata.name] = count
                }
            }
            return creations
        }

        var wallClock: Date { Date(timeIntervalSince1970: 1_700_000_000 + now / .seconds(1)) }
    }

    private static func notice(_ random: inout SplitMix64) -> EventNotice {
        let object = Int.random(in: 0..<3, using: &random)
        return EventNotice(
            regarding: ObjectReference(
                apiVersion: "v1",
                kind: "Pod",
                namespace: "shop",
                name: "pod-\(object)",
                uid: "u-\(object)",
                resourceVersion: "\(Int.random(in: 0..<9, using: &random))"
            ),
            kind: Bool.random(using: &random) ? .normal : .warning,
            reason: "R\(Int.random(in: 0..<12, using: &random))",
            action: "Check",
            note: "note \(Int.random(in: 0..<99, using: &random))"
        )
    }

    @Test("written, counted and dropped make up what was observed, and no object gets more than its bucket holds")
    func conservation() {
        let seed = testSeed("Events, random walk")
        var random = SplitMix64(seed: seed)
        var (dropped, counted) = (0, 0)
        for round in 0..<200 {
            var model = Model(
                correlator: EventCorrelator(
                    reportingController: "example.com/c",
                    reportingInstance: "i",
                    seed: random.next()
                )
            )
            let pace = Int.random(in: 1...200, using: &random)
            var nextTick = EventCorrelator.idleLimit
            for _ in 0..<400 {
                model.now += .seconds(Int.random(in: 0..<pace, using: &random))
                if model.now >= nextTick, Int.random(in: 0..<4, using: &random) > 0 {
                    model.apply(model.correlator.tick(at: model.now))
                    nextTick = model.now + EventCorrelator.idleLimit
                }
                model.observe(Self.notice(&random))
            }
            model.apply(model.correlator.finish(at: model.now))
            let sum = model.stored.values.reduce(0, +) + model.dropped
            #expect(sum == model.observed, "round \(round), TEST_SEED=\(seed)")
            #expect(model.defects.isEmpty, "round \(round), TEST_SEED=\(seed)")
            for (object, times) in model.created {
                let defect = Self.excess(times)
                #expect(defect == nil, "\(object): \(defect ?? ""), round \(round), TEST_SEED=\(seed)")
            }
            dropped += model.dropped
            counted += model.observed - model.dropped - model.stored.count
        }
        #expect(dropped > 100 && counted > 1000, "the walk shows nothing: \(dropped), \(counted), TEST_SEED=\(seed)")
    }

    /// The first interval in which more was created than 25 and one for each five minutes.
    private static func excess(_ times: [Duration]) -> String? {
        for first in times.indices {
            for last in first..<times.endIndex {
                let allowed = 25 + (times[last] - times[first]) / .seconds(300)
                let count = last - first + 1
                if Double(count) > allowed + 1e-6 { return "\(count) within \(times[last] - times[first])" }
            }
        }
        return nil
    }
}
