import TestDocuments
import Testing

/// Links between pages, and to files of the project.
@Suite("Links in the documentation")
struct LinkTests {
    /// What is wrong with the links of pages.
    private static func violations(_ documentation: Documentation, exists: (String) -> Bool) -> [String] {
        documentation.ordered.flatMap { page in
            page.violations
                + page.links.compactMap { link in
                    violation(of: link.target, on: page, documentation, exists: exists).map {
                        "\(page.path):\(link.line): \($0)"
                    }
                }
        }
    }

    private static func violation(
        of target: String,
        on page: MarkdownPage,
        _ documentation: Documentation,
        exists: (String) -> Bool
    ) -> String? {
        guard !target.hasPrefix("https://") else { return nil }
        guard !target.contains("://") else { return "\(target) is not https" }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let path = parts[0].isEmpty ? page.path : resolved(parts[0], from: page.path)
        guard parts[0].isEmpty || exists(path) else { return "\(target) leads to \(path), which does not exist" }
        guard parts.count == 2 else { return nil }
        guard let other = documentation.pages[path] else { return "\(target) has an anchor, and is no page" }
        return other.anchors.contains(parts[1]) ? nil : "\(path) has no heading for #\(parts[1])"
    }

    /// A path that stands on a page, as a path from the root.
    private static func resolved(_ path: String, from page: String) -> String {
        var parts = page.split(separator: "/").dropLast().map(String.init)
        for part in path.split(separator: "/").map(String.init) where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    @Test("every link leads to a file that exists and to a heading that it has")
    func thisCheckout() {
        for violation in Self.violations(.checkout, exists: Checkout.has) { Issue.record("\(violation)") }
        #expect(Documentation.checkout.ordered.reduce(0) { $0 + $1.links.count } > 60)
    }

    @Test(
        "each kind of mistake is found",
        arguments: [
            ("[a](none.md)", "docs/none.md, which does not exist"), ("[a](../none.md)", "leads to none.md"),
            ("[a](other.md#nowhere)", "docs/other.md has no heading for #nowhere"),
            ("[a](#none)", "docs/page.md has no heading for #none"), ("[a](http://example.com)", "is not https"),
            ("![a](images/none.png)", "docs/images/none.png"), ("[a](../LICENSE#x)", "is no page"),
            ("```sh\nmake", "the block has no end"),
        ]
    )
    func mistakes(text: String, expected: String) {
        let documentation = Documentation(["docs/page.md": "# Page\n\(text)\n", "docs/other.md": "# Other page"])
        let found = Self.violations(documentation) { ["LICENSE", "docs/page.md", "docs/other.md"].contains($0) }
        #expect(found.count == 1 && found[0].contains(expected), "\(found)")
    }

    @Test("what is right passes; in code nothing is a link")
    func good() {
        let text = """
            # The page, and `more`: 2 things
            ## Twice
            ## Twice
            [a](#the-page-and-more-2-things) [b](#twice-1) [c](other.md#other-page) [d](https://example.com/x#y)
            `[e](none.md)`
            ```text
            [f](none.md)
            ```
            """
        let documentation = Documentation(["docs/page.md": text, "docs/other.md": "# Other page"])
        #expect(Self.violations(documentation) { $0 == "docs/other.md" } == [])
    }

    @Test("the index names every page of docs, and no other")
    func index() throws {
        let index = try #require(Documentation.checkout.pages["docs/README.md"])
        let named = Set(index.links.map(\.target).filter { $0.hasSuffix(".md") && !$0.contains("/") })
        let pages = Set(
            Documentation.checkout.pages.keys.compactMap { $0.wholeMatch(of: /docs\/(.+)/)?.1 }.map(String.init)
        )
        #expect(
            pages.subtracting(named).subtracting(["README.md"]).sorted() == [],
            "docs/README.md does not name these"
        )
    }
}
