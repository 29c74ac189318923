import JSONModel
public import KubernetesAPI

/// An element of a list.
public enum ListedObject<Value: Sendable>: Sendable {
    /// An object.
    case object(DecodedObject<Value>)
    /// An element that is no such object: its key as far as it could be read, and why it could not.
    case unreadable(ObjectKey?, cause: String)
}

/// Where a list, or a page of it, stands.
public struct ListPosition: Sendable, Hashable {
    /// The version the list shows; a watch goes on from here.
    public var resourceVersion = ""
    /// The token of the next page; `nil` on the last.
    public var continueToken: String?

    /// Creates a position.
    public init(resourceVersion: String = "", continueToken: String? = nil) {
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
    }
}

/// Reads a list as it arrives, one element at a time.
struct ListDecoder<Value: Sendable> {
    private let reader: ObjectReader<Value>
    private let asked: String
    private var cutter = JSONListCutter(array: "items")
    private var position = ListPosition()

    /// Creates a decoder; `asked` names the request in errors.
    init(_ reader: ObjectReader<Value>, asked: String) {
        self.reader = reader
        self.asked = asked
    }

    /// Takes the next piece of the body.
    ///
    /// - Throws: `APIError` when this is no list; whatever `receive` throws.
    mutating func take(_ piece: [UInt8], _ receive: (ListedObject<Value>) throws -> Void) throws {
        var found: ListPosition?
        do {
            let reader = reader
            try piece.withUnsafeBytes { bytes in
                try cutter.cut(bytes) { part, bytes in
                    switch part {
                    case .element: try receive(try Self.element(bytes, reader))
                    case .member("metadata"): found = try ListPosition(bytes)
                    case .member: break
                    }
                }
            }
            if let found { position = found }
        } catch let error as JSONError {
            throw noList(error)
        }
    }

    /// Ends the body.
    ///
    /// - Throws: `APIError` when it was no complete list.
    func finish() throws(APIError) -> ListPosition {
        do {
            try cutter.finish()
        } catch {
            throw noList(error)
        }
        guard cutter.hasArray else { throw noList(JSONError(.wrongKind("a list"), offset: 0)) }
        return position
    }

    private static func element(
        _ bytes: UnsafeRawBufferPointer,
        _ reader: ObjectReader<Value>
    ) throws -> ListedObject<Value> {
        switch reader.outcome(bytes) {
        case .object(let object): return .object(object)
        case .unreadable(let header, let cause):
            return .unreadable(header.name.isEmpty ? nil : header.key, cause: cause)
        case nil: throw JSONError(.unexpectedByte, offset: 0)
        }
    }

    private func noList(_ error: JSONError) -> APIError {
        // Members of another document are none of the reader's business: its text is not shown.
        let cause = if case .wrongKind = error.problem { error.description } else { "it is no JSON" }
        return APIError(
            .malformedResponse,
            httpStatus: 200,
            message: "\(asked) was answered with something that is no list: \(cause)"
        )
    }
}

extension ListPosition {
    /// Reads the metadata of a list.
    fileprivate init(_ bytes: UnsafeRawBufferPointer) throws {
        var position = ListPosition()
        try JSONReader.read(bytes) { reader in
            try reader.members { name, reader in
                switch name {
                case "resourceVersion": position.resourceVersion = try reader.optionalString() ?? ""
                case "continue":
                    position.continueToken = try reader.optionalString().flatMap { $0.isEmpty ? nil : $0 }
                default: try reader.skip()
                }
            }
        }
        self = position
    }
}
