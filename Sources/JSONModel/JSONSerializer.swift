/// Writes a ``JSONValue`` as text: members sorted by key, so that equal values give equal bytes.
public struct JSONSerializer: Sendable {
    /// Whether to indent by two spaces, one member a line.
    public var isPretty: Bool

    /// Creates a serializer; compact unless told otherwise.
    public init(isPretty: Bool = false) { self.isPretty = isPretty }

    /// The UTF-8 text of `value`.
    ///
    /// A number that is not finite is written as `null`.
    public func bytes(_ value: JSONValue) -> [UInt8] {
        var output: [UInt8] = []
        append(value, indent: 0, to: &output)
        return output
    }

    /// The text of `value`.
    public func string(_ value: JSONValue) -> String { String(decoding: bytes(value), as: UTF8.self) }

    private func append(_ value: JSONValue, indent: Int, to output: inout [UInt8]) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let truth): output.append(contentsOf: (truth ? "true" : "false").utf8)
        case .integer(let number): output.append(contentsOf: String(number).utf8)
        case .number(let number): output.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
        case .string(let text): Self.append(text, to: &output)
        case .array(let elements):
            appendList(elements, open: UInt8(ascii: "["), close: UInt8(ascii: "]"), indent: indent, to: &output) {
                element,
                output in
                append(element, indent: indent + 1, to: &output)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            appendList(sorted, open: UInt8(ascii: "{"), close: UInt8(ascii: "}"), indent: indent, to: &output) {
                member,
                output in
                Self.append(member.key, to: &output)
                output.append(contentsOf: (isPretty ? ": " : ":").utf8)
                append(member.value, indent: indent + 1, to: &output)
            }
        }
    }

    private func appendList<Element>(
        _ elements: [Element],
        open: UInt8,
        close: UInt8,
        indent: Int,
        to output: inout [UInt8],
        _ write: (Element, inout [UInt8]) -> Void
    ) {
        output.append(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            appendBreak(indent: indent + 1, to: &output)
            write(element, &output)
        }
        if !elements.isEmpty { appendBreak(indent: indent, to: &output) }
        output.append(close)
    }

    private func appendBreak(indent: Int, to output: inout [UInt8]) {
        guard isPretty else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: indent * 2))
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        // Most texts need no escape, and are copied in one piece.
        let isCopied = text.utf8.withContiguousStorageIfAvailable { bytes in
            guard bytes.allSatisfy(isPlain) else { return false }
            output.append(contentsOf: bytes)
            return true
        }
        if isCopied != true { appendEscaped(text, to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ text: String, to output: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                output.append(contentsOf: "\\u00".utf8)
                output.append(hexDigits[Int(byte >> 4)])
                output.append(hexDigits[Int(byte & 15)])
            default: output.append(byte)
            }
        }
    }
}
