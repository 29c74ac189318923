/// A tree of lines, drawn as `tree` and `notation` draw theirs.
///
/// The texts come from outside: they are made fit to be shown.
struct TextTree: Sendable {
    private let line: String
    private let branches: [TextTree]

    init(_ line: String, _ branches: [TextTree] = []) {
        self.line = TerminalText.printable(line)
        self.branches = branches
    }

    /// The drawing, ending in a line break.
    var text: String {
        var lines = [line]
        draw(into: &lines, indent: "")
        return lines.joined(separator: "\n") + "\n"
    }

    private func draw(into lines: inout [String], indent: String) {
        for (index, branch) in branches.enumerated() {
            let isLast = index == branches.count - 1
            lines.append("\(indent)\(isLast ? "└── " : "├── ")\(branch.line)")
            branch.draw(into: &lines, indent: indent + (isLast ? "    " : "│   "))
        }
    }
}
