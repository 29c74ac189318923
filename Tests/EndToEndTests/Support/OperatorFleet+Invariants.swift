import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import OutboundHTTP
import Testing
import TrustResources

extension OperatorFleet {
    /// Ends the coming and going of pods, and expects that the leader brings all to rest: every image has its verdict and
    /// nothing is left behind (I1, I2), then nothing is written or listed (I4), and the metrics agree (I9).
    func expectRest(led leader: RunningOperator) async throws {
        record.endChurn()
        try await poll("pods still come and go") { !record.isChurning }
        try await poll("images and verdicts do not agree") {
            try await VerdictLedger(of: client, namespace: namespace).isBalanced
        }
        try await poll("it is written and written") {
            let before = await attempts().last?.number
            try await Task.sleep(for: .seconds(3))
            return await attempts().last?.number == before
        }
        let before = await attempts().last?.number ?? 0
        faults.clearRequests()
        try await Task.sleep(for: .seconds(10))
        let late = await attempts().filter { $0.number > before }.map(\.key)
        #expect(late.isEmpty, "I4: written in a quiet time: \(late.prefix(5))")
        let lists = faults.requests(FaultMatch([.list])).filter { $0.request.client != "vigil-tests/1" }
        #expect(lists.isEmpty, "I4: listed in a quiet time: \(lists.map(\.request.resource))")
        try await expectMetrics(of: leader)
    }

    private func expectMetrics(of leader: RunningOperator) async throws {
        let server = LocalServer(port: try await leader.process.healthPort())
        let count = try await client.resource(ImageVerification.self).list(ObjectSelection(namespace: namespace))
            .items.count
        var defects: [String] = []
        // Images are looked at again all the time: a page may be read in the middle of one.
        for _ in 0..<100 {
            let answer = try await server.get("/metrics")
            defects = self.defects(in: MetricSamples(String(decoding: answer.body, as: UTF8.self)), count)
            if defects.isEmpty { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("I9: \(defects)")
    }

    private func defects(in samples: MetricSamples, _ count: Int) -> [String] {
        let (adds, gets) = (samples.sum("workqueue_adds_total"), samples.sum("workqueue_queue_duration_seconds_count"))
        let ends = samples.sum("controller_runtime_reconcile_total")
        let works = samples.sum("controller_runtime_reconcile_time_seconds_count")
        let name = #"name="\#(ImageVerification.resource) in \#(namespace)""#
        let checks: [(String, Bool)] = [
            ("keys", samples.sum("workqueue_depth") == 0 && adds != nil && adds == gets),
            ("reconciles", ends != nil && ends == works),
            ("leadership", samples.sum("leader_election_master_status") == 1),
            ("verifications", samples.sum("informer_objects", where: name) == Double(count)),
        ]
        return checks.filter { !$0.1 }.map(\.0)
    }

    /// What is checked when all have ended: no secret was told (I7), and no verdict was written over and over (I4).
    ///
    /// - Parameter leaders: how many may have led, each of which may write a status again when it begins.
    /// - Throws: what reading the cluster throws.
    func expectRecord(leaders: Int) async throws {
        for process in record.processes { #expect(!FleetSecret.isTold(in: process.log), "I7: a secret in a log") }
        for resource in [TrustPolicy.resource, ImageVerification.resource, Event.resource] {
            let answer = try await client.send(APIRequest(.get, resource.path(namespace: namespace)))
            #expect(!FleetSecret.isTold(in: String(decoding: answer.body, as: UTF8.self)), "I7: in \(resource)")
        }
        let verdicts = await writes().filter { $0.request.resource == "\(ImageVerification.resource)" }
        let counts = Dictionary(grouping: verdicts, by: \.key).mapValues(\.count)
        let often = counts.filter { $0.value > 3 + 2 * leaders }
        #expect(often.isEmpty, "I4: written again and again")
    }

    private func poll(_ complaint: String, _ isSo: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + patience
        while try await !isSo() {
            guard ContinuousClock.now < end else { throw SceneError("\(complaint) after \(patience)") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
