/// Cuts a large object that arrives in pieces into its members, and one of its arrays into elements, so that neither the
/// document nor the array is ever held as a whole.
///
/// It follows quotes and brackets only; what it gives out must be read with ``JSONReader``, which finds what is wrong
/// inside. Give it every piece of the document, then call ``finish()``.
public struct JSONListCutter: Sendable {
    /// What was cut out.
    public enum Part: Sendable, Hashable {
        /// The value of a member, other than the array's elements; `null` instead of an array counts as an empty one.
        case member(String)
        /// An element of the array.
        case element
    }

    fileprivate enum Place: Sendable {
        case start, firstName, name, colon, memberValue, afterMember
        case firstElement, element, afterElement
        case end
    }

    /// The value that is being cut out, which may have begun in an earlier piece of the document.
    fileprivate struct Value: Sendable {
        enum Shape: Sendable { case container, string, scalar }
        var shape: Shape
        var depth = 0
        var isInString = false
        var isEscaped = false
        /// Its bytes so far, where it began in an earlier piece.
        var held: [UInt8] = []
    }

    /// The name of the member whose array is cut.
    public let array: String
    /// The longest single part, in bytes.
    public let maximumPartBytes: Int
    /// Whether the array was there.
    public private(set) var hasArray = false

    private var place = Place.start
    private var value: Value?
    private var memberName = ""
    /// Bytes of earlier pieces, for the place of an error.
    private var consumed = 0

    /// Creates a cutter.
    ///
    /// - Parameters:
    ///   - array: the member whose array is cut into elements.
    ///   - maximumPartBytes: the longest single part; default 8 MiB, several times the largest object etcd stores.
    public init(array: String, maximumPartBytes: Int = 8 << 20) {
        self.array = array
        self.maximumPartBytes = maximumPartBytes
    }

    /// The bytes that are held because a part is not complete yet.
    public var heldBytes: Int { value?.held.count ?? 0 }

    /// Takes the next piece of the document.
    ///
    /// - Parameters:
    ///   - piece: bytes, cut anywhere.
    ///   - body: gets each part that is complete with them, and its bytes, which are valid during the call only.
    /// - Throws: ``JSONError`` when this is no object with such an array, or a part is too long; whatever `body` throws.
    public mutating func cut(
        _ piece: UnsafeRawBufferPointer,
        _ body: (Part, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var offset = 0
        while offset < piece.count {
            if value != nil {
                let start = offset
                let isComplete = follow(piece, &offset)
                try hold(piece, start..<offset, isComplete: isComplete, body)
            } else {
                try step(piece[offset], at: &offset)
            }
        }
        consumed += piece.count
    }

    /// Ends the document.
    ///
    /// - Throws: ``JSONError`` when it is not complete.
    public func finish() throws(JSONError) {
        guard case .end = place else { throw JSONError(.unexpectedEnd, offset: consumed) }
    }

    // MARK: - Between the parts

    /// Looks at a byte that is part of no value; moves on unless a value begins with it.
    private mutating func step(_ byte: UInt8, at offset: inout Int) throws(JSONError) {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09: break
        default:
            guard try place(after: byte) else {
                let error = JSONError(place.isEnd ? .trailingContent : .unexpectedByte, offset: consumed + offset)
                throw error
            }
            if value != nil { return }
        }
        offset += 1
    }

