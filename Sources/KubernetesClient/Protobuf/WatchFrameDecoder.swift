/// Cuts the body of a watch in Protocol Buffers into frames, whatever the chunks it arrives in: four bytes that say how long
/// an event is, most significant first, and the event (apimachinery, `framer.lengthDelimitedFrameReader`).
///
/// The decoder holds one unfinished frame at most; frames that lie within a chunk are not copied.
struct WatchFrameDecoder: Sendable {
    /// A frame is longer than the decoder accepts.
    struct FrameTooLong: Error, Hashable, CustomStringConvertible {
        let limit: Int
        var description: String { "a frame of the watch is longer than \(limit) bytes" }
    }

    private static let headerBytes = 4

    private let maximumFrameBytes: Int
    private var partial: [UInt8] = []

    /// Creates a decoder of frames of at most `maximumFrameBytes`.
    init(maximumFrameBytes: Int) { self.maximumFrameBytes = maximumFrameBytes }

    /// Takes the next bytes of the body.
    ///
    /// - Parameters:
    ///   - chunk: the bytes.
    ///   - body: gets each event that is complete with them; its bytes are valid during the call only.
    /// - Throws: ``FrameTooLong``; whatever `body` throws. The decoder must not be used afterwards.
    mutating func decode(_ chunk: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try chunk.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                if partial.isEmpty, let end = try end(of: rest) {
                    try body(UnsafeRawBufferPointer(rebasing: rest[(rest.startIndex + Self.headerBytes)..<end]))
                    rest = rest[end...]
                } else {
                    rest = try complete(with: rest, body)
                }
            }
        }
    }

    /// Where the frame ends that `bytes` begins with; `nil` when they hold a part of it.
    private func end(of bytes: Slice<UnsafeRawBufferPointer>) throws(FrameTooLong) -> Int? {
        guard bytes.count >= Self.headerBytes else { return nil }
        let length = try length(bytes.prefix(Self.headerBytes))
        guard bytes.count - Self.headerBytes >= length else { return nil }
        return bytes.startIndex + Self.headerBytes + length
    }

    private func length(_ header: some Sequence<UInt8>) throws(FrameTooLong) -> Int {
        let length = header.reduce(0) { $0 << 8 | Int($1) }
        guard length <= maximumFrameBytes else { throw FrameTooLong(limit: maximumFrameBytes) }
        return length
    }

    /// Adds to the unfinished frame what it lacks, and gives it if it is complete then.
    ///
    /// - Returns: what is left of `bytes`.
    private mutating func complete(
        with bytes: Slice<UnsafeRawBufferPointer>,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Slice<UnsafeRawBufferPointer> {
        var wanted = Self.headerBytes
        if partial.count >= Self.headerBytes { wanted += try length(partial.prefix(Self.headerBytes)) }
        let some = bytes.prefix(wanted - partial.count)
        partial.append(contentsOf: some)
        if partial.count == wanted, wanted > Self.headerBytes || partial.allSatisfy({ $0 == 0 }) {
            let frame = partial
            // Not kept for its capacity: one frame of megabytes must not cost megabytes for ever.
            partial = []
            try frame.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0.dropFirst(Self.headerBytes))) }
        }
        return bytes[some.endIndex...]
    }
}
