internal import FoundationEssentials
internal import JSONModel

/// The form in which a client wants objects, chosen from its `Accept` header.
enum Representation: Sendable, Hashable {
    case object
    case table
    case metadata

    /// Chooses the first form offered that the server has; protobuf is never among them.
    ///
    /// - Throws: a 406 ``APIFailure`` when nothing fits.
    static func negotiate(_ accept: String?) throws(APIFailure) -> Representation {
        guard let accept, !accept.isEmpty else { return .object }
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let type = parts.first else { continue }
            guard ["application/json", "*/*", "application/*", "application/yaml"].contains(type) else { continue }
            guard let form = parts.first(where: { $0.hasPrefix("as=") })?.dropFirst(3) else {
                if type == "application/yaml" { continue }
                return .object
            }
            switch form {
            case "Table": return .table
            case "PartialObjectMetadata", "PartialObjectMetadataList": return .metadata
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

    func list(_ objects: [JSONValue], metadata: [String: JSONValue], now: Date) -> JSONValue {
        switch representation {
        case .table: return table(objects, metadata: metadata, now: now, withColumns: true)
        case .metadata:
            return [
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": .object(metadata),
                "items": .array(objects.map(partial)),
            ]
        case .object:
            var metadata = metadata
            // Lists of custom resources always carry the member.
            if kind.custom != nil, metadata["continue"] == nil { metadata["continue"] = "" }
            let items = objects.map { stored -> JSONValue in
                var item = object(stored)
                if kind.custom == nil {
                    item.set("apiVersion", nil)
                    item.set("kind", nil)
                }
                return item
            }
            return [
                "kind": .string(kind.listKind), "apiVersion": .string(kind.groupVersion),
                "metadata": .object(metadata), "items": .array(items),
            ]
        }
    }

    /// A watch event's object; only the first table of a stream needs the column definitions.
    func event(_ stored: JSONValue, now: Date, isFirst: Bool) -> JSONValue {
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
