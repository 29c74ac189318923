import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import OCIModel
import OperatorTestKit
import Testing
import TrustModel
import TrustResources

@testable import VigilCommand

extension OperatorWorld {
    /// What operators wrote, beside their Lease, oldest first; refused requests and no-ops left out.
    func writes(by name: String? = nil, since start: Duration = .zero) async -> [RecordedMutation] {
        let names = operatorNames
        return await cluster.recordedMutations.filter { mutation in
            mutation.isCommitted && mutation.elapsed >= start && !mutation.isOfLease
                && (name.map { $0 == mutation.client } ?? names.contains(mutation.client))
        }
    }

    /// The same with those that were refused or changed nothing.
    func attempts(by name: String? = nil, since start: Duration = .zero) async -> [RecordedMutation] {
        let names = operatorNames
        return await cluster.recordedMutations.filter { mutation in
            mutation.elapsed >= start && !mutation.isOfLease
                && (name.map { $0 == mutation.client } ?? names.contains(mutation.client))
        }
    }

    /// What is checked after every scenario (the numbers are those of the reliability plan).
    func checkInvariants(_ scenario: String, _ seed: UInt64) async {
        if allElect { await checkSingleWriter(scenario) }
        let complaints = chronicle.complaints
        #expect(complaints.isEmpty, "I5, \(scenario), seed \(seed): \(complaints.prefix(5))")
        await checkSecrets(scenario)
        guard await checkMetrics(scenario, seed) else { return }
        await checkVerdicts(scenario)
        await checkQuiet(scenario)
    }

    /// I1 and I2: what runs under a policy has a verdict, and nothing that the operator made is there for anything else.
    ///
    /// Every policy of the scenarios that is in force and says nothing of images speaks for all of its namespace.
    private func checkVerdicts(_ scenario: String) async {
        guard !livingOperators.isEmpty else { return }
        do {
            let ledger = try await VerdictLedger(of: client, namespace: watchesCluster ? nil : namespace)
            #expect(ledger.missing.isEmpty, "I1, \(scenario): without a verdict: \(ledger.missing)")
            #expect(ledger.leftBehind.isEmpty, "I2, \(scenario): left behind: \(ledger.leftBehind)")
        } catch {
            Issue.record("I1, \(scenario): the cluster cannot be read: \(error)")
        }
    }

    /// I4: at rest nobody writes anything but the Lease, and nobody lists, for a minute.
    ///
    /// Operators without an election between them may disagree for ever.
    private func checkQuiet(_ scenario: String) async {
        guard allElect, !livingOperators.isEmpty else { return }
        do {
            try await expectQuiet(after: .seconds(1))
        } catch {
            Issue.record("I4, \(scenario): \(error)")
        }
    }

    /// I7: neither log nor Event nor status told the secret.
    private func checkSecrets(_ scenario: String) async {
        let kinds = [TrustPolicy.resource, ImageVerification.resource, Event.resource]
        for path in kinds.map({ $0.path(namespace: namespace) }) {
            guard let answer = try? await client.send(APIRequest(.get, path)) else { continue }
            secrets.read(String(decoding: answer.body, as: UTF8.self), from: path)
        }
        let found = secrets.found
        #expect(found.isEmpty, "I7, \(scenario): a secret was told: \(found.prefix(3))")
    }

