/// Rows of cells below a line of headings, aligned by spaces.
struct TextTable: Sendable {
    /// A cell's text and the colour it takes.
    struct Cell: Sendable {
        var text: String
        var style: TerminalStyle?

        init(_ text: String, style: TerminalStyle? = nil) {
            self.text = TerminalText.printable(text)
            self.style = style
        }
    }

    /// A row, and the sentences that stand indented below it.
    struct Row: Sendable {
        var cells: [Cell]
        var notes: [String] = []
    }

    /// A column that may be made narrower where the terminal is narrow.
    struct Column: Sendable {
        var heading: String
        /// The least width it is cut to; `nil`: never cut.
        var leastWidth: Int?
    }

    var columns: [Column]
    var rows: [Row] = []

    private static let gap = 2
    private static let indent = "    "

    /// The lines of the table, fitted to the profile: nothing is cut where there is no terminal.
    func lines(for profile: TerminalProfile) -> [String] {
        let widths = fitted(to: profile.columns)
        var lines = [line(columns.map { Cell($0.heading) }, widths: widths, colour: false)]
        for row in rows {
            lines.append(line(row.cells, widths: widths, colour: profile.allowsColour))
            for note in row.notes {
                lines += Self.wrapped(TerminalText.printable(note), columns: profile.columns, indent: Self.indent)
            }
        }
        return lines
    }

    /// The width of every column: as wide as its content, less where the terminal asks for it, the widest one first.
    private func fitted(to available: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(TerminalText.width(columns[index].heading)) { width, row in
                index < row.cells.count ? max(width, TerminalText.width(row.cells[index].text)) : width
            }
        }
        guard let available else { return widths }
        let gaps = Self.gap * max(0, columns.count - 1)
        var surplus = widths.reduce(gaps, +) - available
        while surplus > 0 {
            let narrowable = widths.indices.filter { index in
                columns[index].leastWidth.map { widths[index] > $0 } ?? false
            }
            guard let widest = narrowable.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            surplus -= 1
        }
        return widths
    }

    private func line(_ cells: [Cell], widths: [Int], colour: Bool) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() where index < widths.count {
            let text = TerminalText.shortened(cell.text, to: widths[index])
            line += cell.style?.applied(to: text, if: colour) ?? text
            if index < cells.count - 1 {
                line += String(repeating: " ", count: widths[index] - TerminalText.width(text) + Self.gap)
            }
        }
        return line
    }

    /// `text` in indented lines that break between words; one line where there is no terminal.
    static func wrapped(_ text: String, columns: Int?, indent: String) -> [String] {
        guard let columns, indent.count + TerminalText.width(text) > columns else { return [indent + text] }
        var lines: [String] = []
        var current = ""
        for word in text.split(separator: " ") {
            if !current.isEmpty,
                indent.count + TerminalText.width(current) + 1 + TerminalText.width(String(word)) > columns
            {
                lines.append(indent + current)
                current = ""
            }
            current += current.isEmpty ? String(word) : " \(word)"
        }
        return lines + [indent + current]
    }
}
