/// The texts of the innermost elements of a small XML document, by the names of the elements around them: `A/B/C`.
///
/// For answers of services that write little: elements, attributes (which are passed over), text with the five entities
/// that XML has, and the declaration at the start. Anything else (a document type, comments, CDATA, other entities, an
/// element twice in the same place) makes the document unreadable, rather than readable in several ways.
struct ElementTexts: Sendable, Hashable {
    /// The largest document, in bytes.
    static let maximumBytes = 65_536
    /// How deep elements may lie within each other.
    static let maximumDepth = 16

    /// The texts, by path.
    private(set) var texts: [String: String] = [:]

    /// Reads a document; `nil` for one that cannot be read.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumBytes, String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var rest = bytes[...]
        if rest.starts(with: Array("<?xml ".utf8)) {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")), rest[end - 1] == UInt8(ascii: "?"),
                !rest[1..<end].contains(UInt8(ascii: "<"))
            else { return nil }
            rest = rest[(end + 1)...]
        }
        var path: [String] = []
        var seen: Set<String> = []
        // The text since the last tag, where that opened an element.
        var isInnermost = false
        var isDone = false
        while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            let text = rest[..<open]
            guard let close = rest[open...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
            let tag = rest[(open + 1)..<close]
            rest = rest[(close + 1)...]
            guard let first = tag.first, !tag.contains(UInt8(ascii: "<")), !isDone else { return nil }
            if first == UInt8(ascii: "/") {
                guard let name = Self.name(tag.dropFirst()), path.last == name else { return nil }
                if isInnermost {
                    guard let content = Self.decode(text) else { return nil }
                    texts[path.joined(separator: "/")] = content
                } else if !text.allSatisfy(\.isXMLSpace) {
                    return nil
                }
                path.removeLast()
                isInnermost = false
                isDone = path.isEmpty
            } else {
                guard text.allSatisfy(\.isXMLSpace) else { return nil }
                let isEmpty = tag.last == UInt8(ascii: "/")
                let head = isEmpty ? tag.dropLast() : tag
                guard let name = Self.name(head.prefix { !$0.isXMLSpace }), path.count < Self.maximumDepth,
                    Self.areWhole(attributes: head.drop { !$0.isXMLSpace })
                else { return nil }
                let element = (path + [name]).joined(separator: "/")
                guard seen.insert(element).inserted else { return nil }
                if isEmpty {
                    guard !path.isEmpty else { return nil }
                    texts[element] = ""
                    isInnermost = false
                } else {
                    path.append(name)
                    isInnermost = true
                }
            }
        }
        guard isDone, rest.allSatisfy(\.isXMLSpace) else { return nil }
    }

    /// The text of an element; `nil` where there is none, or it holds other elements.
    subscript(_ path: String) -> String? { texts[path] }

    private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
        let isName = bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        return isName && (1...128).contains(bytes.count) ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// Whether every quotation mark is closed: in an attribute a `>` does not end the tag.
    private static func areWhole(attributes: ArraySlice<UInt8>) -> Bool {
        var open: UInt8?
        for byte in attributes where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            if open == nil { open = byte } else if open == byte { open = nil }
        }
        return open == nil
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        var text = ""
        var rest = Substring(decoding: bytes, as: UTF8.self)
        while let mark = rest.firstIndex(of: "&") {
            text += rest[..<mark]
            guard let end = rest[mark...].firstIndex(of: ";"),
                let meaning = entities[String(rest[rest.index(after: mark)..<end])]
            else { return nil }
            text += meaning
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }
}

extension UInt8 {
    /// Whether XML takes it for space.
    fileprivate var isXMLSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }
}