    /// I3: whoever wrote held the lease when it was written, and terms do not mingle.
    private func checkSingleWriter(_ scenario: String) async {
        let key = lease.description
        var term: (client: String, transitions: Int64)?
        for write in await writes() {
            guard let holding = write.leases[key] else {
                Issue.record(
                    "I3, \(scenario): \(write.client) wrote \(write.key) at \(write.elapsed) before there was a lease"
                )
                return
            }
            #expect(
                holding.holder == write.client,
                "I3, \(scenario): \(write.client) wrote \(write.key) at \(write.elapsed) while \(holding.holder) held the lease"
            )
            if let term, holding.transitions <= term.transitions, write.client != term.client {
                Issue.record("I3, \(scenario): \(write.client) wrote in the term of \(term.client) at \(write.elapsed)")
            }
            term = (write.client, holding.transitions)
        }
    }

    /// I9: when the faults are over and all is at rest, what each operator measured agrees with everything else.
    ///
    /// - Returns: whether all came to rest.
    private func checkMetrics(_ scenario: String, _ seed: UInt64) async -> Bool {
        faults.heal()
        let end = simulation.now + patience
        while true {
            guard (try? await pass(.seconds(5))) != nil else { return false }
            let living = livingOperators
            let holder = await leaseHolding()?.holder
            let isLed = living.allSatisfy { !$0.isElecting } || living.contains { $0.name == holder }
            if isLed, living.allSatisfy(MetricsAudit.isQuiet) { break }
            guard simulation.now < end else {
                Issue.record("I9, \(scenario), seed \(seed): no rest within \(patience), held by \(holder ?? "nobody")")
                return false
            }
        }
        let mutations = await cluster.recordedMutations
        let holder = await leaseHolding()?.holder
        for one in everyOperator {
            let audit = MetricsAudit(one, mutations: mutations.filter { $0.client == one.name }, holder: holder)
            #expect(audit.complaints.isEmpty, "I9, \(scenario), seed \(seed): \(audit.complaints)")
        }
        await checkCount(Pod.self, scenario)
        await checkCount(TrustPolicy.self, scenario)
        await checkCount(ImageVerification.self, scenario)
        return true
    }

    /// I9: as many objects are measured as the server has; nothing that vanished is counted.
    private func checkCount<Object: KubernetesObject>(_ type: Object.Type, _ scenario: String) async {
        let selection = ObjectSelection(namespace: watchesCluster ? nil : namespace)
        let list = try? await client.resource(type).list(selection)
        guard let count = list?.items.count else { return }
        for one in livingOperators {
            let copies = one.services.view.informerStates.filter { $0.kind == Object.resource && $0.status.hasSynced }
            for name in copies.map(\.name) {
                let measured = one.metrics.sum("informer_objects", ["name": name])
                #expect(measured == Double(count), "I9, \(scenario): \(one.name) measured other \(name) than there are")
            }
        }
    }

    /// I4: nobody writes anything but the Lease for a minute, and nobody lists.
    func expectQuiet(for duration: Duration = .seconds(60), after pause: Duration = .seconds(5)) async throws {
        try await pass(pause)
        let start = simulation.now
        faults.clearRequests()
        try await pass(duration)
        let written = await attempts(since: start).map { "\($0.client) \($0.method) \($0.key)" }
        #expect(written.isEmpty, "I4: written in a quiet time: \(written.prefix(10))")
        let lists = faults.requests(FaultMatch([.list])).filter { operatorNames.contains($0.request.client) }
        #expect(lists.isEmpty, "I4: listed in a quiet time: \(lists.prefix(10))")
    }

    /// I1 and I2: each running image has its verdict, and nothing is there for others.
    func expectVerdicts(_ expected: [(image: Descriptor, verdict: String)]) async throws {
        let found = try await client.resource(ImageVerification.self).list(ObjectSelection(namespace: namespace)).items
        let names = Set(expected.map { ImageVerification.name(for: $0.image.digest) })
        let others = found.map(\.metadata.name).filter { !names.contains($0) }
        #expect(others.isEmpty, "I2: left behind: \(others)")
        for (image, verdict) in expected {
            let one = found.first { $0.metadata.name == ImageVerification.name(for: image.digest) }
            #expect(one?.status?.verdict?.rawValue == verdict, "I1: \(image.digest)")
        }
    }
}

extension RecordedMutation {
    var isOfLease: Bool { request.resource == "leases.coordination.k8s.io" }
}
