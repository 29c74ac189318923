import JSONModel
import Yams

/// Reads YAML as Kubernetes does: keys are strings, plain scalars follow YAML 1.1, aliases and merge keys are followed.
///
/// Limits hold after aliases are followed, so a small file that stands for a huge one is refused.
struct YAMLReader: Sendable {
    /// The file's name, for errors.
    let name: String
    /// The most values that are read, those behind aliases counted each time they are named.
    var maximumValues = InputLimits.values

    /// The documents of `text`, empty ones as `null`.
    ///
    /// - Throws: ``InputError`` naming file and line.
    func documents(_ text: String) throws(InputError) -> [JSONValue] {
        try checkSize(text)
        if let withoutAliases = AliasKeys.withoutAliases(text) {
            try compose(withoutAliases) { node throws(YAMLProblem) in try AliasKeys.check(node) }
        }
        var values: [JSONValue] = []
        var conversion = YAMLConversion(maximumValues: maximumValues)
        try compose(text) { node throws(YAMLProblem) in values.append(try conversion.value(node)) }
        return values
    }

    /// Refuses text that would have too many values before the library makes a tree of it, which takes a hundred times the
    /// bytes of values of one letter.
    ///
    /// Two values have one of these bytes between them, or are a key and its value.
    private func checkSize(_ text: String) throws(InputError) {
        let separators = text.utf8.count { byte in
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
            default: false
            }
        }
        guard separators <= maximumValues else {
            throw InputError(at: InputError.Site(file: name), "has more than \(maximumValues) lines and values")
        }
    }

    /// Composes `text` and hands over the root of each document.
    private func compose(
        _ text: String,
        _ visit: (Node) throws(YAMLProblem) -> Void
    ) throws(InputError) {
        do {
            // The basic resolver takes every scalar as text: resolving is done here, by other rules.
            let parser = try Yams.Parser(yaml: text, resolver: .basic, encoding: .utf8)
            var count = 0
            while let node = try parser.nextRoot() {
                count += 1
                guard count <= InputLimits.documents else {
                    throw YAMLProblem("there are more than \(InputLimits.documents) documents", at: node)
                }
                try visit(node)
            }
        } catch let problem as YAMLProblem {
            throw InputError(
                at: InputError.Site(file: name, line: problem.line, column: problem.column),
                problem.message
            )
        } catch let error as YamlError {
            throw Self.inputError(error, name: name)
        } catch {
            throw InputError(at: InputError.Site(file: name), "is no valid YAML")
        }
    }

    /// What is wrong, without the lines of the file that the library would quote: they may hold a secret.
    private static func inputError(_ error: YamlError, name: String) -> InputError {
        func problem(_ line: Int, _ column: Int?, _ detail: String) -> InputError {
            InputError(at: InputError.Site(file: name, line: line, column: column), detail)
        }
        switch error {
        case .scanner(let context, let what, let mark, _), .parser(let context, let what, let mark, _),
            .composer(let context, let what, let mark, _):
            let detail = context.map { " \($0.text) in line \($0.mark.line)" } ?? ""
            return problem(mark.line, mark.column, "is no valid YAML: \(what)\(detail)")
        case .reader(let what, let offset, _, let text):
            let line = text.utf8.prefix(offset ?? 0).count { $0 == UInt8(ascii: "\n") } + 1
            return problem(line, nil, "is no valid YAML: \(what)")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first.map { " \"\($0.prefix(64))\"" } ?? ""
            return problem(
                context.mark.line,
                context.mark.column,
                "the key\(key) is written more than once; remove all but one"
            )
        default:
            return InputError(at: InputError.Site(file: name), "is no valid YAML")
        }
    }
}

/// What is wrong with a node.
struct YAMLProblem: Error {
    let message: String
    let line: Int
    let column: Int

    init(_ message: String, at node: Node) {
        self.message = message
        line = node.mark?.line ?? 1
        column = node.mark?.column ?? 1
    }
}
