import FoundationEssentials
import KubernetesAPI

/// Writes what a shape holds of an object in Protocol Buffers as JSON, so that both forms are read by the same code.
///
/// The JSON is a fraction of the object: the fields of the shape and nothing else.
struct ProtobufTranscriber: Sendable {
    /// The envelope of an object (`runtime.Unknown`), taken apart.
    private struct Envelope {
        var apiVersion = UnsafeRawBufferPointer(start: nil, count: 0)
        var kind = UnsafeRawBufferPointer(start: nil, count: 0)
        var object = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// What stands before every object: `k8s` and a zero.
    static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    /// What was written last.
    private(set) var json: [UInt8] = []
    private let limit: Int

    /// Creates a transcriber whose texts are at most `limit` bytes long.
    init(limit: Int) { self.limit = limit }

    /// Writes the event in a frame of a watch (`meta/v1`, `WatchEvent`) as the line it would be in JSON.
    ///
    /// - Parameters:
    ///   - frame: the event.
    ///   - shape: what is read of the watched objects.
    /// - Throws: ``ProtobufError``.
    mutating func transcribe(event frame: UnsafeRawBufferPointer, _ shape: ProtobufShape) throws(ProtobufError) {
        var type: UnsafeRawBufferPointer?
        var object: UnsafeRawBufferPointer?
        var reader = ProtobufReader(frame)
        while let (number, value) = try reader.next() {
            guard case .bytes(let bytes) = value else { continue }
            if number == 1 { type = bytes }
            if number == 2 { object = try Self.raw(bytes) }
        }
        guard let type, let object else { throw .noEvent }
        json.removeAll(keepingCapacity: true)
        json.append(contentsOf: "{\"type\":".utf8)
        append(text: type)
        json.append(contentsOf: ",\"object\":".utf8)
        try append(object: object, Self.shape(ofType: type, shape))
        json.append(UInt8(ascii: "}"))
        guard json.count <= limit else { throw .tooLong(limit: limit) }
    }

    /// Writes an object with its envelope.
    ///
    /// - Throws: ``ProtobufError``.
    mutating func transcribe(object bytes: UnsafeRawBufferPointer, _ shape: ProtobufShape) throws(ProtobufError) {
        json.removeAll(keepingCapacity: true)
        try append(object: bytes, shape)
        guard json.count <= limit else { throw .tooLong(limit: limit) }
    }

    /// Errors and bookmarks are objects of other shapes.
    private static func shape(ofType type: UnsafeRawBufferPointer, _ shape: ProtobufShape) -> ProtobufShape {
        if type.elementsEqual("ERROR".utf8) { return .status }
        return type.elementsEqual("BOOKMARK".utf8) ? .bookmark : shape
    }

    /// The object in a `runtime.RawExtension`.
    private static func raw(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> UnsafeRawBufferPointer? {
        var object: UnsafeRawBufferPointer?
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            if number == 1, case .bytes(let bytes) = value { object = bytes }
        }
        return object
    }

    private static func envelope(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Envelope {
        guard bytes.starts(with: magic) else { throw .noEnvelope }
        var envelope = Envelope()
        var reader = ProtobufReader(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(magic.count)))
        while let (number, value) = try reader.next() {
            guard case .bytes(let bytes) = value else { continue }
            if number == 2 { envelope.object = bytes }
            guard number == 1 else { continue }
            var type = ProtobufReader(bytes)
            while let (number, value) = try type.next() {
                guard case .bytes(let bytes) = value else { continue }
                if number == 1 { envelope.apiVersion = bytes }
                if number == 2 { envelope.kind = bytes }
            }
        }
        return envelope
    }

    // MARK: - Writing

    private mutating func append(
        object bytes: UnsafeRawBufferPointer,
        _ shape: ProtobufShape
    ) throws(ProtobufError) {
        let envelope = try Self.envelope(bytes)
        json.append(contentsOf: "{\"kind\":".utf8)
        append(text: envelope.kind)
        json.append(contentsOf: ",\"apiVersion\":".utf8)
        append(text: envelope.apiVersion)
        try append(membersOf: envelope.object, shape, isFirst: false)
        json.append(UInt8(ascii: "}"))
    }

