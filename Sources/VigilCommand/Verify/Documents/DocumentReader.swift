import JSONModel

/// Reads the documents of a file: JSON where it is JSON, else YAML.
enum DocumentReader {
    /// The documents of `file`, without the empty ones.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - maximumValues: the most values it may hold, those behind aliases counted each time they are named.
    /// - Returns: the documents.
    /// - Throws: ``InputError`` naming the file and the line.
    static func read(
        _ file: InputFiles.File,
        maximumValues: Int = InputLimits.values
    ) throws(InputError) -> [SourceDocument] {
        guard let text = String(validating: withoutByteOrderMark(file.bytes), as: UTF8.self) else {
            throw InputError(at: InputError.Site(file: file.name), "is not UTF-8 text")
        }
        let values: [JSONValue]
        if file.name.hasSuffix(".json") || text.utf8.first(where: { !isSpace($0) }) == UInt8(ascii: "{") {
            values = try json(text, file, maximumValues)
        } else {
            values = try YAMLReader(name: file.name, maximumValues: maximumValues).documents(text)
        }
        var documents: [SourceDocument] = []
        for (index, value) in values.enumerated() where !value.isNull {
            documents.append(
                SourceDocument(file: file.name, number: index + 1, isFileNamed: file.isNamed, value: value)
            )
        }
        return documents
    }

    private static func json(
        _ text: String,
        _ file: InputFiles.File,
        _ maximumValues: Int
    ) throws(InputError) -> [JSONValue] {
        let limits = JSONLimits(
            maximumBytes: InputLimits.fileBytes,
            maximumDepth: InputLimits.valueDepth,
            maximumValues: maximumValues
        )
        do throws(JSONError) {
            return [try JSONParser(limits: limits).parse(text.utf8)]
        } catch {
            // A flow mapping is YAML and begins like JSON; a file that calls itself JSON has to be JSON.
            let reader = YAMLReader(name: file.name, maximumValues: maximumValues)
            if !file.name.hasSuffix(".json"), let documents = try? reader.documents(text) { return documents }
            throw InputError(at: site(of: error.offset, in: text, file.name), "is no valid JSON: \(error)")
        }
    }

    /// The line and the column, in bytes, of an offset.
    static func site(of offset: Int, in text: String, _ file: String) -> InputError.Site {
        let before = text.utf8.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
        return InputError.Site(file: file, line: line, column: column)
    }

    static func withoutByteOrderMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
