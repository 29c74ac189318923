/// Cuts the body of a watch into lines, whatever the chunks it arrives in.
///
/// A line ends with the byte 0x0A and nothing else: JSON strings may hold U+2028 or U+0085 as they are. The decoder
/// holds one unfinished line at most.
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
    public mutating func decode(_ chunk: [UInt8]) throws(LineTooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: 0x0A) {
            try accept(chunk[start..<end])
            let line = withoutReturn(partial)
            if !line.isEmpty { lines.append(line) }
            partial = []
            start = chunk.index(after: end)
        }
        try accept(chunk[start...])
        return lines
    }

    private mutating func accept(_ bytes: ArraySlice<UInt8>) throws(LineTooLong) {
        guard partial.count <= maximumLineBytes, bytes.count <= maximumLineBytes - partial.count else {
            throw LineTooLong(limit: maximumLineBytes)
        }
        partial.append(contentsOf: bytes)
    }

    private func withoutReturn(_ line: [UInt8]) -> [UInt8] {
        line.last == 0x0D ? Array(line.dropLast()) : line
    }
}
