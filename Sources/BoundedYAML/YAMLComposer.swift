public import Yams

/// Makes trees of YAML from somebody else, within bounds that hold before the library makes anything of it.
///
/// Every scalar is taken as the text that was written. Aliases are followed and what they name is shared, so that whoever
/// walks a tree has to count what is walked.
public struct YAMLComposer: Sendable {
    /// The most lines and values of a text, those behind aliases not counted.
    public let maximumValues: Int
    /// The most documents of a text.
    public let maximumDocuments: Int

    /// Creates one.
    ///
    /// - Parameters:
    ///   - maximumValues: the most lines and values of a text.
    ///   - maximumDocuments: the most documents of a text.
    public init(maximumValues: Int, maximumDocuments: Int) {
        self.maximumValues = maximumValues
        self.maximumDocuments = maximumDocuments
    }

    /// Composes `text` and hands over the root of each document, in order.
    ///
    /// - Parameters:
    ///   - text: the text, which may be hostile.
    ///   - visit: what is done with a root.
    /// - Throws: ``YAMLProblem`` where it is no valid YAML, is too large, or has a key that is an alias or no text where it
    ///   has aliases at all; and what `visit` throws.
    public func compose(_ text: String, _ visit: (Node) throws(YAMLProblem) -> Void) throws(YAMLProblem) {
        try checkSize(text)
        if let withoutAliases = AliasKeys.withoutAliases(text) {
            try parse(withoutAliases) { node throws(YAMLProblem) in try AliasKeys.check(node) }
        }
        try parse(text, visit)
    }

    /// Refuses text that would have too many values before the library makes a tree of it, which takes a hundred times the
    /// bytes of values of one letter.
    ///
    /// Two values have one of these bytes between them, or are a key and its value.
    private func checkSize(_ text: String) throws(YAMLProblem) {
        let separators = text.utf8.count { byte in
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
            default: false
            }
        }
        guard separators <= maximumValues else {
            throw YAMLProblem("has more than \(maximumValues) lines and values")
        }
    }

    private func parse(_ text: String, _ visit: (Node) throws(YAMLProblem) -> Void) throws(YAMLProblem) {
        do {
            let parser = try Yams.Parser(yaml: text, resolver: .basic, encoding: .utf8)
            var count = 0
            while let node = try parser.nextRoot() {
                count += 1
                guard count <= maximumDocuments else {
                    let most =
                        maximumDocuments == 1
                        ? "is more than one document" : "are more than \(maximumDocuments) documents"
                    throw YAMLProblem("there \(most)", at: node)
                }
                try visit(node)
            }
        } catch let problem as YAMLProblem {
            throw problem
        } catch let error as YamlError {
            throw YAMLProblem(error)
        } catch {
            throw YAMLProblem("is no valid YAML")
        }
    }
}

extension YAMLProblem {
    /// What the library found, without the lines of the text that it would quote.
    fileprivate init(_ error: YamlError) {
        switch error {
        case .scanner(let context, let what, let mark, _), .parser(let context, let what, let mark, _),
            .composer(let context, let what, let mark, _):
            let detail = context.map { " \($0.text) in line \($0.mark.line)" } ?? ""
            self.init("is no valid YAML: \(what)\(detail)", line: mark.line, column: mark.column)
        case .reader(let what, let offset, _, let text):
            let line = text.utf8.prefix(offset ?? 0).count { $0 == UInt8(ascii: "\n") } + 1
            self.init("is no valid YAML: \(what)", line: line)
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first.map { " \"\(AliasKeys.asWritten($0).prefix(64))\"" } ?? ""
            self.init(
                "the key\(key) is written more than once; remove all but one",
                line: context.mark.line,
                column: context.mark.column
            )
        default:
            self.init("is no valid YAML")
        }
    }
}
