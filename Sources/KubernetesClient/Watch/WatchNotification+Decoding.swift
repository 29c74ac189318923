import FoundationEssentials
import JSONModel
public import KubernetesAPI

extension WatchNotification where Object: KubernetesObject {
    /// Reads one line.
    ///
    /// - Throws: ``APIError`` with code `malformedResponse` when the line is no watch event; what it said is lost then,
    ///   and a watcher must synchronise anew.
    public init(line: [UInt8]) throws(APIError) {
        let reader = ObjectReader<Object>.whole
        let read = line.withUnsafeBytes { bytes -> Result<WatchNotification<DecodedObject<Object>>, APIError> in
            do throws(APIError) {
                return .success(try WatchNotification<DecodedObject<Object>>(line: bytes, reader))
            } catch {
                return .failure(error)
            }
        }
        self = try read.get().map(\.value)
    }
}

extension WatchNotification {
    /// Reads one line.
    ///
    /// - Throws: `APIError` with code `malformedResponse` when the line is no watch event.
    init<Value>(
        line: UnsafeRawBufferPointer,
        _ objects: ObjectReader<Value>
    ) throws(APIError) where Object == DecodedObject<Value> {
        do {
            self = try WatchLine(objects).read(line)
        } catch {
            throw APIError(
                .malformedResponse,
                httpStatus: 500,
                message: "a line of the watch on \(objects.resource) is no watch event: "
                    + DecodingSentence(error, in: line).description
            )
        }
    }
}

/// Why a line is no watch event.
enum WatchLineProblem: String, Error {
    case unknownType = "the event type is unknown"
    case incomplete = "type or object is missing"
    case unreadableObject = "the object cannot be read"
}

/// Reads the lines of a watch: `{"type":"ADDED","object":{…}}`.
private struct WatchLine<Value: Sendable> {
    private typealias Notification = WatchNotification<DecodedObject<Value>>

    private enum EventType {
        case added, modified, deleted, bookmark, error
    }

    private let objects: ObjectReader<Value>

    init(_ objects: ObjectReader<Value>) { self.objects = objects }

    /// Reads the object where it stands when the type came before it, as API servers write it; otherwise, and when
    /// something is wrong with the object, looks at the line again.
    func read(_ line: UnsafeRawBufferPointer) throws -> WatchNotification<DecodedObject<Value>> {
        if let notification = try? JSONReader.read(line, { reader in try direct(&reader) }) { return notification }
        let (type, object) = try JSONReader.read(line) { reader in try parts(&reader) }
        return try notification(type, object)
    }

    private func direct(_ reader: inout JSONReader) throws -> Notification? {
        var type: EventType?
        var notification: Notification?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "type":
                guard type == nil else { return nil }
                type = try Self.type(&reader)
            case "object":
                switch type {
                case .added: notification = .added(try objects.object(&reader))
                case .modified: notification = .modified(try objects.object(&reader))
                case .deleted: notification = .deleted(try objects.object(&reader))
                case .bookmark, .error, nil: throw WatchLineProblem.incomplete
                }
            default: try reader.skip()
            }
        }
        return notification
    }

    private func parts(_ reader: inout JSONReader) throws -> (EventType, UnsafeRawBufferPointer) {
        var type: EventType?
        var object: UnsafeRawBufferPointer?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "type": type = try Self.type(&reader)
            case "object": object = try reader.raw()
            default: try reader.skip()
            }
        }
        guard let type, let object else { throw WatchLineProblem.incomplete }
        return (type, object)
    }

    private func notification(_ type: EventType, _ object: UnsafeRawBufferPointer) throws -> Notification {
        switch type {
        case .bookmark:
            var header = ObjectHeader()
            try JSONReader.read(object) { reader in try header.readBookmark(&reader, objects.strings) }
            return .bookmark(header.metadata)
        case .error:
            let status = try JSONDecoder().decode(StatusFailure.self, from: Data(object))
            return .failed(APIError(status, asked: "the watch on \(objects.resource)"))
        case .added, .modified, .deleted:
            switch objects.outcome(object, at: "object") {
            case .object(let object):
                return type == .added ? .added(object) : type == .modified ? .modified(object) : .deleted(object)
            case .unreadable(var header, let cause):
                let isOther = (header.kind ?? objects.resource.kind) != objects.resource.kind
                guard isOther || !header.name.isEmpty else { throw WatchLineProblem.unreadableObject }
                if isOther { header = ObjectHeader() }
                return .unreadable(header.metadata, isDeletion: type == .deleted, cause: cause)
            case nil: throw WatchLineProblem.unreadableObject
            }
        }
    }

    private static func type(_ reader: inout JSONReader) throws -> EventType {
        switch try reader.string() {
        case "ADDED": .added
        case "MODIFIED": .modified
        case "DELETED": .deleted
        case "BOOKMARK": .bookmark
        case "ERROR": .error
        default: throw WatchLineProblem.unknownType
        }
    }
}
