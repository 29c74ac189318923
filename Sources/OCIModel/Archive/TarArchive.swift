/// Files in a tar archive (POSIX.1-1988 `ustar`) that has one spelling: equal files give equal bytes.
///
/// Members are regular files in the order of their names, with mode 0644, owner and group 0, one time for all of them, and
/// nothing between or behind them. Every tar program reads that. What differs from it in any byte is refused: links, folders,
/// devices, extended headers, other owners, other orders, repetitions and content behind the end have no meaning here.
public struct TarArchive: Sendable, Hashable {
    /// The content of the members by their names.
    public private(set) var members: [String: [UInt8]] = [:]
    /// The time of every member, in seconds since 1970.
    public let modifiedAt: Int64

    /// Headers and contents begin at multiples of this many bytes.
    static let blockBytes = 512
    /// The largest number in a field of eleven octal digits.
    static let maximumNumber: Int64 = (1 << 33) - 1

    /// Creates an empty archive.
    ///
    /// - Throws: ``ArchiveError`` when the format cannot hold the time.
    public init(modifiedAt: Int64) throws(ArchiveError) {
        guard (0...Self.maximumNumber).contains(modifiedAt) else {
            throw ArchiveError("a tar archive cannot hold the time \(modifiedAt)")
        }
        self.modifiedAt = modifiedAt
    }

    /// Adds a member; the same content under the same name may be added again.
    ///
    /// - Parameters:
    ///   - name: components of letters, digits, `.`, `_` and `-`, joined by `/`; 100 bytes at most.
    ///   - content: the bytes.
    /// - Throws: ``ArchiveError`` when the name is not of that form, or stands for other content already.
    public mutating func add(_ name: String, _ content: [UInt8]) throws(ArchiveError) {
        guard Self.isName(name.utf8) else { throw ArchiveError("\"\(name.prefix(120))\" is no name of a member") }
        guard Int64(content.count) <= Self.maximumNumber else { throw ArchiveError("\(name) is too large for tar") }
        if let known = members[name], known != content {
            throw ArchiveError("\(name) stands for two different contents")
        }
        members[name] = content
    }

    // MARK: - Writing

    /// The archive.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        for (name, content) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            output += Self.header(Array(name.utf8), size: Int64(content.count), modifiedAt: modifiedAt)
            output += content
            output += repeatElement(0, count: Self.padding(of: content.count))
        }
        return output + repeatElement(0, count: 2 * Self.blockBytes)
    }

    /// How many bytes follow `count` bytes of content to the next block.
    static func padding(of count: Int) -> Int {
        let rest = count % blockBytes
        return rest == 0 ? 0 : blockBytes - rest
    }

    /// The header of a regular file (POSIX.1-1988 §10.1.1).
    static func header(_ name: [UInt8], size: Int64, modifiedAt: Int64) -> [UInt8] {
        var header = name + repeatElement(0, count: max(0, 100 - name.count))
        header += Array("0000644\0".utf8) + Array("0000000\0".utf8) + Array("0000000\0".utf8)
        header += octal(size, digits: 11) + [0] + octal(modifiedAt, digits: 11) + [0]
        let sumAt = header.count
        header += Array("        0".utf8) + repeatElement(0, count: 100) + Array("ustar\u{0}00".utf8)
        header += repeatElement(0, count: 64)
        header += Array("0000000\0".utf8) + Array("0000000\0".utf8)
        header += repeatElement(0, count: blockBytes - header.count)
        // The sum is taken with blanks in its own field.
        let sum = header.reduce(into: Int64(0)) { $0 += Int64($1) }
        header.replaceSubrange(sumAt..<(sumAt + 8), with: octal(sum, digits: 6) + [0, UInt8(ascii: " ")])
        return header
    }

    private static func octal(_ number: Int64, digits: Int) -> [UInt8] {
        let text = Array(String(number, radix: 8).utf8)
        return repeatElement(UInt8(ascii: "0"), count: max(0, digits - text.count)) + text
    }

    /// Whether `name` may be the name of a member: relative, without `.` and `..`, in characters that mean the same everywhere.
    static func isName(_ name: some Collection<UInt8>) -> Bool {
        guard (1...100).contains(name.count) else { return false }
        return name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
            !component.isEmpty && !component.elementsEqual(".".utf8) && !component.elementsEqual("..".utf8)
                && component.allSatisfy(isNameByte)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
