import JSONModel

/// The readers of JSON.
enum JSONTargets {
    static let all = [
        DecoderTarget("json-value", value),
        DecoderTarget("json-reader", reader),
        DecoderTarget("json-list", list),
        DecoderTarget("json-path", path),
    ]

    /// Deep enough for every input that is tried, and shallow enough for a parser that recurses.
    private static let limits = JSONLimits(maximumDepth: 512)

    private static func value(_ bytes: [UInt8]) throws {
        guard let value = try? JSONParser().parse(bytes) else { return }
        for isPretty in [false, true] {
            let written = JSONSerializer(isPretty: isPretty).bytes(value)
            try demand((try? JSONParser().parse(written)) == value, "what is written of a value reads as that value")
        }
        var duplicates: [String] = []
        let lenient = try? JSONParser(duplicateKeys: .lastWins).parse(bytes, duplicates: &duplicates)
        try demand(lenient == value && duplicates.isEmpty, "without duplicates both ways of reading agree")
    }

    /// The tree parser and the reader are two readings of one grammar.
    private static func reader(_ bytes: [UInt8]) throws {
        let parsed = Result { try JSONParser(limits: limits, duplicateKeys: .lastWins).parse(bytes) }
        let read = Result { try JSONReader.read(bytes) { reader in try tree(&reader, depth: 0) } }
        switch (parsed, read) {
        case (.success(let value), .success(let other)):
            try demand(value == other, "the reader and the parser read the same value")
            let skipped: Void? = try? JSONReader.read(bytes) { reader in try reader.skip() }
            try demand(skipped != nil, "what can be read can be skipped")
        case (.success, .failure(let error)): throw BrokenPromise("the reader refuses what the parser takes: \(error)")
        case (.failure(let error), .success):
            guard case .limitExceeded? = (error as? JSONError)?.problem else {
                throw BrokenPromise("the parser refuses what the reader takes: \(error)")
            }
        case (.failure, .failure): _ = try? JSONReader.read(bytes) { reader in try reader.skip() }
        }
    }

    private static func tree(_ reader: inout JSONReader, depth: Int) throws -> JSONValue {
        guard depth <= limits.maximumDepth else { throw BrokenPromise("an input of 4 KiB is not this deep") }
        switch try reader.kind() {
        case .null:
            _ = try reader.null()
            return .null
        case .bool: return .bool(try reader.bool())
        case .string: return .string(try reader.string())
        case .number:
            let text = String(decoding: try reader.raw(), as: UTF8.self)
            if let integer = try? JSONReader.read(Array(text.utf8), { reader in try reader.integer() }) {
                return .integer(integer)
            }
            return .number(try JSONReader.read(Array(text.utf8)) { reader in try reader.double() })
        case .array:
            var elements: [JSONValue] = []
            try reader.elements { elements.append(try tree(&$0, depth: depth + 1)) }
            return .array(elements)
        case .object:
            var members: [String: JSONValue] = [:]
            try reader.members { name, reader in
                let key = name.string
                members[key] = try tree(&reader, depth: depth + 1)
            }
            return .object(members)
        }
    }

    /// The first byte says how long the pieces are; the rest is the document.
    private static func list(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let document = Array(bytes.dropFirst())
        let whole = parts(document, piece: document.count)
        let pieces = parts(document, piece: Int(first) + 1)
        try demand(whole.isComplete == pieces.isComplete, "where a document is cut does not decide whether it is whole")
        guard whole.isComplete else { return }
        try demand(whole.found == pieces.found, "where a document is cut does not decide what is in it")
    }

    private static func parts(_ document: [UInt8], piece: Int) -> (found: [String], isComplete: Bool) {
        var cutter = JSONListCutter(array: "items")
        var found: [String] = []
        do {
            for start in stride(from: 0, to: document.count, by: max(piece, 1)) {
                let end = min(start + max(piece, 1), document.count)
                try document[start..<end].withUnsafeBytes { bytes in
                    try cutter.cut(bytes) { found.append("\($0) \(String(decoding: $1, as: UTF8.self))") }
                }
            }
            try cutter.finish()
            return (found, true)
        } catch {
            return (found, false)
        }
    }

    /// The first two bytes say which place is asked for; the rest is the document.
    private static func path(_ bytes: [UInt8]) throws {
        guard bytes.count >= 2 else { return }
        let offset = Int(bytes[0]) << 8 | Int(bytes[1])
        let text = bytes.dropFirst(2).withUnsafeBytes { JSONPath.text(at: offset, in: $0) }
        try demand(text.count <= 256, "a path is short")
    }
}
