/// Reads JSON (RFC 8259) value by value off bytes in memory, without building a tree of it.
///
/// What is not asked for is skipped, and still checked: a document that this reader accepts is one that ``JSONParser``
/// accepts, but for members that occur twice, of which the asker sees both and keeps the later. Nothing recurses, so
/// depth costs no stack.
///
/// ```swift
/// try reader.beginObject()
/// while let name = try reader.nextMember() {
///     switch name {
///     case "name": color = try reader.string()
///     default: try reader.skip()
///     }
/// }
/// ```
///
/// After every ``nextMember()`` and every ``nextElement()`` that is not the end, exactly one value must be read or
/// skipped. A reader lives only inside the closure that received it.
public struct JSONReader: ~Copyable {
    /// The kinds of JSON values.
    public enum Kind: Sendable, Hashable {
        case object, array, string, number, bool, null
    }

    /// The deepest nesting, as in kube-apiserver.
    public static let maximumDepth = 10_000

    let bytes: UnsafeRawBufferPointer
    var offset = 0
    private var depth = 0
    /// Whether the container that was entered last has not shown anything yet.
    private var isFirst = false

    /// A reader that begins somewhere inside a document.
    init(at offset: Int = 0, in bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Lets `body` read the one document that `bytes` hold.
    ///
    /// - Parameters:
    ///   - bytes: the document, with nothing but white space around it.
    ///   - body: reads its value.
    /// - Returns: what `body` returns.
    /// - Throws: ``JSONError``; whatever `body` throws.
    public static func read<Result>(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (inout JSONReader) throws -> Result
    ) throws -> Result {
        var reader = JSONReader(in: bytes)
        let result = try body(&reader)
        reader.skipWhitespace()
        guard reader.offset == bytes.count else { throw JSONError(.trailingContent, offset: reader.offset) }
        return result
    }

    /// Lets `body` read the one document that `bytes` hold.
    ///
    /// - Parameters:
    ///   - bytes: the document, with nothing but white space around it.
    ///   - body: reads its value.
    /// - Returns: what `body` returns.
    /// - Throws: ``JSONError``; whatever `body` throws.
    public static func read<Result>(
        _ bytes: [UInt8],
        _ body: (inout JSONReader) throws -> Result
    ) throws -> Result {
        try bytes.withUnsafeBytes { try read($0, body) }
    }

    /// Lets `body` read from the beginning of `bytes` as much as it likes; what follows is not looked at.
    ///
    /// - Parameters:
    ///   - bytes: a document, complete or not.
    ///   - body: reads of it.
    /// - Returns: what `body` returns.
    /// - Throws: ``JSONError``; whatever `body` throws.
    public static func readBeginning<Result>(
        of bytes: UnsafeRawBufferPointer,
        _ body: (inout JSONReader) throws -> Result
    ) throws -> Result {
        var reader = JSONReader(in: bytes)
        return try body(&reader)
    }

    // MARK: - Structure

    /// What kind of value comes next.
    public mutating func kind() throws(JSONError) -> Kind {
        skipWhitespace()
        switch peek {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number
        default: throw unexpected()
        }
    }

    /// Enters an object.
    public mutating func beginObject() throws(JSONError) { try begin(.object, "an object") }

    /// Enters an array.
    public mutating func beginArray() throws(JSONError) { try begin(.array, "an array") }

    private mutating func begin(_ kind: Kind, _ word: String) throws(JSONError) {
        guard try self.kind() == kind else { throw JSONError(.wrongKind(word), offset: offset) }
        try checkDepth(depth + 1)
        depth += 1
        offset += 1
        isFirst = true
    }

    /// Reads the name of the next member of the object entered last, and stops before its value.
    ///
    /// - Returns: the name, valid until this reader is used again; `nil` at the object's end, which is read with it.
    public mutating func nextMember() throws(JSONError) -> JSONName? {
        guard try advance(past: UInt8(ascii: "}")) else { return nil }
        return try memberName()
    }

    /// Moves to the next element of the array entered last.
    ///
    /// - Returns: whether there is one; `false` at the array's end, which is read with it.
    public mutating func nextElement() throws(JSONError) -> Bool { try advance(past: UInt8(ascii: "]")) }

    /// Whether another member or element follows; reads the comma before it, or the end.
    private mutating func advance(past end: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        let wasFirst = isFirst
        isFirst = false
        if peek == end, depth > 0 {
            depth -= 1
            offset += 1
            return false
        }
        if wasFirst { return true }
        guard peek == UInt8(ascii: ",") else { throw unexpected() }
        offset += 1
        return true
    }

    mutating func memberName() throws(JSONError) -> JSONName {
        skipWhitespace()
        guard peek == UInt8(ascii: "\"") else { throw unexpected() }
        let content = try stringContent()
        skipWhitespace()
        guard peek == UInt8(ascii: ":") else { throw unexpected() }
        offset += 1
        guard content.isPlain else { return JSONName(bytes: slice(content), text: try text(content)) }
        return JSONName(bytes: slice(content), text: nil)
    }

    // MARK: - Scalars

    /// Reads `null` if that is what comes next.
    ///
    /// - Returns: whether it was.
    public mutating func null() throws(JSONError) -> Bool {
        guard try kind() == .null else { return false }
        try literal("null")
        return true
    }

    /// Reads `true` or `false`.
    public mutating func bool() throws(JSONError) -> Bool {
        guard try kind() == .bool else { throw JSONError(.wrongKind("true or false"), offset: offset) }
        let isTrue = peek == UInt8(ascii: "t")
        try literal(isTrue ? "true" : "false")
        return isTrue
    }

    /// Reads a number without fraction and exponent that fits 64 bits, exactly.
    public mutating func integer() throws(JSONError) -> Int64 {
        guard try kind() == .number else { throw JSONError(.wrongKind("an integer"), offset: offset) }
        let start = offset
        let isInteger = try skipNumber()
        guard isInteger, let value = Int64(ascii(start..<offset)) else {
            throw JSONError(.wrongKind("an integer of 64 bits"), offset: start)
        }
        return value
    }

    /// Reads a number as the nearest double; one beyond their range is refused.
    public mutating func double() throws(JSONError) -> Double {
        guard try kind() == .number else { throw JSONError(.wrongKind("a number"), offset: offset) }
        let start = offset
        _ = try skipNumber()
        guard let value = Double(ascii(start..<offset)), value.isFinite else {
            throw JSONError(.invalidNumber, offset: start)
        }
        return value
    }

    /// Reads a string.
    public mutating func string() throws(JSONError) -> String {
        try expectString()
        let content = try stringContent()
        return try text(content)
    }

    /// Reads a string, or `null` as none.
    public mutating func optionalString() throws(JSONError) -> String? { try null() ? nil : string() }

    /// Reads a string that shares its storage with `pool`, or `null` as none.
    public mutating func optionalString(in pool: StringPool) throws(JSONError) -> String? {
        try null() ? nil : string(in: pool)
    }

    /// Reads the members of an object one after the other; `null` has none.
    ///
    /// - Parameter member: gets the name of each, and must read or skip its value.
    /// - Throws: ``JSONError``; whatever `member` throws.
    public mutating func members(_ member: (JSONName, inout JSONReader) throws -> Void) throws {
        if try null() { return }
        try beginObject()
        while let name = try nextMember() { try member(name, &self) }
    }

    /// Reads the elements of an array one after the other; `null` has none.
    ///
    /// - Parameter element: must read or skip each.
    /// - Throws: ``JSONError``; whatever `element` throws.
    public mutating func elements(_ element: (inout JSONReader) throws -> Void) throws {
        if try null() { return }
        try beginArray()
        while try nextElement() { try element(&self) }
    }

    /// Reads a string that probably occurred before, and shares its storage with `pool`.
    public mutating func string(in pool: StringPool) throws(JSONError) -> String {
        try expectString()
        let content = try stringContent()
        guard content.isPlain else { return try text(content) }
        guard let text = pool.string(slice(content)) else { throw JSONError(.invalidString, offset: content.start) }
        return text
    }

    private mutating func expectString() throws(JSONError) {
        guard try kind() == .string else { throw JSONError(.wrongKind("a string"), offset: offset) }
    }

    /// Reads one value of any kind and gives its bytes, which are valid as long as the document's.
    public mutating func raw() throws(JSONError) -> UnsafeRawBufferPointer {
        skipWhitespace()
        let start = offset
        try skip()
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }

    // MARK: - Common

    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    var nesting: Int { depth }

    mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    func unexpected() -> JSONError {
        JSONError(offset < bytes.count ? .unexpectedByte : .unexpectedEnd, offset: offset)
    }

    func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= Self.maximumDepth else {
            throw JSONError(.limitExceeded("nested deeper than \(Self.maximumDepth)"), offset: offset)
        }
    }

    func slice(_ content: StringContent) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[content.start..<content.end])
    }

    private func ascii(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
