import EmbeddedKubernetes
import KubernetesAPI
import KubernetesClient
import OperatorTestKit
import TestTiming
import Testing
import TrustModel
import TrustResources

@testable import playground

/// What the benchmarks see of a cluster, on a server that closes watches.
@Suite("Boards of verdicts and Events", .timeLimit(.minutes(5)))
struct BoardTests {
    private static let pace = Duration.milliseconds(100)

    /// Writes the object of a verification, or its status.
    private static func write(_ number: Int, status: Bool, _ client: APIClient) async throws {
        let made = try PlainVerification(number, in: "default", pods: 1)
        let verifications = client.resource(ImageVerification.self)
        guard status else {
            _ = try await verifications.create(made.object)
            return
        }
        var stored = try await verifications.get(made.object.metadata.name, namespace: "default")
        stored.status = made.status
        _ = try await verifications.replaceStatus(stored)
    }

    private static func onCluster(
        _ body: @escaping @Sendable (FaultPlan, APIClient, ManualClock) async throws -> Void
    ) async throws {
        let time = VirtualTime(limit: .seconds(600))
        let faults = FaultPlan()
        let cluster = EmbeddedCluster(configuration: .virtual(time.clock, faults: faults))
        try await IntegrationCluster(cluster).installDefinitions()
        let client = APIClient(transport: cluster.transport(userAgent: "test"), userAgent: "test/1")
        try await time.run { try await body(faults, client, time.clock) }
    }

    /// Waits until `condition` holds, a minute at most.
    private static func wait(_ clock: ManualClock, until condition: () -> Bool) async throws {
        for _ in 0..<600 where !condition() { try await clock.sleep(for: pace) }
    }

    @Test("verdicts that are written while a watch is broken are seen, and each change is counted once")
    func verdicts() async throws {
        try await Self.onCluster { faults, client, clock in
            try await Self.write(0, status: false, client)
            try await Self.write(0, status: true, client)
            try await VerdictBoard.watching(client, clock: clock) { board in
                #expect(board.count == 1 && board.tally == [.trusted: 1])
                try await Self.write(1, status: false, client)
                try await Self.wait(clock) { board.changes == 2 }
                #expect(board.count == 1, "an object without a status has no verdict")
                #expect(faults.openStreams() == 1)
                faults.endStreams(.everything, .reset)
                try await Self.write(1, status: true, client)
                try await Self.write(2, status: false, client)
                try await Self.write(2, status: true, client)
                try await Self.wait(clock) { board.count == 3 }
                #expect(board.tally == [.trusted: 3] && board.changes == 5)
                let name = try PlainVerification(0, in: "default", pods: 1).object.metadata.name
                try await client.resource(ImageVerification.self).delete(name, namespace: "default")
                try await Self.wait(clock) { board.count == 2 }
                #expect(board.arrival(ObjectKey(namespace: "default", name: name)) == nil)
            }
        }
    }

    @Test("Events that are written while a watch is broken are seen")
    func events() async throws {
        try await Self.onCluster { faults, client, clock in
            try await EventBoard.watching(client, clock: clock) { board in
                try await Self.tell(of: "a", client)
                try await Self.wait(clock) { board.count == 1 }
                #expect(faults.openStreams() == 1)
                faults.endStreams(.everything, .reset)
                try await Self.tell(of: "b", client)
                try await Self.wait(clock) { board.count == 2 }
                for name in ["a", "b"] {
                    #expect(board.arrival(ObjectKey(namespace: "default", name: name)) != nil)
                }
            }
        }
    }

    private static func tell(of name: String, _ client: APIClient) async throws {
        let body = """
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"about-\(name)"},\
            "eventTime":"2026-01-02T03:04:05.000000Z","reportingController":"vigil.dev/test","reportingInstance":"test",\
            "action":"Verify","reason":"ImageTrusted","type":"Normal","note":"trusted",\
            "regarding":{"apiVersion":"vigil.dev/v1alpha1","kind":"ImageVerification","namespace":"default",\
            "name":"\(name)"}}
            """
        _ = try await client.send(
            APIRequest(
                .post,
                "/apis/events.k8s.io/v1/namespaces/default/events",
                headers: ["content-type": "application/json"],
                body: Array(body.utf8)
            )
        )
    }
}
