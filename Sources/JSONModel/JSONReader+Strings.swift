/// Where the content of a string stands, between its quotes.
struct StringContent {
    var start: Int
    var end: Int
    /// Whether it holds no escape.
    var isPlain: Bool
    /// Whether it holds nothing beyond ASCII.
    var isASCII: Bool
}

extension JSONReader {
    /// Reads a string from its opening to its closing quote, and checks the escapes and the encoding.
    mutating func stringContent() throws(JSONError) -> StringContent {
        offset += 1
        var content = StringContent(start: offset, end: offset, isPlain: true, isASCII: true)
        while true {
            let run = StringScan.run(bytes, from: offset)
            offset = run.end
            content.isASCII = content.isASCII && run.isASCII
            guard let byte = peek else { throw JSONError(.unexpectedEnd, offset: offset) }
            if byte == UInt8(ascii: "\"") { break }
            guard byte == UInt8(ascii: "\\") else { throw JSONError(.invalidString, offset: offset) }
            content.isPlain = false
            _ = try escape()
        }
        content.end = offset
        offset += 1
        if !content.isASCII, !Self.isUTF8(slice(content)) { throw JSONError(.invalidString, offset: content.start) }
        return content
    }

    private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.withMemoryRebound(to: UInt8.self) { (try? UTF8Span(validating: $0.span)) != nil }
    }

    /// The string itself.
    func text(_ content: StringContent) throws(JSONError) -> String {
        guard !content.isPlain else { return String(decoding: slice(content), as: UTF8.self) }
        return try unescaped(content)
    }

    private func unescaped(_ content: StringContent) throws(JSONError) -> String {
        var reader = JSONReader(at: content.start, in: bytes)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(content.end - content.start)
        while reader.offset < content.end {
            let run = min(StringScan.run(bytes, from: reader.offset).end, content.end)
            decoded.append(contentsOf: bytes[reader.offset..<run])
            reader.offset = run
            guard run < content.end else { break }
            decoded.append(contentsOf: Array(String(try reader.escape()).utf8))
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Reads an escape, both halves of a surrogate pair together.
    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        offset += 1
        guard let byte = peek else { throw JSONError(.unexpectedEnd, offset: offset) }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw JSONError(.invalidString, offset: offset - 1)
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = offset
        var value = try fourHexDigits()
        if (0xD800..<0xDC00).contains(value) {
            guard peek == UInt8(ascii: "\\") else { throw JSONError(.invalidString, offset: start) }
            offset += 1
            guard peek == UInt8(ascii: "u") else { throw JSONError(.invalidString, offset: start) }
            offset += 1
            let low = try fourHexDigits()
            guard (0xDC00..<0xE000).contains(low) else { throw JSONError(.invalidString, offset: start) }
            value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw JSONError(.invalidString, offset: start) }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        let first = try hexDigit()
        let second = try hexDigit()
        let third = try hexDigit()
        return first << 12 | second << 8 | third << 4 | (try hexDigit())
    }

    private mutating func hexDigit() throws(JSONError) -> UInt32 {
        guard let byte = peek else { throw JSONError(.unexpectedEnd, offset: offset) }
        guard let digit = Self.value(ofHexDigit: byte) else { throw JSONError(.invalidString, offset: offset) }
        offset += 1
        return digit
    }

    private static func value(ofHexDigit byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

/// Finds the end of the plain part of a string, eight bytes at a time.
enum StringScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The first quote, backslash or control character at or after `start`, or the end of the bytes; and whether
    /// everything before it is ASCII.
    static func run(_ bytes: UnsafeRawBufferPointer, from start: Int) -> (end: Int, isASCII: Bool) {
        var offset = start
        var seen: UInt64 = 0
        while bytes.count - offset >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let stops = zeros(word ^ (ones &* 0x22)) | zeros(word ^ (ones &* 0x5C)) | controls(word)
            if stops != 0 {
                // The lowest mark is exact; those above it may be echoes of it.
                let length = stops.trailingZeroBitCount >> 3
                seen |= word & ~(UInt64.max << UInt64(length * 8))
                return (offset + length, seen & highs == 0)
            }
            seen |= word
            offset += 8
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
            seen |= UInt64(byte)
            offset += 1
        }
        return (offset, seen & highs == 0)
    }

    /// Marks the bytes that are zero.
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

    /// Marks the bytes below 0x20.
    private static func controls(_ word: UInt64) -> UInt64 { (word &- ones &* 0x20) & ~word & highs }
}
