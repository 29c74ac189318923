import Testing

@testable import playground

@Suite("An expectation")
struct ExpectationTests {
    private let digest = "sha256:" + String(repeating: "a", count: 64)

    private func expectation(_ outcome: playground.Expectation.Outcome) -> playground.Expectation {
        playground.Expectation(subject: "shop/web", namespace: "shop", digest: digest, expected: outcome)
    }

    private func table(verdict: String, reason: String, namespace: String = "shop") -> VerificationTable {
        var table = VerificationTable()
        table.record(
            namespace: namespace,
            name: "web",
            image: "127.0.0.1:5000/shop/web:v1@\(digest)",
            verdict: verdict,
            reason: reason
        )
        return table
    }

    @Test("holds for the verdict and the reason, and for nothing else")
    func verdictAndReason() {
        let trusted = expectation(.verdict("Trusted", "Verified"))
        #expect(trusted.check(against: table(verdict: "Trusted", reason: "Verified")).holds)
        #expect(!trusted.check(against: table(verdict: "Trusted", reason: "SkippedByPolicy")).holds)
        #expect(!trusted.check(against: table(verdict: "Unknown", reason: "NoSignature")).holds)
        #expect(!trusted.check(against: table(verdict: "Trusted", reason: "Verified", namespace: "other")).holds)
        #expect(!trusted.check(against: table(verdict: "", reason: "")).holds)
        #expect(!trusted.check(against: VerificationTable()).holds)
    }

    @Test("of absence holds only when there is no object")
    func absence() {
        let gone = expectation(.absent)
        #expect(gone.check(against: VerificationTable()).holds)
        #expect(!gone.check(against: table(verdict: "", reason: "")).holds)
        var table = table(verdict: "Trusted", reason: "Verified")
        #expect(!gone.check(against: table).holds)
        table.remove(namespace: "shop", image: "127.0.0.1:5000/shop/web:v1@\(digest)")
        #expect(gone.check(against: table).holds)
    }

    @Test("reads what kubectl prints")
    func list() throws {
        let list = """
            {"items": [{"metadata": {"namespace": "shop", "name": "web"}, "spec": {"image": "host/web@\(digest)"},
              "status": {"verdict": "Untrusted", "reason": "SignatureInvalid"}}]}
            """
        let table = try VerificationTable(list: list)
        #expect(table.outcome(namespace: "shop", digest: digest) == .verdict("Untrusted", "SignatureInvalid"))
        #expect(table.name(namespace: "shop", digest: digest) == "web")
        #expect(throws: DemoError.self) { try VerificationTable(list: "No resources found") }
        #expect(throws: DemoError.self) { try VerificationTable(list: "{}") }
    }

    @Test("every image has one, every container of a pod has an image, and every image runs")
    func scenarioIsComplete() {
        let running = DemoPod.all.flatMap { $0.containers + [$0.initContainer, $0.sidecar].compactMap(\.self) }
        #expect(Set(DemoImage.all.map(\.role)) == Set(DemoImage.Role.allCases))
        #expect(Set(running) == Set(DemoImage.Role.allCases))
        for image in DemoImage.all { #expect(image.expected != .absent && image.expected != .undecided) }
    }

    @Test("is found to hold as soon as the watch says so")
    func board() async throws {
        let board = VerificationBoard()
        let trusted = expectation(.verdict("Trusted", "Verified"))
        let arrival = try await withThrowingTaskGroup(of: ContinuousClock.Instant?.self) { group in
            group.addTask { try await board.wait(for: [trusted], limit: .seconds(60)) }
            await board.take("ADDED|shop|web|host/web@\(digest)|Unknown|NoSignature")
            await board.take("a line that is no event")
            await board.take("MODIFIED|shop|web|host/web@\(digest)|Trusted|Verified")
            return try await group.next() ?? nil
        }
        #expect(arrival != nil)
        await board.take("DELETED|shop|web|host/web@\(digest)|Trusted|Verified")
        #expect(try await board.wait(for: [expectation(.absent)], limit: .seconds(60)) != nil)
        #expect(try await board.wait(for: [trusted], limit: .zero) == nil)
    }
}
