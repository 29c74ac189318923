import Testing

@testable import OCIModel

@Suite("Tar archives of one spelling")
struct TarArchiveTests {
    private static let limits = ArchiveLimits(maximumBytes: 1 << 20, maximumMembers: 8, maximumMemberBytes: 4096)
    private let archive: TarArchive

    init() throws {
        var archive = try TarArchive(modifiedAt: 1_780_000_000)
        try archive.add("index.json", Array("{}".utf8))
        try archive.add("blobs/sha256/ab", Array(repeating: 7, count: 700))
        try archive.add("empty", [])
        self.archive = archive
    }

    /// A member with a header that a test changed, its sum made right again.
    private static func member(
        _ name: String = "a",
        _ content: [UInt8] = [1],
        _ change: (inout [UInt8]) -> Void = { _ in }
    ) -> [UInt8] {
        var header = TarArchive.header(Array(name.utf8), size: Int64(content.count), modifiedAt: 5)
        change(&header)
        header.replaceSubrange(148..<156, with: Array("        ".utf8))
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        let digits = String(repeating: "0", count: 6 - sum.utf8.count) + sum
        header.replaceSubrange(148..<156, with: Array(digits.utf8) + [0, 32])
        return header + content + [UInt8](repeating: 0, count: TarArchive.padding(of: content.count))
    }

    private static let end = [UInt8](repeating: 0, count: 1024)

    private static func refusal(_ bytes: [UInt8], limits: ArchiveLimits = limits) -> String? {
        do throws(ArchiveError) {
            _ = try TarArchive(reading: bytes, limits: limits)
            return nil
        } catch {
            return error.message
        }
    }

    @Test("what is written is read again, and the order in which it was added does not matter")
    func roundTrip() throws {
        let bytes = archive.bytes
        #expect(try TarArchive(reading: bytes, limits: Self.limits) == archive)
        var other = try TarArchive(modifiedAt: 1_780_000_000)
        for (name, content) in archive.members.sorted(by: { $0.key > $1.key }) { try other.add(name, content) }
        #expect(other.bytes == bytes && bytes.count % 512 == 0)
        let empty = try TarArchive(modifiedAt: 0)
        #expect(Self.refusal(empty.bytes) == "the archive does not begin with a plain file")
        #expect(Self.refusal(Self.member() + Self.end) == nil)
    }

    @Test("one that is compressed is told as that")
    func compressed() {
        let gzip: [UInt8] = [0x1F, 0x8B, 0x08] + [UInt8](repeating: 0, count: 1021)
        #expect(Self.refusal(gzip) == "the archive is compressed (gzip); unpack it with gunzip first")
    }

    @Test("cut off at any block, or anywhere else, it is refused")
    func truncated() {
        let bytes = archive.bytes
        for count in stride(from: 0, to: bytes.count, by: 512) {
            #expect(Self.refusal(Array(bytes.prefix(count))) != nil, "\(count)")
        }
        #expect(Self.refusal(Array(bytes.dropLast())) != nil)
        #expect(Self.refusal(bytes + [0]) != nil && Self.refusal(bytes + Self.end) != nil)
        #expect(Self.refusal(bytes + archive.bytes) != nil)
    }

    @Test("every bit of a header and of the padding counts")
    func everyBit() {
        let bytes = Self.member("a", [1, 2, 3]) + Self.end
        for index in bytes.indices where !(512..<515).contains(index) {
            for bit in 0..<8 {
                var altered = bytes
                altered[index] ^= 1 << bit
                if index == 0 {
                    // Another name has another sum.
                    #expect(Self.refusal(altered)?.isEmpty == false)
                } else {
                    #expect(Self.refusal(altered) != nil, "byte \(index), bit \(bit)")
                }
            }
        }
    }

