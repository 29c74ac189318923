internal import JSONModel
internal import KubernetesAPI

/// Reading request bodies, and what strict decoding finds wrong in them.
enum BodyDecoding {
    static let mediaTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]

    /// Schemas of definitions nest two levels for each level of the object they describe.
    private static let parser = JSONParser(limits: JSONLimits(maximumDepth: 160), duplicateKeys: .lastWins)

    struct Decoded {
        var value: JSONValue
        /// `duplicate field "spec.color"` for each member written twice.
        var problems: [String]
    }

    static func object(_ request: ResourceRequest) throws(APIFailure) -> Decoded {
        let body = request.request.body ?? []
        switch request.contentType {
        case "application/json", "", "*/*", "application/x-www-form-urlencoded":
            return try json(body, what: request.kind)
        case "application/yaml": return try yaml(body, what: request.kind)
        case "application/vnd.kubernetes.protobuf":
            do throws(ProtobufError) {
                return Decoded(value: try KubernetesProtobuf.decode(body), problems: [])
            } catch {
                if case .unknownKind = error.problem { throw .unsupportedMediaType(accepted: ["application/json"]) }
                throw .badRequest(
                    "the object provided is unrecognized (must be of type \(request.kind.kind)): \(error)"
                )
            }
        default: throw .unsupportedMediaType(accepted: mediaTypes)
        }
    }

    static func json(_ body: [UInt8], what kind: ResourceKind) throws(APIFailure) -> Decoded {
        var duplicates: [String] = []
        do throws(JSONError) {
            let value = try parser.parse(body, duplicates: &duplicates)
            return Decoded(value: value, problems: duplicates.map { "duplicate field \"\($0)\"" })
        } catch {
            throw .badRequest("the object provided is unrecognized (must be of type \(kind.kind)): \(error)")
        }
    }

    /// A body that may be YAML; JSON is read as such, for its errors and its numbers.
    static func yaml(_ body: [UInt8], what kind: ResourceKind) throws(APIFailure) -> Decoded {
        let first = body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return try json(body, what: kind) }
        do throws(YAMLBody.Problem) {
            return Decoded(value: try YAMLBody.parse(body), problems: [])
        } catch {
            throw .badRequest("error decoding YAML: \(error.message)")
        }
    }

    /// Checks that the object says what kind it is, and that it is the kind of the path.
    static func checkKind(_ object: JSONValue, _ kind: ResourceKind) throws(APIFailure) {
        guard object.object != nil else {
            throw .badRequest("the object provided is unrecognized (must be of type \(kind.kind)): not an object")
        }
        guard let stated = object["kind"]?.string, !stated.isEmpty else {
            if kind.custom != nil { throw .badRequest("Object 'Kind' is missing in the request body") }
            return
        }
        guard let version = object["apiVersion"]?.string, !version.isEmpty else {
            if kind.custom != nil { throw .badRequest("Object 'apiVersion' is missing in the request body") }
            return
        }
        guard version == kind.groupVersion else {
            throw .badRequest(
                "the API version in the data (\(version)) does not match the expected API version "
                    + "(\(kind.groupVersion))"
            )
        }
        guard stated == kind.kind else {
            throw .badRequest(
                "\(stated) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): "
                    + "expected kind \(kind.kind)"
            )
        }
    }

    private static let metadataFields: Set<String> = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
        "managedFields", "clusterName",
    ]

    /// `unknown field "spec.colour"` for each field that the kind does not have.
    static func unknownFields(_ object: JSONValue, _ kind: ResourceKind) -> [String] {
        var paths = unknownMetadata(object)
        if let schema = kind.custom?.schema {
            paths += SchemaPruning.unknownFields(in: object, schema: schema, path: "", isObject: true)
        } else {
            paths += BuiltinFields.unknown(in: object, kind)
        }
        return paths.map { "unknown field \"\($0)\"" }
    }

    /// The paths of fields that no object's metadata has.
    static func unknownMetadata(_ object: JSONValue) -> [String] {
        (object["metadata"]?.object ?? [:]).keys.sorted().filter { !metadataFields.contains($0) }
            .map { "metadata.\($0)" }
    }

    /// Checks the shapes in `metadata` and drops what it does not know.
    static func cleanMetadata(_ object: inout JSONValue, _ kind: ResourceKind) throws(APIFailure) {
        func refuse(_ field: String, _ wanted: String) -> APIFailure {
            .badRequest(
                "\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): "
                    + "metadata.\(field) must be of type \(wanted)"
            )
        }
        var metadata = object["metadata"] ?? [:]
        if metadata.isNull { metadata = [:] }
        guard var members = metadata.object else { throw refuse("", "object") }
        members = members.filter { metadataFields.contains($0.key) && !$0.value.isNull }
        for field in [
            "name", "generateName", "namespace", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp",
        ] {
            if let value = members[field], value.string == nil { throw refuse(field, "string") }
        }
        try checkNumbersAndTimes(members, refuse)
        for field in ["labels", "annotations"] {
            guard let value = members[field] else { continue }
            guard let entries = value.object else { throw refuse(field, "map[string]string") }
            for entry in entries.values where entry.string == nil && !entry.isNull {
                throw refuse(field, "map[string]string")
            }
            let kept = entries.mapValues { $0.isNull ? "" : $0 }
            members[field] = kept.isEmpty ? nil : .object(kept)
        }
        for (field, type) in [("finalizers", "string"), ("ownerReferences", "object")] {
            guard let value = members[field] else { continue }
            guard let elements = value.array, elements.allSatisfy({ $0.typeName == type }) else {
                throw refuse(field, "[]\(type)")
            }
            if elements.isEmpty { members.removeValue(forKey: field) }
        }
        object.set("metadata", .object(members))
    }

    private static func checkNumbersAndTimes(
        _ metadata: [String: JSONValue],
        _ refuse: (String, String) -> APIFailure
    ) throws(APIFailure) {
        for field in ["generation", "deletionGracePeriodSeconds"] {
            if let value = metadata[field], value.integer == nil { throw refuse(field, "int64") }
        }
        for field in ["creationTimestamp", "deletionTimestamp"] {
            if let text = metadata[field]?.string, Timestamps.parse(text) == nil { throw refuse(field, "time") }
        }
        if let value = metadata["managedFields"], value.array == nil {
            throw refuse("managedFields", "[]v1.ManagedFieldsEntry")
        }
    }

    /// Applies the client's choice for fields that nobody knows: refuse, warn, or say nothing.
    static func report(_ problems: [String], _ options: WriteOptions, _ request: inout ResourceRequest)
        throws(APIFailure)
    {
        guard !problems.isEmpty, options.fieldValidation != .ignore else { return }
        if options.fieldValidation == .warn {
            request.warnings += problems
            return
        }
        let kind = request.kind
        let text = "strict decoding error: \(problems.joined(separator: ", "))"
        guard request.request.method != .patch else { throw .unreadable(patch: request.request.body ?? [], text) }
        throw .badRequest("\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): \(text)")
    }
}