    /// Writes the members of a message.
    ///
    /// - Parameters:
    ///   - bytes: the message.
    ///   - shape: what is read of it.
    ///   - isFirst: whether none stands before them.
    /// - Returns: whether still none stands there.
    /// - Throws: ``ProtobufError``.
    @discardableResult
    private mutating func append(
        membersOf bytes: UnsafeRawBufferPointer,
        _ shape: ProtobufShape,
        isFirst: Bool
    ) throws(ProtobufError) -> Bool {
        var isFirst = isFirst
        /// The numbers of the lists that were written, which may lie scattered in a message.
        var lists: [UInt64] = []
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            guard json.count <= limit else { throw .tooLong(limit: limit) }
            guard let field = shape.field(number), !lists.contains(number), field.isWorthWriting(value) else {
                continue
            }
            if case (.inlined(let shape), .bytes(let bytes)) = (field.content, value) {
                isFirst = try append(membersOf: bytes, shape, isFirst: isFirst)
                continue
            }
            if !isFirst { json.append(UInt8(ascii: ",")) }
            isFirst = false
            append(name: field.name)
            switch (field.content, value) {
            case (.text, .bytes(let bytes)): append(text: bytes)
            case (.integer, .number(let number)): append(plain: String(Int64(bitPattern: number)))
            case (.time, .bytes(let bytes)): try append(time: bytes)
            case (.message(let shape), .bytes(let bytes)): try append(message: bytes, shape)
            case (.messages(let shape), .bytes(let bytes)):
                lists.append(number)
                try append(between: Self.list, bytes, number, reader) { (writer, bytes) throws(ProtobufError) in
                    try writer.append(message: bytes, shape)
                }
            case (.texts, .bytes(let bytes)):
                lists.append(number)
                try append(between: Self.map, bytes, number, reader) { (writer, bytes) throws(ProtobufError) in
                    try writer.append(entry: bytes)
                }
            default: throw .malformedField
            }
        }
        return isFirst
    }

    private mutating func append(
        message bytes: UnsafeRawBufferPointer,
        _ shape: ProtobufShape
    ) throws(ProtobufError) {
        json.append(UInt8(ascii: "{"))
        try append(membersOf: bytes, shape, isFirst: true)
        json.append(UInt8(ascii: "}"))
    }

    /// Writes everything that a field holds which may occur often: `first`, and what follows in `rest`, among other fields.
    ///
    /// - Parameters:
    ///   - brackets: what stands around it.
    ///   - first: the field where it occurs first.
    ///   - number: the field's number.
    ///   - rest: the message behind that place.
    ///   - write: writes one occurrence.
    /// - Throws: ``ProtobufError``.
    private mutating func append(
        between brackets: (open: UInt8, close: UInt8),
        _ first: UnsafeRawBufferPointer,
        _ number: UInt64,
        _ rest: ProtobufReader,
        _ write: (inout Self, UnsafeRawBufferPointer) throws(ProtobufError) -> Void
    ) throws(ProtobufError) {
        var rest = rest
        json.append(brackets.open)
        try write(&self, first)
        while let (other, value) = try rest.next() {
            guard other == number else { continue }
            guard case .bytes(let bytes) = value else { throw .malformedField }
            json.append(UInt8(ascii: ","))
            try write(&self, bytes)
        }
        json.append(brackets.close)
    }

    private mutating func append(entry bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
        var name = UnsafeRawBufferPointer(start: nil, count: 0)
        var text = name
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            guard case .bytes(let bytes) = value else { continue }
            if number == 1 { name = bytes }
            if number == 2 { text = bytes }
        }
        append(text: name)
        json.append(UInt8(ascii: ":"))
        append(text: text)
    }

    /// Writes a `meta/v1` `Time`: seconds since 1970; the API has no smaller parts.
    private mutating func append(time bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
        var seconds: Int64 = 0
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            if number == 1, case .number(let value) = value { seconds = Int64(bitPattern: value) }
        }
        let text = RFC3339.text(Date(timeIntervalSince1970: Double(seconds)), fractionalDigits: 0)
        append(plain: "\"\(text)\"")
    }

    private mutating func append(name: String) {
        json.append(UInt8(ascii: "\""))
        json.append(contentsOf: name.utf8)
        json.append(contentsOf: "\":".utf8)
    }

    private mutating func append(plain text: String) { json.append(contentsOf: text.utf8) }

    private static let list = (open: UInt8(ascii: "["), close: UInt8(ascii: "]"))
    private static let map = (open: UInt8(ascii: "{"), close: UInt8(ascii: "}"))
    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Writes a text (RFC 8259, section 7); whether it is UTF-8 is seen by who reads the JSON.
    private mutating func append(text: UnsafeRawBufferPointer) {
        json.append(UInt8(ascii: "\""))
        if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            json.append(contentsOf: text)
        } else {
            for byte in text { append(escaping: byte) }
        }
        json.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            json.append(UInt8(ascii: "\\"))
            json.append(byte)
        case ..<0x20:
            json.append(contentsOf: "\\u00".utf8)
            json.append(Self.hexDigits[Int(byte >> 4)])
            json.append(Self.hexDigits[Int(byte & 15)])
        default: json.append(byte)
        }
    }
}

extension ProtobufShape.Field {
    /// Whether JSON has the field: Go writes empty texts, and moments that are not set, where JSON leaves them out.
    fileprivate func isWorthWriting(_ value: ProtobufReader.Value) -> Bool {
        switch (content, value) {
        case (.text, .bytes(let bytes)), (.time, .bytes(let bytes)): !bytes.isEmpty
        default: true
        }
    }
}
