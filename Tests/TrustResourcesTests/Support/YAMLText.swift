import JSONModel
import Yams

/// Reads YAML with libyaml into JSON values, by the core schema of YAML 1.2.
enum YAMLText {
    static func documents(_ text: String) throws -> [JSONValue] {
        try Array(Yams.compose_all(yaml: text)).map(value)
    }

    private static func value(_ node: Node) -> JSONValue {
        switch node {
        case .scalar(let scalar): scalar.style == .plain ? plain(scalar.string) : .string(scalar.string)
        case .sequence(let sequence): .array(sequence.map(value))
        case .mapping(let mapping):
            .object(Dictionary(mapping.map { ($0.key.string ?? "?", value($0.value)) }) { _, last in last })
        case .alias: .string("alias")
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
