/// Compares what `docs/security.md` names with the sources, so that its tables cannot rot.
///
/// A table whose last column is headed "tests" names in it, for each row, at least one test as `Target.Suite/function`,
/// and nothing else in code style. A table whose last column is headed "set in" names in it the file that holds the
/// constant of the column before. What it returns is a list of sentences, empty when all holds.
struct SecurityPage {
    /// The page's path from the root.
    static let path = "docs/security.md"

    var tree: SourceTree

    /// Everything that does not hold.
    func violations() -> [String] {
        guard let text = tree.pages[Self.path] else { return ["\(Self.path): there is no such page"] }
        var violations: [String] = []
        var catalogs: [Substring: TestCatalog] = [:]
        var counts = (tests: 0, limits: 0)
        for row in rows(of: text) {
            switch row.heading {
            case "tests":
                counts.tests += 1
                violations += testViolations(in: row, catalogs: &catalogs)
            case "set in":
                counts.limits += 1
                violations += limitViolations(in: row)
            default: break
            }
        }
        if counts.tests == 0 { violations.append("\(Self.path): no table has \"tests\" as its last column") }
        if counts.limits == 0 { violations.append("\(Self.path): no table has \"set in\" as its last column") }
        return violations
    }

    private func testViolations(in row: Row, catalogs: inout [Substring: TestCatalog]) -> [String] {
        let names = Self.codeSpans(row.cells.last ?? "")
        guard !names.isEmpty else { return ["\(row.place): names no test"] }
        return names.compactMap { name in
            let parts = name.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, parts[1].split(separator: "/").count == 2 else {
                return "\(row.place): \(name) is no test of the form Target.Suite/function"
            }
            let catalog = catalogs[parts[0]] ?? TestCatalog(of: String(parts[0]), in: tree)
            catalogs[parts[0]] = catalog
            if catalog.names.isEmpty { return "\(row.place): \(name): Tests/\(parts[0]) holds no test" }
            return catalog.names.contains(String(parts[1]))
                ? nil : "\(row.place): \(name): Tests/\(parts[0]) holds no such test"
        }
    }

    private func limitViolations(in row: Row) -> [String] {
        guard row.cells.count > 1, let path = Self.codeSpans(row.cells[row.cells.count - 1]).first else {
            return ["\(row.place): names no file"]
        }
        guard let source = tree.files[String(path)] else { return ["\(row.place): there is no \(path)"] }
        let constants = Self.codeSpans(row.cells[row.cells.count - 2])
        guard !constants.isEmpty else { return ["\(row.place): names no constant"] }
        let words = Set(source.split { !($0.isLetter || $0.isNumber || $0 == "_") })
        return constants.filter { !words.contains($0) }.map { "\(row.place): \(path) holds no \($0)" }
    }

    /// A row of a table, without the table's head.
    private struct Row {
        var place: String
        var heading: Substring
        var cells: [Substring]
    }

    private func rows(of text: String) -> [Row] {
        var rows: [Row] = []
        var heading: Substring?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.hasPrefix("|") else {
                heading = nil
                continue
            }
            let cells = line.dropFirst().split(separator: "|").map(Self.trimmed)
            guard let current = heading else {
                heading = cells.last ?? ""
                continue
            }
            guard cells.contains(where: { !$0.allSatisfy { $0 == "-" || $0 == ":" } }) else { continue }
            rows.append(Row(place: "\(Self.path):\(index + 1)", heading: current, cells: cells))
        }
        return rows
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// What stands between backticks.
    private static func codeSpans(_ text: Substring) -> [Substring] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().compactMap { index, part in
            index.isMultiple(of: 2) ? nil : part
        }
    }
}
