import Testing

/// The lines of a block that can be run where there are files, an API server and no registry, and no operator.
struct RunnableBlock: Sendable, CustomTestStringConvertible {
    /// A command with everything that it is piped through, as a shell takes it.
    struct Line: Sendable {
        var number: Int
        var text: String
    }

    let block: MarkdownPage.Block
    let lines: [Line]
    var testDescription: String { block.place }

    /// `nil` when nothing of the block can be run.
    init?(_ block: MarkdownPage.Block, _ script: ShellScript) {
        self.block = block
        lines = Self.lines(of: block).filter { line in
            let last = line.number + line.text.count { $0 == "\n" }
            let commands = script.commands.filter { (line.number...last).contains($0.line) }
            return !commands.isEmpty && commands.allSatisfy(Self.isRunnable)
        }
        if lines.isEmpty { return nil }
    }

    /// The lines with those that continue them.
    private static func lines(of block: MarkdownPage.Block) -> [Line] {
        var found: [Line] = []
        var isContinued = false
        for (index, text) in block.lines.enumerated() {
            if isContinued {
                found[found.count - 1].text += "\n\(text)"
            } else {
                found.append(Line(number: block.line + 1 + index, text: text))
            }
            isContinued = text.hasSuffix("\\") || text.hasSuffix("|")
        }
        return found
    }

    /// What each program does without a registry, an operator or a person.
    private static let verbs: [String: Set<String>] = [
        "kubectl": ["apply", "create", "get", "delete", "annotate", "patch", "describe", "explain", "diff", "events"],
        "helm": ["template", "upgrade", "uninstall"],
        "vigil": ["config", "policy", "forecast", "bulk-sign"],
    ]

    private static func isRunnable(_ command: ShellScript.Command) -> Bool {
        let words = command.words
        // What stands for a name of the reader's own.
        guard !words.contains(where: { $0 == "NAME" || $0.contains("…") || $0.hasPrefix("~") }) else { return false }
        // Answered by the operator.
        guard !words.contains("--raw") else { return false }
        if ["sed", "date", "jq"].contains(words[0]) { return true }
        guard let verbs = verbs[words[0]] else { return false }
        return words.dropFirst().contains(where: verbs.contains)
    }
}
