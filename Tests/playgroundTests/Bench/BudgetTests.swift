import TestDocuments
import Testing

@testable import playground

@Suite("A figure beside its budget")
struct BudgetTests {
    @Test("meets it up to the limit, and not beyond; what is no number meets none")
    func limits() {
        #expect(Budget.quantity("x", 20, "s", atMost: 20).isMet == true)
        #expect(Budget.quantity("x", 20.1, "s", atMost: 20).isMet == false)
        #expect(Budget.quantity("x", .nan, "s", atMost: 20).isMet == false)
        #expect(Budget.quantity("x", 20, "s").isMet == nil)
        #expect(Budget.count("x", 0, atMost: 0).isMet == true && Budget.count("x", 1, atMost: 0).isMet == false)
        #expect(Budget.ratio("x", 1, atMost: 1).isMet == true && Budget.speedUp("x", 9.9, atLeast: 10).isMet == false)
    }

    @Test("is printed with its limit and the judgement; a figure without a promise with what it is for")
    func table() {
        let text = Budget.table(
            "Line",
            [
                .quantity("a", 1.5, "% of 1", atMost: 1), .count("b", 3, atMost: 0),
                .quantity("c", 2, "MiB", digits: 0), .count("d", 4).shown(as: .floor),
                .count("e", 0, atMost: 5).shown(as: .part),
            ]
        )
        let lines = text.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        let expected = [
            "Line measured allowed", "a 1.50 % of 1 ≤ 1 % of 1 NOT MET", "b 3 none NOT MET", "c 2 MiB (shown)",
            "d 4 (floor)", "e 0 ≤ 5 met",
        ]
        #expect(lines == expected)
    }

    @Test("the operator's memory is compared with what the shipped container may take")
    func container() throws {
        let manifest = try Checkout.text("config/manager/deployment.yaml")
        let limits = try #require(manifest.split(separator: "limits:").last)
        let limit = limits.split(separator: "\n").first { $0.contains("memory:") }
        #expect(limit?.hasSuffix(" \(Int(ShippedContainer.memoryLimit))Mi") == true)
    }
}
