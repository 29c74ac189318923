import FoundationEssentials
public import JSONModel
public import KubernetesAPI

/// An object as it was read: its header, and what is kept of it.
public struct DecodedObject<Value: Sendable>: Sendable {
    /// What it is, and where.
    public var header: ObjectHeader
    /// What is kept of it.
    public var value: Value
}

/// Reads objects of one type out of JSON.
public struct ObjectReader<Value: Sendable>: Sendable {
    /// What the objects are.
    public let resource: ResourceType
    /// How much of each object the server is asked for.
    public let representation: ObjectRepresentation
    /// What is read of the objects in Protocol Buffers; `nil` where watches are read in JSON alone.
    let shape: ProtobufShape?
    let strings: StringPool
    private let body: @Sendable (inout JSONReader, StringPool) throws -> DecodedObject<Value>

    /// Reads what a projection keeps, straight off the bytes.
    ///
    /// - Parameters:
    ///   - resource: what the objects are.
    ///   - projection: what is kept of them.
    ///   - shape: the fields that `projection` looks at, of a kind that API servers have in Protocol Buffers: watches are
    ///     asked for in that form then, and read in JSON where a server does not have it. `nil` for JSON alone.
    ///   - strings: shares the strings that repeat.
    public init(
        _ resource: ResourceType,
        _ projection: some ObjectProjection<Value>,
        shape: ProtobufShape? = nil,
        strings: StringPool = StringPool()
    ) {
        self.resource = resource
        self.shape = shape
        representation = .whole
        self.strings = strings
        body = { reader, strings in
            var header = ObjectHeader()
            var draft = projection.draft()
            try reader.beginObject()
            while let name = try reader.nextMember() {
                let isHeader = try header.read(name, &reader, strings) { name, reader in
                    try projection.readMetadata(name, &reader, into: &draft)
                }
                if isHeader { continue }
                if try !projection.read(name, &reader, into: &draft) { try reader.skip() }
            }
            try Self.check(header, resource)
            return DecodedObject(header: header, value: try projection.value(draft, header))
        }
    }

    /// Reads whole objects, one at a time, and keeps what `project` makes of each.
    ///
    /// The convenient way for resources of which a cluster has hundreds rather than ten thousands.
    ///
    /// - Parameters:
    ///   - type: what the objects are.
    ///   - project: makes of an object what is kept.
    public init<Object: KubernetesObject>(_ type: Object.Type, _ project: @escaping @Sendable (Object) -> Value) {
        resource = Object.resource
        shape = nil
        representation = .whole
        strings = StringPool(capacity: 256)
        body = { reader, strings in
            let bytes = try reader.raw()
            let header = try ObjectHeader(of: bytes, strings: strings)
            try Self.check(header, Object.resource)
            return DecodedObject(
                header: header,
                value: project(try JSONDecoder().decode(Object.self, from: Data(bytes)))
            )
        }
    }

    /// Reads objects of a resource that is known at run time only, as JSON.
    ///
    /// - Parameters:
    ///   - resource: what the objects are; one that does not say it, as in lists of built-in kinds, is made to.
    ///   - representation: how much of each is asked for.
    public init(_ resource: ResourceType, _ representation: ObjectRepresentation = .whole)
    where Value == UnstructuredObject {
        self.resource = resource
        self.representation = representation
        shape = nil
        strings = StringPool(capacity: 256)
        body = { reader, strings in
            let bytes = try reader.raw()
            var header = try ObjectHeader(of: bytes, strings: strings)
            let json = try JSONParser(limits: .bounded(bytes: bytes.count)).parse(Array(bytes))
            guard var object = UnstructuredObject(json), !header.name.isEmpty else { throw MissingName() }
            // The header ends with the metadata, behind which the kind may stand.
            if !object.kind.isEmpty { header.kind = object.kind }
            if representation == .whole || header.kind != ObjectRepresentation.partial {
                try Self.check(header, resource)
            }
            if object.kind.isEmpty { object = object.described(as: resource) }
            return DecodedObject(header: header, value: object)
        }
    }

    /// Reads the object that comes next.
    ///
    /// - Throws: when it is none of the resource, or cannot be read.
    public func object(_ reader: inout JSONReader) throws -> DecodedObject<Value> { try body(&reader, strings) }

    private static func check(_ header: ObjectHeader, _ resource: ResourceType) throws {
        if let kind = header.kind, !kind.isEmpty, kind != resource.kind {
            throw WrongKind(found: kind, expected: resource.kind)
        }
        guard !header.name.isEmpty else { throw MissingName() }
    }
}

extension JSONLimits {
    /// What an object or a list may hold whose size somebody else has bounded.
    static func bounded(bytes: Int) -> JSONLimits {
        JSONLimits(maximumBytes: bytes, maximumDepth: 128, maximumValues: 20_000_000)
    }
}

extension ObjectReader where Value: KubernetesObject {
    /// Reads whole objects and keeps them.
    public static var whole: ObjectReader { ObjectReader(Value.self) { $0 } }
}

/// An object is of another kind than the resource that was asked for.
struct WrongKind: Error {
    let found: String
    let expected: String
}

/// An object has no name.
struct MissingName: Error {}

extension ObjectReader {
    /// Reads one object, and if that is not possible says why, and whose object it is.
    ///
    /// - Parameters:
    ///   - bytes: the object; JSON, or else the result is `nil`.
    ///   - place: where the object stands in its document, for the sentence.
    /// - Returns: the object or the failure; `nil` when the bytes are no JSON.
    func outcome(_ bytes: UnsafeRawBufferPointer, at place: String = "") -> ObjectOutcome<Value>? {
        do {
            return .object(try JSONReader.read(bytes) { reader in try object(&reader) })
        } catch {
            guard (try? JSONReader.read(bytes) { reader in try reader.skip() }) != nil else { return nil }
            let header = (try? ObjectHeader(of: bytes, strings: strings)) ?? ObjectHeader()
            return .unreadable(header, cause: DecodingSentence(error, in: bytes, at: place).description)
        }
    }
}

/// What came of reading an object.
enum ObjectOutcome<Value: Sendable>: Sendable {
    case object(DecodedObject<Value>)
    /// It is JSON, but no such object; the header holds what could be read.
    case unreadable(ObjectHeader, cause: String)
}
