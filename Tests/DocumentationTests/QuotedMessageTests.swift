import Foundation
import TestDocuments
import Testing

/// What the pages for people in trouble quote is what the program writes.
@Suite("Messages that the documentation quotes")
struct QuotedMessageTests {
    private static let pages = ["docs/troubleshooting.md", "docs/verdicts.md"]

    /// The text of every source file of the shipped program.
    private static func sources() throws -> String {
        let folder = Checkout.url("Sources").path
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
        return try paths.sorted().map { try Checkout.text("Sources/\($0)") }.joined(separator: "\n")
    }

    /// The pieces of a quotation that must stand in the sources; none where it is a command, a path or a setting.
    private static func pieces(of span: String) -> [String] {
        if span.wholeMatch(of: /[A-Z][a-zA-Z]+(=\w+)?/) != nil { return [String(span.prefix { $0 != "=" })] }
        let isCommand = ["kubectl ", "vigil ", "subPath", "level "].contains { span.hasPrefix($0) }
        guard span.contains(" "), !isCommand, !span.contains(": ") || span.contains("late: ") else { return [] }
        return span.split(separator: "…").map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    /// What a page quotes and nobody writes.
    private static func violations(in text: String, path: String, sources: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.enumerated().flatMap { index, line in
            line.codeSpans.flatMap(pieces).filter { !sources.contains($0) }
                .map { "\(path):\(index + 1): nothing in Sources writes \"\($0)\"" }
        }
    }

    @Test("constants and sentences are in the sources", arguments: pages)
    func quoted(path: String) throws {
        let found = Self.violations(in: try Checkout.text(path), path: path, sources: try Self.sources())
        for violation in found { Issue.record("\(violation)") }
    }

    @Test("a sentence or constant that nobody writes is found; commands and settings are none")
    func mistakes() {
        func found(_ text: String) -> [String] {
            Self.violations(in: text, path: "p", sources: #""the lease \(x) is lost", Ready, Stalled"#)
        }
        #expect(found("`the lease … is lost`, `Ready=True`, `kubectl get x`, `spec.images`, `log.level: debug`") == [])
        #expect(found("ok\n`the lease … was lost`") == ["p:2: nothing in Sources writes \"was lost\""])
        #expect(found("`Redy=True`") == ["p:1: nothing in Sources writes \"Redy\""])
    }
}
