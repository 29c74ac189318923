extension TarArchive {
    /// Reads an archive that was written as this type writes it.
    ///
    /// - Parameters:
    ///   - bytes: the archive.
    ///   - limits: what it may cost.
    /// - Throws: ``ArchiveError`` for everything else.
    public init(reading bytes: [UInt8], limits: ArchiveLimits) throws(ArchiveError) {
        guard bytes.count <= limits.maximumBytes else {
            throw ArchiveError("the archive has more than \(limits.maximumBytes) bytes")
        }
        guard !bytes.starts(with: [0x1F, 0x8B]) else {
            throw ArchiveError("the archive is compressed (gzip); unpack it with gunzip first")
        }
        guard bytes.count % Self.blockBytes == 0, bytes.count >= 2 * Self.blockBytes else {
            throw ArchiveError("the archive is cut off: its length is no multiple of \(Self.blockBytes), or too short")
        }
        guard let time = Self.number(bytes[136..<147]) else {
            throw ArchiveError("the archive does not begin with a plain file")
        }
        try self.init(modifiedAt: time)
        var rest = bytes[...]
        var last: ArraySlice<UInt8> = []
        while true {
            guard let block = Self.take(Self.blockBytes, from: &rest) else {
                throw ArchiveError("the archive is cut off: it has no end")
            }
            if block.allSatisfy({ $0 == 0 }) { break }
            let (name, size) = try Self.member(block, modifiedAt: time)
            guard last.lexicographicallyPrecedes(name) else {
                throw ArchiveError("\(Self.text(name)) is repeated or out of order")
            }
            last = name
            guard members.count < limits.maximumMembers else {
                throw ArchiveError("the archive has more than \(limits.maximumMembers) members")
            }
            guard size <= limits.maximumMemberBytes else {
                throw ArchiveError("\(Self.text(name)) has more than \(limits.maximumMemberBytes) bytes")
            }
            guard let content = Self.take(size, from: &rest),
                let padding = Self.take(Self.padding(of: size), from: &rest)
            else { throw ArchiveError("the archive is cut off in \(Self.text(name))") }
            guard padding.allSatisfy({ $0 == 0 }) else {
                throw ArchiveError("there is something behind the content of \(Self.text(name))")
            }
            try add(Self.text(name), Array(content))
        }
        guard rest.count == Self.blockBytes, rest.allSatisfy({ $0 == 0 }) else {
            throw ArchiveError("the archive does not end where it says")
        }
    }

    private static func take(_ count: Int, from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// The name and the size of the member that a header announces.
    private static func member(
        _ block: ArraySlice<UInt8>,
        modifiedAt: Int64
    ) throws(ArchiveError) -> (name: ArraySlice<UInt8>, size: Int) {
        let start = block.startIndex
        let name = block.prefix(100).prefix { $0 != 0 }
        if let kind = kind(block[start + 156]) {
            throw ArchiveError("\(isName(name) ? text(name) : "a member") is \(kind); only plain files are read")
        }
        guard isName(name) else { throw ArchiveError("a member has a name that is not accepted") }
        guard let size = number(block[(start + 124)..<(start + 135)]).flatMap({ Int(exactly: $0) }),
            header(Array(name), size: Int64(size), modifiedAt: modifiedAt).elementsEqual(block)
        else { throw ArchiveError("the header of \(text(name)) was altered, or another program wrote it") }
        return (name, size)
    }

    /// What a type flag means, unless it means a regular file.
    private static func kind(_ flag: UInt8) -> String? {
        switch flag {
        case UInt8(ascii: "0"): nil
        case UInt8(ascii: "1"), UInt8(ascii: "2"): "a link"
        case UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "6"): "a device or pipe"
        case UInt8(ascii: "5"): "a folder"
        case UInt8(ascii: "x"), UInt8(ascii: "g"): "an extended header"
        case UInt8(ascii: "L"), UInt8(ascii: "K"): "a long name of GNU tar"
        default: "of an unknown type"
        }
    }

    /// A number of octal digits.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        var number: Int64 = 0
        for byte in field {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) else { return nil }
            // Eleven digits stay far below the limit of the type.
            number = number << 3 | Int64(byte & 7)
        }
        return number
    }

    private static func text(_ name: ArraySlice<UInt8>) -> String { String(decoding: name, as: UTF8.self) }
}
