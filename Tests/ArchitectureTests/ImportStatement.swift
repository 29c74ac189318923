/// One `import` in a Swift file.
struct ImportStatement: Hashable {
    /// The top-level module: `Logging` in `public import struct Logging.Logger`.
    var module: String
    /// Whether it is re-exported to whoever imports the importing module.
    var isReexported: Bool
    /// The file, from the root of the checkout.
    var path: String
    /// The line, from 1.
    var line: Int

    /// The place in the form that editors and terminals make clickable.
    var place: String { "\(path):\(line)" }

    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor", "macro",
    ]
    private static let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]

    /// Every import in `text`; what a comment or a string literal says is none.
    static func all(in text: String, path: String) -> [ImportStatement] {
        let lines = SwiftText.withoutCommentsAndLiterals(text).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().flatMap { index, line in
            // Two statements may share a line.
            line.split(separator: ";").compactMap { statement in
                parse(statement, path: path, line: index + 1)
            }
        }
    }

    private static func parse(_ statement: Substring, path: String, line: Int) -> ImportStatement? {
        var words = statement.split(whereSeparator: \.isWhitespace)[...]
        var isReexported = false
        while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) {
            isReexported = isReexported || word == "@_exported"
            words.removeFirst()
        }
        guard words.first == "import" else { return nil }
        words.removeFirst()
        if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
        guard words.count == 1, let module = words.first?.split(separator: ".").first else { return nil }
        return ImportStatement(module: String(module), isReexported: isReexported, path: path, line: line)
    }
}