    @Test(
        "members that are no plain files are refused by what they are",
        arguments: [
            ("1", "a link"), ("2", "a link"), ("3", "a device or pipe"), ("4", "a device or pipe"), ("5", "a folder"),
            ("6", "a device or pipe"), ("x", "an extended header"), ("g", "an extended header"),
            ("L", "a long name of GNU tar"), ("K", "a long name of GNU tar"), ("7", "of an unknown type"),
            ("\0", "of an unknown type"),
        ]
    )
    func kinds(flag: String, word: String) {
        let bytes = Self.member { $0[156] = Array(flag.utf8)[0] } + Self.end
        #expect(Self.refusal(bytes) == "a is \(word); only plain files are read")
    }

    @Test(
        "names that lead elsewhere, or mean different things in different places, are refused",
        arguments: ["/a", "..", "../a", "a/../b", "a/./b", ".", "a//b", "a/", "", "a b", "a\\b", "ä", "a\nb", "a:b"]
    )
    func names(name: String) throws {
        #expect(Self.refusal(Self.member(name) + Self.end) == "a member has a name that is not accepted")
        var archive = try TarArchive(modifiedAt: 0)
        #expect(throws: ArchiveError.self) { try archive.add(name, []) }
    }

    @Test("repeated and unordered members, other owners, modes, times and forms of numbers are refused")
    func forms() {
        let twice = Self.member("a") + Self.member("a") + Self.end
        #expect(Self.refusal(twice) == "a is repeated or out of order")
        #expect(Self.refusal(Self.member("b") + Self.member("a") + Self.end) == "a is repeated or out of order")
        let changes: [(inout [UInt8]) -> Void] = [
            { $0[106] = UInt8(ascii: "7") }, { $0[114] = UInt8(ascii: "1") }, { $0[122] = UInt8(ascii: "1") },
            { $0[124] = 0x80 }, { $0[134] = UInt8(ascii: " ") }, { $0[157] = UInt8(ascii: "x") },
            { $0[263] = UInt8(ascii: " ") }, { $0[265] = UInt8(ascii: "r") }, { $0[345] = UInt8(ascii: "p") },
            { $0[511] = 1 }, { $0[90] = UInt8(ascii: "z") },
        ]
        for (number, change) in changes.enumerated() {
            let message = Self.refusal(Self.member("a", [1], change) + Self.end)
            #expect(message == "the header of a was altered, or another program wrote it", "\(number)")
        }
        let later = Self.member("b", [1]) { $0.replaceSubrange(136..<147, with: Array("00000000006".utf8)) }
        #expect(Self.refusal(Self.member("a") + later + Self.end)?.hasPrefix("the header of b") == true)
    }

    @Test("a size that is not there, and whatever is over a limit, is refused before it is taken")
    func sizes() throws {
        let huge = Self.member("a", []) { $0.replaceSubrange(124..<135, with: Array("77777777777".utf8)) }
        #expect(Self.refusal(huge + Self.end) == "a has more than 4096 bytes")
        let missing = Self.member("a", []) { $0.replaceSubrange(124..<135, with: Array("00000004000".utf8)) }
        #expect(Self.refusal(missing + Self.end) == "the archive is cut off in a")
        var many = try TarArchive(modifiedAt: 0)
        for number in 0..<9 { try many.add("m\(number)", []) }
        #expect(Self.refusal(many.bytes) == "the archive has more than 8 members")
        let small = ArchiveLimits(maximumBytes: 512, maximumMembers: 8, maximumMemberBytes: 1)
        #expect(Self.refusal(archive.bytes, limits: small) == "the archive has more than 512 bytes")
    }

    @Test("what the format cannot hold is not written")
    func unwritable() throws {
        #expect(throws: ArchiveError.self) { try TarArchive(modifiedAt: -1) }
        #expect(throws: ArchiveError.self) { try TarArchive(modifiedAt: 1 << 33) }
        var archive = try TarArchive(modifiedAt: 1 << 32)
        try archive.add("a", [1])
        try archive.add("a", [1])
        #expect(throws: ArchiveError.self) { try archive.add("a", [2]) }
        #expect(throws: ArchiveError.self) { try archive.add(String(repeating: "a", count: 101), []) }
        try archive.add(String(repeating: "a", count: 100), [])
        #expect(try TarArchive(reading: archive.bytes, limits: Self.limits) == archive)
    }
}
