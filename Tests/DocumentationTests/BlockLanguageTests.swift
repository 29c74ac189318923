import TestDocuments
import Testing

/// Every block says what it is, so that it is tried as that.
@Suite("Blocks in the documentation")
struct BlockLanguageTests {
    /// What a block may be, and what is done with it.
    private static let languages: Set<String> = [
        "sh", "console",  // their commands: CommandTests
        "yaml", "json",  // DataBlockTests
        "promql",  // QueryTests
        "swift",  // quoted from what is compiled; manifests: ManifestTests
        "text",  // what a program prints, and drawings
    ]

    private static func violations(_ documentation: Documentation) -> [String] {
        documentation.ordered.flatMap(\.blocks).compactMap { block in
            if block.language.isEmpty {
                return
                    "\(block.place): say behind the fence what it is: sh, console (with $ before commands), yaml, json, "
                    + "promql, or text for what a program prints"
            }
            return languages.contains(block.language)
                ? nil : "\(block.place): nothing tries blocks of \(block.language)"
        }
    }

    @Test("each has a language that is tried, or is called text")
    func languages() {
        for violation in Self.violations(.checkout) { Issue.record("\(violation)") }
        #expect(Self.violations(Documentation(["a.md": "```\nx\n```\n", "b.md": "```perl\nx\n```\n"])).count == 2)
        #expect(Self.violations(Documentation(["a.md": "- x\n  ```sh\n  make\n  ```\n"])) == [])
    }

    /// Whether every line of a block stands in one of the sources, in this order.
    private static func isQuoted(_ block: MarkdownPage.Block, from sources: [String]) -> Bool {
        let wanted = block.lines.map(\.trimmed).filter { !$0.isEmpty }
        return sources.contains { source in
            var left = wanted[...]
            for line in source.split(separator: "\n") where String(line).trimmed == left.first { left.removeFirst() }
            return left.isEmpty
        }
    }

    @Test("Swift is quoted from the sources, which are compiled")
    func swift() throws {
        let sources = try ["RuntimeExample", "FuzzTargets"].flatMap { folder in
            try Checkout.names(in: "Sources/\(folder)", suffix: ".swift").map {
                try Checkout.text("Sources/\(folder)/\($0)")
            }
        }
        let blocks = Documentation.checkout.blocks("swift").filter { !ManifestTests.isManifest($0) }
        #expect(blocks.count > 1)
        for var block in blocks {
            #expect(Self.isQuoted(block, from: sources), "\(block.place)")
            block.lines.append("let other = 1")
            #expect(!Self.isQuoted(block, from: sources))
        }
    }
}