    /// Moves on over `byte`, or begins a value with it; `false` when it cannot stand here.
    private mutating func place(after byte: UInt8) throws(JSONError) -> Bool {
        switch (place, byte) {
        case (.start, UInt8(ascii: "{")): place = .firstName
        case (.firstName, UInt8(ascii: "}")), (.afterMember, UInt8(ascii: "}")): place = .end
        case (.firstName, UInt8(ascii: "\"")), (.name, UInt8(ascii: "\"")): value = Value(shape: .string)
        case (.colon, UInt8(ascii: ":")): place = .memberValue
        case (.memberValue, UInt8(ascii: "[")) where memberName == array: try beginArray()
        case (.memberValue, UInt8(ascii: "n")) where memberName == array:
            try beginArray()
            place = .memberValue
            value = Value(shape: .scalar)
        case (.memberValue, _) where memberName == array:
            throw JSONError(.wrongKind("an array"), offset: consumed)
        case (.memberValue, _): value = Value(beginningWith: byte)
        case (.afterMember, UInt8(ascii: ",")): place = .name
        case (.firstElement, UInt8(ascii: "]")), (.afterElement, UInt8(ascii: "]")): place = .afterMember
        case (.firstElement, _), (.element, _): value = Value(beginningWith: byte)
        case (.afterElement, UInt8(ascii: ",")): place = .element
        default: return false
        }
        return true
    }

    private mutating func beginArray() throws(JSONError) {
        guard !hasArray else { throw JSONError(.duplicateKey(array), offset: consumed) }
        hasArray = true
        place = .firstElement
    }

    // MARK: - Inside a part

    /// Follows the value to its end or to the end of the piece; says whether the end was found.
    private mutating func follow(_ piece: UnsafeRawBufferPointer, _ offset: inout Int) -> Bool {
        guard var current = value else { return false }
        defer { value = current }
        while offset < piece.count {
            if current.isInString {
                if current.followString(piece, &offset), current.depth == 0 { return true }
                continue
            }
            let byte = piece[offset]
            switch byte {
            case UInt8(ascii: "\""):
                guard current.shape != .scalar else { return true }
                current.isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard current.shape != .scalar else { return true }
                current.depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard current.shape != .scalar else { return true }
                current.depth -= 1
                if current.depth <= 0 {
                    offset += 1
                    return true
                }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
                if current.shape == .scalar { return true }
            default: break
            }
            offset += 1
        }
        return false
    }

    /// Gives out the value when it is complete, and keeps what there is of it otherwise.
    private mutating func hold(
        _ piece: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        isComplete: Bool,
        _ body: (Part, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let held = value?.held.count ?? 0
        guard range.count <= maximumPartBytes - min(held, maximumPartBytes) else {
            throw JSONError(
                .limitExceeded("a part of more than \(maximumPartBytes) bytes"),
                offset: consumed + range.upperBound
            )
        }
        let bytes = UnsafeRawBufferPointer(rebasing: piece[range])
        guard isComplete else {
            value?.held.append(contentsOf: bytes)
            return
        }
        guard held > 0, var whole = value?.held else {
            value = nil
            return try give(bytes, body)
        }
        value = nil
        whole.append(contentsOf: bytes)
        try whole.withUnsafeBytes { try give($0, body) }
    }

    private mutating func give(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (Part, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        switch place {
        case .firstName, .name:
            memberName = try JSONReader.read(bytes) { reader in try reader.string() }
            place = .colon
        case .memberValue:
            place = .afterMember
            try JSONReader.read(bytes) { reader in try reader.skip() }
            try body(.member(memberName), bytes)
        default:
            place = .afterElement
            try body(.element, bytes)
        }
    }
}

extension JSONListCutter.Place {
    fileprivate var isEnd: Bool {
        if case .end = self { return true }
        return false
    }
}

extension JSONListCutter.Value {
    fileprivate init(beginningWith byte: UInt8) {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): self.init(shape: .container)
        case UInt8(ascii: "\""): self.init(shape: .string)
        default: self.init(shape: .scalar)
        }
    }

    /// Follows a string; says whether its closing quote was read.
    fileprivate mutating func followString(_ piece: UnsafeRawBufferPointer, _ offset: inout Int) -> Bool {
        if isEscaped {
            isEscaped = false
            offset += 1
            return false
        }
        offset = StringScan.run(piece, from: offset).end
        guard offset < piece.count else { return false }
        let byte = piece[offset]
        offset += 1
        isEscaped = byte == UInt8(ascii: "\\")
        isInString = byte != UInt8(ascii: "\"")
        return !isInString
    }
}
