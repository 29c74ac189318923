public import JSONModel

/// Writes JSON values as YAML 1.2 in block style: the same value always gives the same text.
///
/// `apiVersion`, `kind`, `metadata`, `spec` and `status` come first, every other key in order of its bytes. Long texts
/// are
/// folded; whatever a YAML 1.1 or 1.2 reader could take for something else than text is quoted.
public struct YAMLWriter: Sendable {
    /// Texts are folded beyond this column where they can be.
    public var width = 110

    /// Creates a writer.
    public init() {}

    /// The documents, each begun with `---`.
    public func text(documents: [JSONValue]) -> String { documents.map { "---\n" + text($0) }.joined() }

    /// One document, ending in a line break.
    public func text(_ value: JSONValue) -> String {
        var lines: [String] = []
        switch value {
        case .object(let members) where !members.isEmpty: append(members, indent: 0, to: &lines)
        case .array(let elements) where !elements.isEmpty: append(elements, indent: 0, to: &lines)
        default: lines.append(Self.scalar(value))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let leading = ["apiVersion", "kind", "metadata", "spec", "status"]

    private static func order(_ key: String) -> (Int, String) { (leading.firstIndex(of: key) ?? leading.count, key) }

    private func append(_ members: [String: JSONValue], indent: Int, to lines: inout [String]) {
        let margin = String(repeating: " ", count: indent)
        for (key, value) in members.sorted(by: { Self.order($0.key) < Self.order($1.key) }) {
            let head = "\(margin)\(Self.scalar(.string(key))):"
            switch value {
            case .object(let inner) where !inner.isEmpty:
                lines.append(head)
                append(inner, indent: indent + 2, to: &lines)
            case .array(let inner) where !inner.isEmpty:
                lines.append(head)
                append(inner, indent: indent, to: &lines)
            default: append(scalar: value, head: head, indent: indent + 2, to: &lines)
            }
        }
    }

    private func append(_ elements: [JSONValue], indent: Int, to lines: inout [String]) {
        let margin = String(repeating: " ", count: indent)
        for element in elements {
            var inner: [String] = []
            switch element {
            case .object(let members) where !members.isEmpty: append(members, indent: indent + 2, to: &inner)
            case .array(let elements) where !elements.isEmpty: append(elements, indent: indent + 2, to: &inner)
            default:
                append(scalar: element, head: "\(margin)-", indent: indent + 2, to: &lines)
                continue
            }
            // The first line of a nested block shares its line with the dash.
            let first = inner.first ?? ""
            lines.append("\(margin)- \(first.dropFirst(indent + 2))")
            lines.append(contentsOf: inner.dropFirst())
        }
    }

    private func append(scalar value: JSONValue, head: String, indent: Int, to lines: inout [String]) {
        let text = Self.scalar(value)
        guard case .string(let string) = value, head.count + 1 + text.count > width, Self.canFold(string) else {
            if case .string(let string) = value, Self.canBeLiteral(string) {
                lines.append("\(head) |\(string.hasSuffix("\n") ? "" : "-")")
                let body = string.hasSuffix("\n") ? string.dropLast() : string[...]
                let margin = String(repeating: " ", count: indent)
                for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
                    lines.append(line.isEmpty ? "" : margin + line)
                }
                return
            }
            lines.append("\(head) \(text)")
            return
        }
        lines.append("\(head) >-")
        let margin = String(repeating: " ", count: indent)
        var line = margin
        for word in string.split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
            }
            line += line.count > indent ? " \(word)" : String(word)
        }
        lines.append(line)
    }
}

// MARK: - Scalars

extension YAMLWriter {
    /// Whether folding gives the same text back: printable ASCII words with single spaces between them.
    private static func canFold(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.hasPrefix(" ") && !text.hasSuffix(" ")
            && !text.contains("  ") && text.contains(" ")
    }

    /// Whether a literal block gives the same text back: lines of printable ASCII, none indented, none ending in a
    /// space.
    private static func canBeLiteral(_ text: String) -> Bool {
        guard text.contains("\n"), !text.hasPrefix("\n"), !text.hasSuffix("\n\n"), text != "\n" else { return false }
        return text.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) }
            && text.split(separator: "\n").allSatisfy { !$0.hasPrefix(" ") && !$0.hasSuffix(" ") }
    }

    private static func scalar(_ value: JSONValue) -> String {
        guard case .string(let text) = value else {
            switch value {
            case .array: return "[]"
            case .object: return "{}"
            default: return JSONSerializer().string(value)
            }
        }
        return isPlain(text) ? text : JSONSerializer().string(value).withEscapedControls
    }

    /// Words that readers of YAML 1.1 or 1.2 take for something else than text.
    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// Whether the text needs no quotes; doubtful texts get some.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, !reserved.contains(text.lowercased()) else {
            return false
        }
        let startsPlain = isLetter(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: "$")
        guard startsPlain || isMemberPath(text), last != UInt8(ascii: ":"), last != 0x20 else { return false }
        return text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains(": ") && !text.contains(" #")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// Whether it is a path such as `.status.digest`, as printer columns have them, and not `.inf` or `.nan`.
    private static func isMemberPath(_ text: String) -> Bool {
        let names = text.split(separator: ".", omittingEmptySubsequences: false)
        guard names.count > 2, names.first == "" else { return false }
        return names.dropFirst().allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isLetter) }
    }
}

extension String {
    /// Characters that a JSON text may hold and a YAML text may not, escaped, and those that could steer a terminal.
    fileprivate var withEscapedControls: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                let hex = String(scalar.value, radix: 16)
                let (mark, digits) = scalar.value > 0xFFFF ? ("\\U", 8) : ("\\u", 4)
                text += mark + String(repeating: "0", count: digits - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
