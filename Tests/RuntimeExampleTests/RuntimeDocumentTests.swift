import Foundation
import Testing

@Suite("docs/runtime.md")
struct RuntimeDocumentTests {
    private static func text(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// What stands between the fences of the Swift block that holds `marker`.
    private static func block(holding marker: String, in document: String) -> String? {
        let fence = "```"
        let parts = document.components(separatedBy: "\n\(fence)")
        let block = parts.first { $0.hasPrefix("swift\n") && $0.contains(marker) }
        return block.map { $0.dropFirst("swift\n".count) + "\n" }
    }

    @Test("the example in the document is the program that is compiled and tested here, byte for byte")
    func sameExample() throws {
        let program = try Self.text("Sources/RuntimeExample/TeamOperator.swift")
        let shown = try #require(try Self.block(holding: "@main", in: Self.text("docs/runtime.md")))
        #expect(shown == program)
    }

    @Test("the example has fewer than 100 lines and knows nothing of what this operator is about")
    func shortAndNeutral() throws {
        let program = try Self.text("Sources/RuntimeExample/TeamOperator.swift")
        #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < 100)
        for noun in ["vigil", "trust", "image", "verdict", "policy"] {
            #expect(!program.lowercased().contains(noun), "\(noun)")
        }
    }
}
