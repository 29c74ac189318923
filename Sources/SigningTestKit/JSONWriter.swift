/// Writes JSON text; the writer is its own, apart from any reader.
///
/// Members stand in the order in which they are given, and nothing is checked.
enum JSONWriter {
    /// A member of an object: its name, and its value as JSON text.
    typealias Member = (name: String, value: String)

    /// A string: in quotes, with nothing escaped that need not be.
    static func text(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: quoted += "\\\""
            case 0x5C: quoted += "\\\\"
            case 0x0A: quoted += "\\n"
            case 0x0D: quoted += "\\r"
            case 0x09: quoted += "\\t"
            case 0..<0x10: quoted += "\\u000\(String(scalar.value, radix: 16))"
            case 0x10..<0x20: quoted += "\\u00\(String(scalar.value, radix: 16))"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// An array of strings.
    static func texts(_ texts: [String]) -> String { list(texts.map { text($0) }) }

    /// An array of values, each as JSON text.
    static func list(_ values: [String]) -> String { "[" + values.joined(separator: ",") + "]" }

    /// An object.
    static func object(_ members: [Member]) -> String {
        "{" + members.map { "\(text($0.name)):\($0.value)" }.joined(separator: ",") + "}"
    }
}
