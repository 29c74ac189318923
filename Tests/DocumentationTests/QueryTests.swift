import Foundation
import TestDocuments
import Testing

/// Every query for Prometheus in the documentation.
@Suite("PromQL in the documentation", .enabled(if: try Tool.areInstalled, Tool.reason), .timeLimit(.minutes(2)))
struct QueryTests {
    @Test("promtool takes each query, and it asks for metrics that are documented")
    func queries() async throws {
        let blocks = Documentation.checkout.blocks("promql")
        #expect(!blocks.isEmpty)
        for block in blocks {
            let violations = try await Self.violations(in: block.lines)
            #expect(violations == [], "\(block.place)")
        }
    }

    @Test("a query that is none, and one for a metric that does not exist, are found")
    func mistakes() async throws {
        #expect(try await Self.violations(in: ["sum(vigil_images"]).count == 1)
        #expect(try await Self.violations(in: ["sum(vigil_imagse) > 0"]) == ["vigil_imagse is not documented"])
        #expect(try await Self.violations(in: ["# comment", "", "sum by (namespace) (vigil_images) > 0"]) == [])
    }

    /// What is wrong with queries, one a line, lines that are indented belonging to the one before.
    private static func violations(in lines: [String]) async throws -> [String] {
        var queries: [String] = []
        for line in lines where !line.hasPrefix("#") && !line.isEmpty {
            if line.hasPrefix(" "), let last = queries.popLast() {
                queries.append(last + line)
            } else {
                queries.append(line)
            }
        }
        let page = try Checkout.text("docs/metrics.md")
        var found = queries.flatMap {
            $0.matches(of: /\b(?:vigil|leader_election|rest_client)_\w+/).map { String($0.0) }
        }
        .map { $0.replacing(/_(bucket|sum|count)$/, with: "") }
        .filter { !page.contains("| `\($0)` |") }.map { "\($0) is not documented" }
        for query in queries {
            let quoted = query.replacing("'", with: "''")
            let rules = "groups: [{name: page, rules: [{record: 'page:query', expr: '\(quoted)'}]}]\n"
            let file = FileManager.default.temporaryDirectory.appending(path: "query-\(UUID().uuidString).yaml")
            defer { try? FileManager.default.removeItem(at: file) }
            try rules.write(to: file, atomically: true, encoding: .utf8)
            let outcome = try await Tool.promtool.run(["check", "rules", file.path])
            if !outcome.isSuccess { found.append("\(query): \(outcome.output)\(outcome.errors)") }
        }
        return found
    }
}
