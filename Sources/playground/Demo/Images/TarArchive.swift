/// Writes files as a tar archive (POSIX.1-1988 ustar): what a container image layer is.
struct TarArchive {
    private static let blockSize = 512
    private(set) var bytes: [UInt8] = []

    /// Appends a regular file with mode 0644 and owner root, made at the epoch so that equal files give equal archives.
    ///
    /// The path has at most 100 bytes of UTF-8.
    mutating func append(path: String, contents: [UInt8]) {
        var header = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: String, at offset: Int, width: Int) {
            for (index, byte) in text.utf8.prefix(width).enumerated() { header[offset + index] = byte }
        }
        put(path, at: 0, width: 100)
        put("0000644\0", at: 100, width: 8)
        put("0000000\0", at: 108, width: 8)
        put("0000000\0", at: 116, width: 8)
        put(Self.octal(contents.count, digits: 11) + "\0", at: 124, width: 12)
        put(Self.octal(0, digits: 11) + "\0", at: 136, width: 12)
        // The checksum counts its own field as spaces.
        put("        ", at: 148, width: 8)
        put("0", at: 156, width: 1)
        put("ustar\u{0}00", at: 257, width: 8)
        put(Self.octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148, width: 8)
        bytes += header + contents
        bytes += [UInt8](repeating: 0, count: (Self.blockSize - contents.count % Self.blockSize) % Self.blockSize)
    }

    /// The whole archive, with the two empty blocks that end it.
    var closed: [UInt8] { bytes + [UInt8](repeating: 0, count: 2 * Self.blockSize) }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
