internal import FoundationEssentials
internal import JSONModel

/// The shapes that decoding of built-in kinds insists on, for the fields that clients get wrong.
enum BuiltinDecoding {
    private static let microTimes: [GroupResource: [[String]]] = [
        .leases: [["spec", "acquireTime"], ["spec", "renewTime"]],
        .events: [["eventTime"], ["series", "lastObservedTime"]],
    ]
    private static let times: [GroupResource: [[String]]] = [
        .events: [["firstTimestamp"], ["lastTimestamp"]]
    ]
    private static let numbers: [GroupResource: [[String]]] = [
        .leases: [["spec", "leaseDurationSeconds"], ["spec", "leaseTransitions"]],
        .events: [["count"], ["series", "count"]],
    ]
    private static let truths: [GroupResource: [String]] = [
        .configMaps: ["immutable"], .secrets: ["immutable"], .serviceAccounts: ["automountServiceAccountToken"],
    ]
    private static let texts: [GroupResource: [(path: [String], type: String)]] = [
        .secrets: [(["type"], "v1.SecretType")], .leases: [(["spec", "holderIdentity"], "string")],
    ]
    /// Where bytes are, written in base64.
    private static let bytes: [GroupResource: String] = [.configMaps: "binaryData", .secrets: "data"]
    private static let objects = [
        "spec", "status", "data", "binaryData", "stringData", "involvedObject", "series", "related", "source",
    ]

    static func check(_ object: JSONValue, _ kind: ResourceKind) throws(APIFailure) {
        func refuse(_ why: String) -> APIFailure {
            .badRequest("\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind): \(why)")
        }
        for member in objects {
            if let value = object[member], value.object == nil, !value.isNull {
                throw refuse(value.cannotUnmarshal(into: "struct field \(kind.kind).\(member)"))
            }
        }
        for path in microTimes[kind.stored] ?? [] {
            if let problem = problem(object.value(path: path), fraction: ".000000") { throw refuse(problem) }
        }
        for path in times[kind.stored] ?? [] {
            if let problem = problem(object.value(path: path), fraction: "") { throw refuse(problem) }
        }
        for path in numbers[kind.stored] ?? [] {
            guard let value = object.value(path: path), !value.isNull else { continue }
            if let number = value.integer, Int32(exactly: number) != nil { continue }
            throw refuse(value.cannotUnmarshal(into: "struct field .\(path.joined(separator: ".")) of type int32"))
        }
        if let problem = mistyped(object, kind) { throw refuse(problem) }
        for member in ["data", "stringData"] {
            for (key, value) in object[member]?.object ?? [:] where value.string == nil && !value.isNull {
                throw refuse(value.cannotUnmarshal(into: "struct field \(kind.kind).\(member).\(key) of type string"))
            }
        }
    }

    /// What is wrong with a truth value, a text or bytes.
    private static func mistyped(_ object: JSONValue, _ kind: ResourceKind) -> String? {
        func problem(_ path: [String], _ value: JSONValue, _ type: String) -> String {
            value.cannotUnmarshal(into: "struct field \(kind.kind).\(path.joined(separator: ".")) of type \(type)")
        }
        for member in truths[kind.stored] ?? [] {
            if let value = object[member], value.bool == nil, !value.isNull { return problem([member], value, "bool") }
        }
        for (path, type) in texts[kind.stored] ?? [] {
            if let value = object.value(path: path), value.string == nil, !value.isNull {
                return problem(path, value, type)
            }
        }
        guard let member = bytes[kind.stored] else { return nil }
        for value in (object[member]?.object ?? [:]).values {
            let text = (value.string ?? "").filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" }
            if Data(base64Encoded: text) == nil { return "illegal base64 data at input byte 0" }
        }
        return nil
    }

    /// The object as Go keeps it: `null` in a map of texts is the empty one, elsewhere it is nothing.
    static func normalised(_ object: JSONValue, _ kind: ResourceKind) -> JSONValue {
        guard [.configMaps, .secrets, .serviceAccounts, .leases].contains(kind.stored) else { return object }
        var result = JSONValue.object((object.object ?? [:]).filter { !$0.value.isNull })
        for member in ["data", "binaryData", "stringData"] {
            guard let entries = result[member]?.object else { continue }
            let texts = entries.mapValues { $0.isNull ? "" : $0 }
            result.set(member, texts.isEmpty ? .none : .some(.object(texts)))
        }
        if kind.stored == .leases { result.set("spec", .object(members(result["spec"]))) }
        return result
    }

    private static func members(_ value: JSONValue?) -> [String: JSONValue] {
        (value?.object ?? [:]).filter { !$0.value.isNull }
    }

    /// What Go's time parser says about a text that is no time of the layout; a `MicroTime` has exactly six digits.
    private static func problem(_ value: JSONValue?, fraction: String) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string else {
            return value.cannotUnmarshal(into: "value of type string")
        }
        let layout = "2006-01-02T15:04:05\(fraction)Z07:00"
        func words(_ rest: some StringProtocol, _ part: String) -> String {
            "parsing time \"\(text)\" as \"\(layout)\": cannot parse \"\(rest)\" as \"\(part)\""
        }
        if text.prefix(4).count < 4 || Int(text.prefix(4)) == nil { return words(text, "2006") }
        guard Timestamps.parse(text) != nil else { return words(text.dropFirst(4), "-") }
        guard !fraction.isEmpty else { return nil }
        let rest = text.dropFirst(19)
        let digits = rest.dropFirst().prefix { ("0"..."9").contains($0) }
        if rest.first != "." || digits.count < 6 { return words(rest, fraction) }
        if digits.count > 6 { return words(rest.dropFirst(7), "Z07:00") }
        return nil
    }
}
