public import JSONModel
internal import Yams

/// Reads YAML with libyaml into JSON values, by the core schema of YAML 1.2.
///
/// It shares nothing with the readers of the program, so that a test can judge those by it.
public enum YAMLText {
    /// The documents of a stream; an empty one is `null`.
    ///
    /// - Parameter text: the stream.
    /// - Returns: the documents, in order.
    /// - Throws: what libyaml says about text that is not YAML.
    public static func documents(_ text: String) throws -> [JSONValue] {
        var sequence = try Yams.compose_all(yaml: text)
        var documents: [JSONValue] = []
        while let node = sequence.next() { documents.append(value(node)) }
        // The sequence ends at what it cannot read.
        if let error = sequence.error { throw error }
        return documents
    }

    private static func value(_ node: Node) -> JSONValue {
        switch node {
        case .scalar(let scalar): scalar.style == .plain ? plain(scalar.string) : .string(scalar.string)
        case .sequence(let sequence): .array(sequence.map(value))
        case .mapping(let mapping):
            .object(Dictionary(mapping.map { ($0.key.string ?? "?", value($0.value)) }) { _, last in last })
        // The composer has put in its place what it stands for.
        case .alias: .null
        }
    }

    private static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            if let number = Int64(text) { return .integer(number) }
            if let number = Double(text), text.first != "i", text.first != "n" { return .number(number) }
            return .string(text)
        }
    }
}
