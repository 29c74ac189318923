import TestDocuments

/// The pages of the project, and what they may speak of.
struct Documentation: Sendable {
    /// The pages, by their paths from the root.
    let pages: [String: MarkdownPage]

    init(_ texts: [String: String]) {
        pages = texts.reduce(into: [:]) { pages, entry in
            pages[entry.key] = MarkdownPage(path: entry.key, text: entry.value)
        }
    }

    /// The pages of this checkout.
    static let checkout: Documentation = {
        let names = (try? Checkout.names(in: "docs", suffix: ".md")) ?? []
        let paths = ["README.md", "CONTRIBUTING.md"] + names.map { "docs/\($0)" }
        return Documentation(paths.reduce(into: [:]) { $0[$1] = (try? Checkout.text($1)) ?? "" })
    }()

    /// The pages in the order of their paths.
    var ordered: [MarkdownPage] { pages.values.sorted { $0.path < $1.path } }

    /// Every block written in one of the languages, in order.
    func blocks(_ languages: String...) -> [MarkdownPage.Block] {
        ordered.flatMap(\.blocks).filter { languages.contains($0.language) }
    }

    /// What people are to type, block by block: all of `sh`, and what follows a prompt elsewhere.
    var scripts: [(block: MarkdownPage.Block, script: ShellScript)] {
        ordered.flatMap(\.blocks).compactMap { block in
            if block.language == "sh" { return (block, ShellScript(block.text, firstLine: block.line + 1)) }
            guard ["console", "text", ""].contains(block.language) else { return nil }
            return (block, ShellScript(Self.typed(block.lines), firstLine: block.line + 1))
        }
    }

    /// The lines behind a prompt, and those that continue them; the others empty, so that lines keep their numbers.
    private static func typed(_ lines: [String]) -> String {
        var isContinued = false
        return lines.map { line in
            guard isContinued || line.hasPrefix("$ ") else { return "" }
            let command = isContinued ? line : String(line.dropFirst(2))
            isContinued = command.hasSuffix("\\")
            return command
        }
        .joined(separator: "\n") + "\n"
    }
}
