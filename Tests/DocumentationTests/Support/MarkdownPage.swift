/// One Markdown page: its blocks of code, its headings and its links.
struct MarkdownPage: Sendable {
    /// A block between fences.
    struct Block: Sendable {
        var page: String
        /// The line of the opening fence, from 1.
        var line: Int
        /// The first word behind the fence; empty without one.
        var language: String
        /// The second word, which pages are shown without; empty without one.
        var label: String
        /// The lines between the fences, without the indentation of the fence.
        var lines: [String]

        var text: String { lines.joined(separator: "\n") + "\n" }
        var place: String { "\(page):\(line)" }
    }

    /// A link or picture to something in the project, or elsewhere.
    struct Link: Sendable {
        var line: Int
        var target: String
    }

    /// A row of a table, without its head.
    struct Row: Sendable {
        var line: Int
        /// The headings of the table's columns.
        var headings: [String]
        var cells: [String]
    }

    /// The path from the root.
    let path: String
    private(set) var blocks: [Block] = []
    private(set) var anchors: Set<String> = []
    private(set) var links: [Link] = []
    private(set) var rows: [Row] = []
    /// What is wrong with the page itself.
    private(set) var violations: [String] = []

    init(path: String, text: String) {
        self.path = path
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var open: (block: Block, indentation: Int, fence: String)?
        var headings: [String]?
        for (index, line) in lines.enumerated() {
            let content = line.drop { $0 == " " }
            let indentation = line.count - content.count
            if var current = open {
                if content.hasPrefix(current.fence), content.allSatisfy({ $0 == "`" || $0 == " " }) {
                    blocks.append(current.block)
                    open = nil
                } else {
                    let isIndented = line.prefix(current.indentation).allSatisfy { $0 == " " }
                    current.block.lines.append(String(isIndented ? line.dropFirst(current.indentation) : line[...]))
                    open = current
                }
            } else if content.hasPrefix("```") {
                let fence = String(content.prefix { $0 == "`" })
                let words = content.dropFirst(fence.count).split(separator: " ").map(String.init) + ["", ""]
                let block = Block(page: path, line: index + 1, language: words[0], label: words[1], lines: [])
                open = (block, indentation, fence)
            } else {
                readText(String(content), line: index + 1, headings: &headings)
            }
        }
        if let open { violations.append("\(open.block.place): the block has no end") }
    }

    private mutating func readText(_ text: String, line: Int, headings: inout [String]?) {
        if text.hasPrefix("|") {
            let cells = Self.cells(text)
            if let known = headings {
                if !cells.allSatisfy({ !$0.isEmpty && $0.allSatisfy { "-:".contains($0) } }) {
                    rows.append(Row(line: line, headings: known, cells: cells))
                }
            } else {
                headings = cells
            }
        } else {
            headings = nil
        }
        if text.hasPrefix("#") {
            let title = text.drop { $0 == "#" }
            if title.hasPrefix(" ") { addAnchor(String(title.dropFirst())) }
        }
        // What stands in code style is no link.
        let plain = text.replacing(/`[^`]*`/, with: "``")
        for match in plain.matches(of: /\]\(([^()\s]+)\)/) { links.append(Link(line: line, target: String(match.1))) }
    }

    private mutating func addAnchor(_ title: String) {
        let anchor = Self.anchor(of: title)
        var number = 0
        while !anchors.insert(number == 0 ? anchor : "\(anchor)-\(number)").inserted { number += 1 }
    }

    /// The anchor that GitHub gives to a heading: lower case, words with dashes between them, no punctuation.
    static func anchor(of title: String) -> String {
        let text = title.replacing(/\]\([^()\s]+\)/, with: "")
        return String(
            text.lowercased().compactMap { character -> Character? in
                if character == " " { return "-" }
                return character.isLetter || character.isNumber || character == "-" || character == "_"
                    ? character : nil
            }
        )
    }

    /// The cells of a line of a table; `\|` is a bar in a cell.
    private static func cells(_ line: String) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isEscaped = false
        for character in line.dropFirst() {
            if isEscaped {
                if character != "|" { cell.append("\\") }
                cell.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "|" {
                cells.append(cell.trimmed)
                cell = ""
            } else {
                cell.append(character)
            }
        }
        if !cell.trimmed.isEmpty { cells.append(cell.trimmed) }
        return cells
    }
}

extension String {
    /// Without spaces at its ends.
    var trimmed: String {
        var text = self[...].drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// What stands between its backticks.
    var codeSpans: [String] { matches(of: /`([^`]+)`/).map { String($0.1) } }
}
