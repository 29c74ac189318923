/// Cuts the body of a watch into lines, whatever the chunks it arrives in.
///
/// A line ends with the byte 0x0A and nothing else: JSON strings may hold U+2028 or U+0085 as they are. The decoder
/// holds one unfinished line at most; lines that lie within a chunk are not copied.
public struct WatchDecoder: Sendable {
    /// A line was longer than the decoder accepts.
    public struct LineTooLong: Error, Sendable, Hashable, CustomStringConvertible {
        /// The limit, in bytes.
        public let limit: Int
        /// The sentence.
        public var description: String { "a line of the watch is longer than \(limit) bytes" }
    }

    /// The longest line, in bytes.
    public let maximumLineBytes: Int
    private var partial: [UInt8] = []

    /// Creates a decoder.
    ///
    /// - Parameter maximumLineBytes: the longest line; default 8 MiB, several times the largest object etcd stores.
    public init(maximumLineBytes: Int = 8 << 20) {
        self.maximumLineBytes = maximumLineBytes
    }

    /// The number of bytes of the unfinished line.
    public var pendingBytes: Int { partial.count }

    /// Takes the next bytes of the body.
    ///
    /// - Returns: the lines that are complete with them, without their ends; empty lines are left out.
    /// - Throws: ``LineTooLong``; the decoder must not be used afterwards.
    public mutating func decode(_ chunk: [UInt8]) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        try decode(chunk) { lines.append(Array($0)) }
        return lines
    }

    /// Takes the next bytes of the body.
    ///
    /// - Parameters:
    ///   - chunk: the bytes.
    ///   - body: gets each line that is complete with them, without its end; empty lines are left out. The bytes are
    ///     valid during the call only.
    /// - Throws: ``LineTooLong``; whatever `body` throws. The decoder must not be used afterwards.
    public mutating func decode(_ chunk: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try chunk.withUnsafeBytes { bytes in
            var start = 0
            while let end = bytes[start...].firstIndex(of: 0x0A) {
                try finishLine(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), body)
                start = end + 1
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            try checkLength(rest)
            partial.append(contentsOf: rest)
        }
    }

    private mutating func finishLine(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try checkLength(bytes)
        guard !partial.isEmpty else { return try give(bytes, body) }
        var line = partial
        // Not kept for its capacity: one line of megabytes must not cost megabytes for ever.
        partial = []
        line.append(contentsOf: bytes)
        try line.withUnsafeBytes { try give($0, body) }
    }

    private func checkLength(_ bytes: UnsafeRawBufferPointer) throws(LineTooLong) {
        guard partial.count <= maximumLineBytes, bytes.count <= maximumLineBytes - partial.count else {
            throw LineTooLong(limit: maximumLineBytes)
        }
    }

    private func give(_ line: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let content = line.last == 0x0D ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
        if !content.isEmpty { try body(content) }
    }
}
