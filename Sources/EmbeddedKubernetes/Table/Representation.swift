internal import FoundationEssentials
internal import JSONModel

/// The form in which a client wants objects, chosen from its `Accept` header.
enum Representation: Sendable, Hashable {
    case object
    case table
    case metadata

    /// What is answered, where that decides which forms there are.
    enum Answered: Sendable {
        case object
        case list
        case events
    }

    /// Chooses the first form offered that the server has; protobuf is ``AnswerEncoding``'s affair.
    ///
    /// - Throws: a 406 ``APIFailure`` when nothing fits, or what fits is for lists and this is none, or the reverse.
    static func negotiate(
        _ accept: String?,
        _ answered: Answered,
        _ kind: ResourceKind
    ) throws(APIFailure) -> Representation {
        guard let accept, !accept.isEmpty else { return .object }
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let type = parts.first, ["application/json", "*/*", "application/*"].contains(type) else { continue }
            func parameter(_ name: String) -> String? {
                parts.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
            }
            guard parameter("as") != nil || parameter("g") != nil || parameter("v") != nil else { return .object }
            // A form is known by kind, group and version, and passed over when one of them is missing.
            guard parameter("g") == "meta.k8s.io", ["v1", "v1beta1"].contains(parameter("v")) else { continue }
            switch parameter("as") {
            case "Table": return .table
            case "PartialObjectMetadata":
                guard answered != .list else { throw mismatch("PartialObjectMetadata", "is a list", kind, "List") }
                return .metadata
            case "PartialObjectMetadataList":
                guard answered != .object else { throw mismatch("PartialObjectMetadataList", "is not a list", kind) }
                return .metadata
            default: continue
            }
        }
        throw APIFailure(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, "
                + "application/json;as=Table;v=v1;g=meta.k8s.io, "
                + "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
            details: [:]
        )
    }

    /// The 406 of a form for one object that is asked of a list, or of the form for lists asked of an object.
    private static func mismatch(
        _ form: String,
        _ problem: String,
        _ kind: ResourceKind,
        _ suffix: String = ""
    ) -> APIFailure {
        let package = kind.stored.group.split(separator: ".").first.map(String.init) ?? "core"
        let type = kind.custom == nil ? "\(package).\(kind.kind)" : "unstructured.Unstructured"
        return APIFailure(
            406,
            "NotAcceptable",
            "you requested \(form), but the requested object \(problem) (*\(type)\(suffix))"
        )
    }
}

/// Renders stored objects of one kind in one form.
struct ObjectRenderer: Sendable {
    let kind: ResourceKind
    let representation: Representation
    private let columns: [TableColumn]

    init(kind: ResourceKind, representation: Representation) {
        self.kind = kind
        self.representation = representation
        columns = representation == .table ? BuiltinColumns.columns(for: kind) : []
    }

    /// An object as its kind's version shows it: events are converted, custom kinds get the version asked for.
    func object(_ stored: JSONValue) -> JSONValue {
        var object = kind.served.group == "events.k8s.io" ? EventConversion.eventsV1(stored) : stored
        object.set("apiVersion", .string(kind.groupVersion))
        object.set("kind", .string(kind.kind))
        return object
    }

    func single(_ stored: JSONValue, now: Date) -> JSONValue {
        switch representation {
        case .object: return object(stored)
        case .metadata: return partial(stored)
        case .table:
            let version = stored.value(at: "metadata", "resourceVersion") ?? ""
            return table([stored], metadata: ["resourceVersion": version], now: now, withColumns: true)
        }
    }

    /// A list as JSON.
    func list(_ objects: [StoredObject], metadata: [String: JSONValue], now: Date) -> [UInt8] {
        switch representation {
        case .table:
            return JSONSerializer().bytes(table(objects.map(\.value), metadata: metadata, now: now, withColumns: true))
        case .metadata:
            return JSONSerializer().bytes([
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": .object(metadata),
                "items": .array(objects.map { partial($0.value) }),
            ])
        case .object:
            var metadata = metadata
            // Lists of custom resources always carry the member.
            if kind.custom != nil, metadata["continue"] == nil { metadata["continue"] = "" }
            return wholeList(objects, metadata)
        }
    }

    /// A list of whole objects, put together from the text of each.
    private func wholeList(_ objects: [StoredObject], _ metadata: [String: JSONValue]) -> [UInt8] {
        let head: JSONValue = [
            "kind": .string(kind.listKind), "apiVersion": .string(kind.groupVersion), "metadata": .object(metadata),
        ]
        var bytes = Array(JSONSerializer().bytes(head).dropLast())
        bytes.reserveCapacity(objects.reduce(bytes.count + 16) { $0 + $1.members.count + 128 })
        bytes.append(contentsOf: #","items":["#.utf8)
        for (index, stored) in objects.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendItem(stored, to: &bytes)
        }
        bytes.append(contentsOf: "]}".utf8)
        return bytes
    }

    private func appendItem(_ stored: StoredObject, to bytes: inout [UInt8]) {
        guard kind.custom == nil else { return append(stored, to: &bytes) }
        guard isConverted else { return stored.appendItem(to: &bytes) }
        var item = object(stored.value)
        item.set("apiVersion", nil)
        item.set("kind", nil)
        bytes.append(contentsOf: JSONSerializer().bytes(item))
    }

    /// Whether objects are shown in another shape than they are stored in.
    private var isConverted: Bool { kind.served.group == "events.k8s.io" }

    private func append(_ stored: StoredObject, to bytes: inout [UInt8]) {
        guard isConverted else {
            return stored.append(to: &bytes, apiVersion: kind.groupVersion, kind: kind.kind)
        }
        bytes.append(contentsOf: JSONSerializer().bytes(object(stored.value)))
    }

    /// The line of a watch that tells of an object; only the first table of a stream needs the column definitions.
    func eventLine(_ type: Change.Kind, _ stored: StoredObject, now: Date, isFirst: Bool) -> [UInt8] {
        guard representation == .object else {
            return WatchHub.line(type.rawValue, event(stored.value, now: now, isFirst: isFirst))
        }
        var line: [UInt8] = []
        line.reserveCapacity(stored.members.count + 160)
        // The type first, as the API server writes it.
        line.append(contentsOf: "{\"type\":\"\(type.rawValue)\",\"object\":".utf8)
        append(stored, to: &line)
        line.append(contentsOf: "}\n".utf8)
        return line
    }

    /// The object of a BOOKMARK event in the form that the client wants: in a table it is a row that says nothing.
    func bookmark(_ bookmark: JSONValue, now: Date, isFirst: Bool) -> JSONValue {
        representation == .object ? bookmark : event(bookmark, now: now, isFirst: isFirst)
    }

    private func event(_ stored: JSONValue, now: Date, isFirst: Bool) -> JSONValue {
        guard representation == .table else { return single(stored, now: now) }
        let version = stored.value(at: "metadata", "resourceVersion") ?? ""
        return table([stored], metadata: ["resourceVersion": version], now: now, withColumns: isFirst)
    }

    private func partial(_ stored: JSONValue) -> JSONValue {
        [
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": stored["metadata"] ?? [:],
        ]
    }

    private func table(
        _ objects: [JSONValue],
        metadata: [String: JSONValue],
        now: Date,
        withColumns: Bool
    ) -> JSONValue {
        let rows = objects.map { stored -> JSONValue in
            ["cells": .array(columns.map { $0.cell(stored, now) }), "object": partial(stored)]
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": .object(metadata),
            "columnDefinitions": withColumns ? .array(columns.map(\.definition)) : .null, "rows": .array(rows),
        ]
    }
}
