/// The test functions of one target by the names that Swift Testing gives them, without the target.
///
/// It goes by the layout that the formatter enforces: a type or extension begins at the margin and ends with a brace at
/// the margin, its members are indented by four.
struct TestCatalog {
    /// `JSONParserTests/duplicates`, for every function marked as a test in a type at the top of a file.
    private(set) var names: Set<String> = []

    /// Collects the tests under `Tests/<target>`.
    init(of target: String, in tree: SourceTree) {
        let prefix = "Tests/\(target)/"
        for (path, text) in tree.files where path.hasPrefix(prefix) { collect(text) }
    }

    private mutating func collect(_ text: String) {
        var suite: Substring?
        var isMarked = false
        // What a comment or a string says is no test.
        for line in SwiftText.withoutCommentsAndLiterals(text).split(separator: "\n") {
            if !line.hasPrefix(" ") {
                if line.hasPrefix("}") { suite = nil }
                if let name = Self.name(after: Self.types, in: line) { suite = name }
                isMarked = false
                continue
            }
            let member = line.dropFirst(4)
            guard line.hasPrefix("    "), !member.hasPrefix(" ") else { continue }
            if member.hasPrefix("@Test") { isMarked = true }
            if let name = Self.name(after: ["func"], in: member) {
                if isMarked, let suite { names.insert("\(suite)/\(name)") }
                isMarked = false
            }
        }
    }

    private static let types: Set<Substring> = ["struct", "class", "enum", "actor", "extension"]

    /// The identifier after the first of `keywords` on the line, unless that is a member such as `.class`.
    private static func name(after keywords: Set<Substring>, in line: Substring) -> Substring? {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(where: keywords.contains), index + 1 < words.endIndex else { return nil }
        let name = words[index + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return name.isEmpty ? nil : name
    }
}
